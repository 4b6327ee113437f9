"""One run of a sweep, laid out for the runner: training minibatches come from train/, predictions are made for test/.

test/ holds every example of every environment, shuffled by a secret permutation, without a label or an environment:
DomainBed evaluates on the in- and the out-split of all of them at each checkpoint. train/ holds the in-splits of the
environments that are not held out, with their labels.

A transductive method predicts from a batch, and DomainBed's batches are of one split of one environment. For such a
method test/ says which split each example is of, which tells nothing of its class.
"""

import secrets
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from farfield.runtime.dataset import GROUPS
from farfield_evaluators.data.packs import Ints, Pack, PackError, Pixels
from farfield_evaluators.staged_features import Features
from farfield_evaluators.staging import stage_inputs
from farfield_evaluators.suites.domainbed.data.environments import RULES
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.seeds import split
from farfield_evaluators.suites.domainbed.sweep import Cell

BINARY = ("five or more", "below five")
SEEN, UNSEEN = "seen", "unseen"
OUT, GIVEN = 1, 2


@dataclass(frozen=True, kw_only=True)
class EnvironmentData:
    """All examples of an environment, in DomainBed's order: labels [n], positions [n] in the pack, splits of them.

    images: uint8 [n, H, W, C] where they are made for the trial; None where they lie in the pack as they are.
    held_out and kept are DomainBed's out- and in-split, positions into the environment; `unlabeled` is what of a
    held-out environment's in-split is given without labels, and so is not among those kept.
    """

    labels: Ints
    positions: Ints
    held_out: Ints
    kept: Ints
    images: Pixels | None = None
    unlabeled: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The hidden side of a staged run, in staged order: label [N], environment [N], split [N].

    `held_out` is 0 in the in-split, 1 in the out-split, and 2 among the images that were given without labels.
    """

    labels: Ints
    environments: Ints
    held_out: Ints
    in_sizes: tuple[int, ...]


def class_names(dataset: DataSet, pack: Pack) -> tuple[str, ...]:
    """The classes of the data set: ColoredMNIST has two, whatever its digits."""
    return BINARY if dataset.rule == "colored" else tuple(c.name for c in pack.classes)


def environments(dataset: DataSet, pack: Pack, cell: Cell, unlabeled: float = 0.0) -> tuple[EnvironmentData, ...]:
    """Every environment of the data set for this trial, `unlabeled` of those held out given without labels.

    Raises PackError for a pack of other environments, and for one too small to give any.
    """
    every = _every(dataset, pack, cell)
    return tuple(
        _divided(each, number, cell.trial_seed, unlabeled) if unlabeled and number in cell.test_envs else each
        for number, each in enumerate(every)
    )


def _divided(of: EnvironmentData, number: int, trial_seed: int, unlabeled: float) -> EnvironmentData:
    """The in-split divided as DomainBed divides it: by the environment's own draw, from a fraction of it."""
    given, kept = split(len(of.kept), trial_seed, number, unlabeled)
    if not len(given):
        raise PackError(
            f"environment {number} has {len(of.kept)} images in its in-split, too few to give any unlabeled"
        )
    return replace(of, kept=of.kept[kept], unlabeled=of.kept[given])


def _every(dataset: DataSet, pack: Pack, cell: Cell) -> tuple[EnvironmentData, ...]:
    if dataset.rule:
        made = RULES[dataset.rule](pack, cell.trial_seed)
        return tuple(
            _made(e.labels, e.positions, np.moveaxis(e.images, 1, -1), cell.trial_seed, number)
            for number, e in enumerate(made)
        )
    _check_environments(dataset, pack)
    return tuple(_stored(pack, number, cell) for number in range(len(pack.domains)))


def environment_sizes(dataset: DataSet, pack: Pack) -> dict[str, int]:
    """Examples of each environment, the same in every trial. Raises PackError for a pack of other environments."""
    names = dataset.environments
    if dataset.rule:
        dealt = len(pack.environment(0))
        return {name: len(range(number, dealt, len(names))) for number, name in enumerate(names)}
    _check_environments(dataset, pack)
    return {name: int((pack.domain_numbers == number).sum()) for number, name in enumerate(names)}


