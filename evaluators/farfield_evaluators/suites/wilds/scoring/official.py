"""Predictions on a split of a release, joined with its labels: what scorers look at when somebody hands in a folder.

Columns are called as those of the packs of these data sets, so that the same scorers give the same figures of both.
"""

from collections.abc import Mapping

import numpy as np

from farfield_evaluators.figure import Figure
from farfield_evaluators.scoring.scorer import Wanted, score_tests
from farfield_evaluators.scoring.test import LABEL, Array, Attribute, Ints, Test
from farfield_evaluators.suites.wilds.data.release import Release
from farfield_evaluators.suites.wilds.scoring.by_dataset import WEALTH, DatasetScoring, scoring_of
from farfield_evaluators.suites.wilds.scoring.keys import Y, column_of
from farfield_evaluators.suites.wilds.scoring.tasks import TASKS
from farfield_evaluators.suites.wilds.scoring.tokens import PADDING, TOKEN_TYPES, TOKENS


def test_of(release: Release, split: str, outputs: Mapping[str, Array]) -> Test:
    """The examples of a split, in data set order, with what was predicted of them.

    outputs: by name, `predicted` of classes [N] or tokens [N, positions], `values` [N, T], or `boxes`, `scores` and
    `labels` of detections, one after the other, with `boxes-rows`, `scores-rows` and `labels-rows` [N].
    """
    rows = release.at(split)
    return Test(
        domain=column_of(split),
        role="id" if split.startswith("id_") else "shift",
        count=len(rows),
        outputs=outputs,
        targets=_targets(release, rows),
        attributes=_attributes(release, rows),
        classes=release.dataset.classes,
    )


def figures_of(scoring: DatasetScoring, test: Test) -> tuple[Figure, ...]:
    """All figures of a split that scorers give, those of groups too many for a board as well."""
    every = (*scoring.scorers, *scoring.further)
    wanted = Wanted(metrics=frozenset(metric.name for scorer in every for metric in scorer.gives), aggregates=())
    return score_tests(every, [test], wanted)


def _targets(release: Release, rows: Ints) -> dict[str, Array]:
    task, labels = release.dataset.task, release.labels
    if task == "classification":
        return {LABEL: labels[rows].astype(np.int64)}
    if task == "regression":
        return {WEALTH: labels[rows].astype(np.float64)}
    if task == "multi-label":
        return {TASKS: labels[rows]}
    if task == "tokens":
        return {TOKENS: np.nan_to_num(labels[rows], nan=PADDING).astype(np.int64), TOKEN_TYPES: _types(release, rows)}
    return _boxes(release, rows)


def _types(release: Release, rows: Ints) -> Array:
    """Of each position [N, positions] the number of its token's type."""
    places = [at for at, name in enumerate(release.fields) if name.startswith("tok_")]
    types: Array = release.metadata[np.ix_(rows, np.array(places, np.int64))]
    return types


def _boxes(release: Release, rows: Ints) -> dict[str, Array]:
    """As columns of packs have boxes: x, y, width and height, one image's after the other's."""
    counts = release.rows if release.rows is not None else np.zeros(len(release), np.int64)
    ends = np.cumsum(counts)
    taken = [np.arange(ends[row] - counts[row], ends[row]) for row in rows]
    corners = release.labels[np.concatenate([np.zeros(0, np.int64), *taken])].astype(np.float64).reshape(-1, 4)
    sized = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], axis=1)
    return {"boxes": sized, "boxes-rows": counts[rows]}


def _attributes(release: Release, rows: Ints) -> dict[str, Attribute]:
    fields = {column_of(name): name for name in release.fields}
    wanted = [name for name in (*scoring_of(release.dataset.name).groups, LABEL) if name in fields]
    if release.dataset.task == "regression":
        wanted.remove(LABEL)
    return {name: _attribute(release, fields[name], rows) for name in wanted}


def _attribute(release: Release, field: str, rows: Ints) -> Attribute:
    """A field as groups: as many values as the highest number in the whole data set says, with their names if any."""
    numbers = release.column(field).astype(np.int64)
    count = int(numbers.max(initial=-1)) + 1
    names = release.values.get(field, ()) if field != Y else ()
    return Attribute(numbers=numbers[rows], values=tuple(names[:count]) or tuple(map(str, range(count))))
