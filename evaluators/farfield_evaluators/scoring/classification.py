"""Everything that a classifier's logits give on labelled sets, each read in its own label space."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.calibration import Estimate, ece, mean, outcomes
from farfield_evaluators.metrics.classification import (
    Hits,
    Labels,
    Logits,
    accuracy,
    binomial_stderr,
    class_accuracy,
    correct,
    in_top,
)
from farfield_evaluators.metrics.corruption import (
    ALEXNET,
    MAIN,
    SEVERITIES,
    corruption_error,
    mce,
    place_of,
    relative_mce,
)
from farfield_evaluators.metrics.labelspace import Space, projected, relabelled
from farfield_evaluators.metrics.names import canonical
from farfield_evaluators.metrics.robustness import TESTBED, effective_robustness, robustness_stderr
from farfield_evaluators.scoring.scores import total, with_role_means

TOP = 5
ROBUSTNESS = "effective-robustness"
CORRUPTIONS = frozenset({"corruption-error", "mce", "relative-mce"})
Figures = Mapping[tuple[str, str], Figure]


@dataclass(frozen=True, kw_only=True)
class LabelledSet:
    """A test set: logits [N, C] over all classes, labels [N] in 0..C-1, and its label space where it has one."""

    name: str
    role: str
    logits: Logits = field(repr=False)
    labels: Labels = field(repr=False)
    space: Space | None = None


def classification_scores(sets: Iterable[LabelledSet], metrics: Collection[str] = ()) -> tuple[Figure, ...]:
    """The scores of each set, and their means over roles; sets are looked at one after the other.

    `metrics` names those that only some benchmarks have: effective robustness and the corruption errors. A set has an
    ID accuracy of its own where its label space is not that of the ID set.
    """
    rows: dict[str, list[Figure]] = {}
    roles: dict[str, str] = {}
    spaces: dict[str, Space] = {}
    id_sets = []
    for labelled in sets:
        roles[labelled.name] = labelled.role
        if labelled.role == "id":
            id_sets.append(labelled)
        elif labelled.space is not None:
            spaces[labelled.name] = labelled.space
        for score in _set_scores(labelled):
            rows.setdefault(score.metric, []).append(score)
    found = [score for scores in rows.values() for score in with_role_means(scores, roles)]
    found += _id_subset_scores(id_sets, spaces)
    return (*found, *_derived({(s.metric, s.domain): s for s in found}, roles, spaces, metrics))


def in_space(labelled: LabelledSet) -> tuple[Logits, Labels]:
    """Logits [N, K] and labels [N] as numbers of the set's label space. Raises ValueError for a label beyond it."""
    labels = relabelled(labelled.labels, labelled.space, labelled.logits.shape[1])
    if (labels < 0).any():
        beyond = int((labels < 0).sum())
        raise ValueError(f"{beyond} of {len(labels)} labels of {labelled.name} are not in its label space")
    return projected(labelled.logits, labelled.space), labels


def _set_scores(labelled: LabelledSet) -> Iterator[Figure]:
    logits, labels = in_space(labelled)
    n, classes = logits.shape
    hits = correct(logits, labels)

    def score(metric: str, value: float, stderr: float | None) -> Figure:
        return Figure(metric=metric, domain=labelled.name, value=value, stderr=stderr, n=n)

    yield score("accuracy", *_share(hits))
    if classes > TOP:  # else it is 1, whatever the method
        yield score("top5", *_share(in_top(logits, labels, TOP)))
    yield score("class-accuracy", *class_accuracy(hits, labels, classes))
    for metric, estimate in _calibration(logits, labels).items():
        if math.isfinite(estimate.value):  # a label that has no probability makes the likelihood undefined
            yield score(metric, estimate.value, estimate.stderr)


def _share(hits: Hits) -> tuple[float, float]:
    share = accuracy(hits)
    return share, binomial_stderr(share, len(hits))


def _calibration(logits: Logits, labels: Labels) -> dict[str, Estimate]:
    found = outcomes(logits, labels)
    return {"ece": ece(found.confidence, found.hits), "brier": mean(found.brier), "nll": mean(found.nll)}


def _id_subset_scores(id_sets: Sequence[LabelledSet], spaces: Mapping[str, Space]) -> Iterator[Figure]:
    """The ID accuracy on the classes of each set that has a label space, read in that space."""
    for name, space in spaces.items():
        hits = np.concatenate([np.zeros(0, bool), *(_subset_hits(labelled, space) for labelled in id_sets)])
        if len(hits):
            share, error = _share(hits)
            yield Figure(metric="id-subset-accuracy", domain=name, value=share, stderr=error, n=len(hits))


def _subset_hits(labelled: LabelledSet, space: Space) -> Hits:
    labels = relabelled(labelled.labels, space, labelled.logits.shape[1])
    inside = labels >= 0
    return correct(projected(labelled.logits[inside], space), labels[inside])


def _derived(
    figures: Figures, roles: Mapping[str, str], spaces: Mapping[str, Space], metrics: Collection[str]
) -> Iterator[Figure]:
    """What is computed from the accuracies alone."""
    if ROBUSTNESS in metrics:
        yield from with_role_means(list(_robustness(figures, roles, spaces)), roles)
    if CORRUPTIONS & set(metrics):
        yield from _corruption(figures, roles)


def _robustness(figures: Figures, roles: Mapping[str, str], spaces: Mapping[str, Space]) -> Iterator[Figure]:
    """Of the shifts that the testbed has a line for."""
    for name in roles:
        line = TESTBED.get(canonical(name))
        key = ("id-subset-accuracy", name) if name in spaces else ("accuracy", "id")
        if line is not None and key in figures:
            x, y = figures[key], figures["accuracy", name]
            value = effective_robustness(x.value, y.value, line)
            error = robustness_stderr(x.value, x.stderr or 0.0, y.stderr or 0.0, line)
            yield Figure(metric=ROBUSTNESS, domain=name, value=value, stderr=error, n=y.n)


def _corruption(figures: Figures, roles: Mapping[str, str]) -> Iterator[Figure]:
    """Corruption errors, and their means where all 15 are there.

    No standard errors: all corruptions are of the same images, so the sets are not independent.
    """
    errors, sizes = _errors_by_corruption(figures, roles)
    for name, found in errors.items():
        value = corruption_error(name, found)
        yield Figure(metric="corruption-error", domain=name.replace("_", "-"), value=value, stderr=None, n=sizes[name])
    if all(name in errors for name in MAIN):
        n = total(sizes[name] for name in MAIN)
        yield Figure(metric="mce", domain="shifts", value=mce(errors), stderr=None, n=n)
        if ("accuracy", "id") in figures:
            value = relative_mce(errors, 1 - figures["accuracy", "id"].value)
            yield Figure(metric="relative-mce", domain="shifts", value=value, stderr=None, n=n)


def _errors_by_corruption(
    figures: Figures, roles: Mapping[str, str]
) -> tuple[dict[str, list[float]], dict[str, int | None]]:
    """Errors and examples of each corruption that is whole: of all five severities, or a set that pools them."""
    found: dict[str, dict[int | None, Figure]] = {name: {} for name in ALEXNET}
    for name in roles:
        place = place_of(name)
        if place is not None:
            found[place.corruption][place.severity] = figures["accuracy", name]
    whole = {name: parts for name, parts in found.items() if None in parts or len(parts) == SEVERITIES}
    used = {name: [parts[None]] if None in parts else list(parts.values()) for name, parts in whole.items()}
    errors = {name: [1 - s.value for s in scores] for name, scores in used.items()}
    return errors, {name: total(s.n for s in scores) for name, scores in used.items()}