def stage_run(
    every: tuple[EnvironmentData, ...],
    pack: Pack,
    cell: Cell,
    folder: Path,
    features: Features | None = None,
    *,
    grouped: bool = False,
    on_request: bool = False,
) -> Layout:
    """Write train/ and test/ below `folder`; what is returned never goes there, but for the splits where `grouped`.

    With `features` [N_pack, D] those are staged instead of images, of a data set whose images lie in the pack.
    on_request: see `run_plan.Staging`.
    """
    training = [number for number in range(len(every)) if number not in cell.test_envs]
    alone = not on_request
    _stage_training(every, training, pack, folder / "train", features, alone=alone)
    _stage_unlabeled(every, pack, folder / "unlabeled", features, alone=alone)
    sizes = [len(e.labels) for e in every]
    numbers = np.repeat(np.arange(len(every)), sizes)
    splits = np.zeros(len(numbers), np.int64)
    for start, environment in zip(np.cumsum([0, *sizes[:-1]]), every, strict=True):
        splits[start + environment.held_out] = OUT
        splits[start + environment.unlabeled] = GIVEN
    secret = np.random.default_rng(secrets.randbits(128)).permutation(len(numbers))
    _stage(every, [np.arange(size) for size in sizes], pack, folder / "test", secret, features, alone=False)
    layout = Layout(
        labels=np.concatenate([e.labels for e in every])[secret],
        environments=numbers[secret],
        held_out=splits[secret],
        in_sizes=tuple(len(e.kept) for e in every),
    )
    if grouped:
        np.save(folder / "test" / GROUPS, groups_of(layout), allow_pickle=False)
    return layout


def groups_of(layout: Layout) -> Ints:
    """The number of each example's split [N], in the order in which DomainBed evaluates: all in-splits come first."""
    return np.asarray(layout.held_out * len(layout.in_sizes) + layout.environments)


def _check_environments(dataset: DataSet, pack: Pack) -> None:
    if len(pack.domains) != len(dataset.environments):
        wanted = f"{len(dataset.environments)} environments, not {len(pack.domains)}"
        raise PackError(f"pack {pack.name!r} is not {dataset.name}, which has {wanted}")


def _stage_training(
    every: tuple[EnvironmentData, ...],
    training: list[int],
    pack: Pack,
    folder: Path,
    features: Features | None,
    *,
    alone: bool,
) -> None:
    chosen = [every[number] for number in training]
    _stage(tuple(chosen), [e.kept for e in chosen], pack, folder, None, features, alone=alone)
    np.save(folder / "labels.npy", np.concatenate([e.labels[e.kept] for e in chosen]), allow_pickle=False)
    domains = np.repeat(np.arange(len(chosen)), [len(e.kept) for e in chosen])
    np.save(folder / "domains.npy", domains, allow_pickle=False)


def _stage_unlabeled(
    every: tuple[EnvironmentData, ...], pack: Pack, folder: Path, features: Features | None, *, alone: bool
) -> None:
    chosen = [e for e in every if len(e.unlabeled)]
    if chosen:
        _stage(tuple(chosen), [e.unlabeled for e in chosen], pack, folder, None, features, alone=alone)
        domains = np.repeat(np.arange(len(chosen)), [len(e.unlabeled) for e in chosen])
        np.save(folder / "domains.npy", domains, allow_pickle=False)


def _stage(
    every: tuple[EnvironmentData, ...],
    members: list[Ints],
    pack: Pack,
    folder: Path,
    order: Ints | None,
    features: Features | None,
    *,
    alone: bool,
) -> None:
    images = [e.images[m] for e, m in zip(every, members, strict=True) if e.images is not None]
    if images:
        folder.mkdir(parents=True)
        pooled = np.concatenate(images)
        np.save(folder / "images.npy", pooled if order is None else pooled[order], allow_pickle=False)
        return
    positions = np.concatenate([e.positions[m] for e, m in zip(every, members, strict=True)])
    chosen = positions if order is None else positions[order]
    rows = None if features is None else features.__getitem__
    stage_inputs(pack, folder, chosen, rows, alone=alone)


def _made(labels: Ints, positions: Ints, images: Pixels, trial: int, number: int) -> EnvironmentData:
    held_out, kept = split(len(labels), trial, number)
    return EnvironmentData(labels=labels, positions=positions, held_out=held_out, kept=kept, images=images)


def _stored(pack: Pack, number: int, cell: Cell) -> EnvironmentData:
    positions = pack.environment(number)
    if UNSEEN in pack.sets:
        held_out, kept = _by_concept(pack, number, positions, tested=number in cell.test_envs)
    else:
        held_out, kept = split(len(positions), cell.trial_seed, number)
    return EnvironmentData(labels=pack.labels[positions], positions=positions, held_out=held_out, kept=kept)


def _by_concept(pack: Pack, number: int, positions: Ints, *, tested: bool) -> tuple[Ints, Ints]:
    """(out, in) where concepts are held out: training keeps the seen ones; a test environment's in-split, on which
    the result is reported, holds the concepts that no training environment shows.
    """
    unseen = np.isin(positions, pack.environment(number, UNSEEN))
    out, kept = np.flatnonzero(unseen), np.flatnonzero(~unseen)
    return (kept, out) if tested else (out, kept)
