"""Everything that a detector's scores give: each OOD set against ID, and near and far OOD."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.bootstrap import Tallies, detection_stderr
from farfield_evaluators.metrics.classification import Hits, accuracy, binomial_stderr
from farfield_evaluators.metrics.detection import CLASSIC, MEASURES, Measure, tally

Floats = npt.NDArray[np.floating[Any]]
GROUPS = ("near", "far")
FULL_SPECTRUM = "full-spectrum"


@dataclass(frozen=True, kw_only=True)
class DetectionSets:
    """Scores of the ID set [N], of each near and far OOD set, and of ID sets under covariate shift, if there are any.

    Higher = more in-distribution.
    """

    id_scores: Floats = field(repr=False)
    near: Mapping[str, Floats] = field(default_factory=dict, repr=False)
    far: Mapping[str, Floats] = field(default_factory=dict, repr=False)
    shifted: Mapping[str, Floats] = field(default_factory=dict, repr=False)

    @property
    def ood(self) -> dict[str, Floats]:
        return {**self.near, **self.far}


def detection_scores(sets: DetectionSets, *, bootstrap: bool = True) -> tuple[Figure, ...]:
    """OpenOOD's measures, the classic ones, and with shifted ID sets the full-spectrum ones.

    Errors are the bootstrap's, over nearly all of the time; without it there are none.

    Full-spectrum: shifted ID images count as ID (Yang et al. 2023, arXiv 2204.05306; OpenOOD v1.5, section 3).
    """
    found = [*_measured(sets.id_scores, sets, {**MEASURES, **CLASSIC}, (MEASURES, CLASSIC), bootstrap)]
    if sets.shifted:
        every = np.concatenate([sets.id_scores, *sets.shifted.values()])
        renamed = {f"{name}-{FULL_SPECTRUM}": measure for name, measure in MEASURES.items()}
        found += _measured(every, sets, renamed, (renamed,), bootstrap)
    return tuple(found)


def accuracy_scores(of_id: Hits, shifted: Sequence[Hits] = ()) -> Iterator[Figure]:
    """The accuracy on the ID set, and with shifted ID sets that on all of their images together.

    The second is the ID accuracy of OpenOOD v1.5's full-spectrum tables (Zhang et al. 2023, arXiv 2306.09301).
    """
    yield _share("accuracy", of_id)
    if shifted:
        yield _share(f"accuracy-{FULL_SPECTRUM}", np.concatenate([of_id, *shifted]))


def _share(metric: str, hits: Hits) -> Figure:
    share, n = accuracy(hits), len(hits)
    return Figure(metric=metric, domain="id", value=share, stderr=binomial_stderr(share, n), n=n)


def _measured(
    id_scores: Floats,
    sets: DetectionSets,
    measures: Mapping[str, Measure],
    blocks: Sequence[Mapping[str, Measure]],
    bootstrap: bool,
) -> Iterator[Figure]:
    ood, groups = (
        sets.ood,
        {g: list(members) for g, members in zip(GROUPS, (sets.near, sets.far), strict=True) if members},
    )

    def statistics(tallies: Tallies) -> dict[str, float]:
        return _statistics(tallies, groups, measures)

    values = statistics({name: tally(id_scores, scores) for name, scores in ood.items()})
    errors = detection_stderr(statistics, id_scores, ood) if bootstrap else {}
    sizes = {name: len(scores) for name, scores in ood.items()}
    sizes |= {group: sum(sizes[name] for name in names) for group, names in groups.items()}
    for block in blocks:
        for key, value in values.items():
            metric, domain = key.split(" ")
            if metric in block:
                n = len(id_scores) + sizes[domain]
                yield Figure(metric=metric, domain=domain, value=value, stderr=errors.get(key), n=n)


def _statistics(
    tallies: Tallies, groups: Mapping[str, Sequence[str]], measures: Mapping[str, Measure]
) -> dict[str, float]:
    """Every measure on every set and, unweighted, on near and far; keys are "metric domain"."""
    values = {f"{m} {name}": f(counts) for m, f in measures.items() for name, counts in tallies.items()}
    means = {f"{m} {g}": fmean(values[f"{m} {n}"] for n in names) for m in measures for g, names in groups.items()}
    return values | means
