"""The episodes of one run laid out for the runner, and the truth that stays outside.

Inputs lie in the order of episodes, of each the support, class after class, and then its queries, shuffled by a secret
of this run: neither order nor place tells a query's class, or whether it is of any.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield.families.few_shot_classification import Episode
from farfield_evaluators.benchmark import Benchmark, Domain
from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.evaluate import Truth
from farfield_evaluators.suites.rdfsl.draws import Drawn, drawn
from farfield_evaluators.suites.rdfsl.scoring import EPISODE
from farfield_evaluators.suites.rdfsl.sets import support_of

Ints = npt.NDArray[np.int64]
NO_DOMAIN = -1  # of support examples, which are not scored
UNKNOWN = -1  # the label of a query of no class of its episode


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The images of one class of a test domain, as places in the pack in the order of their source."""

    support: Ints
    queries: Ints


def truth_of(benchmark: Benchmark, pack: Pack, episode: Episode, count: int, seed: int) -> Truth:
    """The examples of all episodes of all test domains, each of `count`, in the order in which they are given.

    Raises PackError for a domain with too few classes, or too few images of one.
    """
    chance = np.random.default_rng(secrets.randbits(128))
    parts = [_of_domain(pack, d, episode, count, seed, chance) for d in benchmark.domains]
    domains = np.repeat(np.arange(len(parts)), [len(positions) for positions, _ in parts])
    labels = np.concatenate([labels for _, labels in parts])
    within = np.arange(len(labels)) % len(episode)
    return Truth(
        labels=labels,
        domains=np.where(within < episode.support, NO_DOMAIN, domains),
        classes=episode.way,
        positions=np.concatenate([positions for positions, _ in parts]),
        targets={EPISODE: np.arange(len(labels)) // len(episode)},
        class_names=tuple(f"class {number + 1}" for number in range(episode.way)),
    )


def pools(pack: Pack, domain: Domain, episode: Episode) -> tuple[Pool, ...]:
    """Those of the classes of a test domain, in their order. Raises PackError where they do not do for an episode."""
    queries, support = pack.members(domain.set), pack.members(support_of(domain.set))
    classes = np.unique(pack.labels[queries])
    found = tuple(Pool(support=_of_class(pack, support, c), queries=_of_class(pack, queries, c)) for c in classes)
    needed = episode.way + episode.others
    if len(found) < needed:
        raise PackError(f"{domain.set} has {len(found)} classes, and an episode {needed}; import {pack.name} again")
    for number, pool in zip(classes, found, strict=True):
        if len(pool.support) < episode.shots or len(pool.queries) < episode.queries:
            has = f"{pack.classes[number].name} has {len(pool.support)} support and {len(pool.queries)} query images"
            raise PackError(f"{domain.set}: {has}, and an episode takes {episode.shots} and {episode.queries}")
    return found


def _of_class(pack: Pack, positions: Ints, label: int) -> Ints:
    return pack.in_source_order(positions[pack.labels[positions] == label])


def _of_domain(
    pack: Pack, domain: Domain, episode: Episode, count: int, seed: int, chance: np.random.Generator
) -> tuple[Ints, Ints]:
    """Positions in the pack and labels within their episodes, both [count * len(episode)]."""
    of_classes = pools(pack, domain, episode)
    sizes = [(len(pool.support), len(pool.queries)) for pool in of_classes]
    laid_out = [_one(of_classes, d, episode, chance) for d in drawn(sizes, episode, count, seed)]
    return np.concatenate([p for p, _ in laid_out]), np.concatenate([labels for _, labels in laid_out])


def _one(of_classes: Sequence[Pool], one: Drawn, episode: Episode, chance: np.random.Generator) -> tuple[Ints, Ints]:
    support = [of_classes[c].support[places] for c, places in zip(one.classes, one.support, strict=True)]
    queries = [of_classes[c].queries[places] for c, places in zip(one.classes, one.queries, strict=True)]
    queries += [of_classes[c].queries[places] for c, places in zip(one.others, one.open, strict=True)]
    answers = np.repeat([*range(episode.way), *[UNKNOWN] * episode.others], episode.queries)
    order = chance.permutation(len(answers))
    return np.concatenate([*support, np.concatenate(queries)[order]]), np.concatenate([episode.labels, answers[order]])
