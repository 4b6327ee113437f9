"""The curve of a submission: its figures at other points of the same trainings, over all trials. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from farfield_evaluators.figure import Figure
from farfield_web import published
from farfield_web.leaderboards.ranking import aggregate
from farfield_web.runs.figures import Key

Stored = Iterable[Mapping[str, Any]]
"""A run's curve as `runs.curves.as_json` makes it."""


@dataclass(frozen=True, kw_only=True)
class Point:
    """A place on the line of models that a method is one of, such as WiSE-FT's alpha, with the figures there."""

    point: float
    figures: Mapping[Key, Figure]

    @property
    def published(self) -> "Point":
        """As it may leave the site."""
        return replace(self, figures={key: published.rounded(figure) for key, figure in self.figures.items()})


def curve_of(trials: Iterable[Stored]) -> tuple[Point, ...]:
    """The curve over all trials, in ascending order; empty without trials.

    Figures are aggregated as those of an entry are. A point that one trial lacks is left out, as a figure would be.

    >>> stored = [{"point": 0.5, "scores": [{"metric": "accuracy", "domain": "id", "value": 0.9, "stderr": None}]}]
    >>> curve_of([stored])[0].figures["accuracy", "id"].value
    0.9
    >>> curve_of([stored, []])
    ()
    """
    read = [{float(one["point"]): _figures(one["scores"]) for one in trial} for trial in trials]
    common = [point for point in read[0] if all(point in trial for trial in read)] if read else []
    figures = {point: aggregate([trial[point] for trial in read]) for point in common}
    return tuple(Point(point=point, figures=found) for point, found in figures.items() if found)


def _figures(scores: Stored) -> dict[Key, Figure]:
    return {(one["metric"], one["domain"]): Figure(**{"n": None, **one}) for one in scores}
