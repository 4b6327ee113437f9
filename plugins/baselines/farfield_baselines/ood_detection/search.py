"""A detector's settings by OpenOOD's automatic parameter search: on ID and OOD validation images, never on test data.

OpenOOD v1.5: Zhang et al. 2023, arXiv 2306.09301, section 4. Each detector's grid is the one in its file of settings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from farfield import TrainingSet, setting
from farfield_baselines.ood_detection.choice import auroc
from farfield_baselines.ood_detection.core import (
    BATCH,
    Known,
    Model,
    PostHoc,
    Rule,
    Seen,
    joined,
    known_of,
    nothing_known,
)

OFF, VALIDATION = "off", "validation"
HELP = (
    "validation takes what separates the benchmark's validation images of both kinds best, out of OpenOOD's grid, in "
    "place of what is set; the benchmark must have them."
)


@dataclass(frozen=True, kw_only=True)
class Searched:
    """Whether the settings that OpenOOD searches are searched."""

    search: str = setting(OFF, choices=(OFF, VALIDATION), help=HELP)


def grid(**values: Sequence[Any]) -> tuple[Mapping[str, Any], ...]:
    """All combinations, the first setting's values changing fastest, as OpenOOD goes through them.

    >>> [tuple(settings.values()) for settings in grid(a=(1, 2), b=(3, 4))]
    [(1, 3), (2, 3), (1, 4), (2, 4)]
    """
    names = tuple(values)
    return tuple(dict(zip(names, reversed(of), strict=True)) for of in product(*reversed(list(values.values()))))


class SearchedPostHoc(PostHoc):
    """A rule whose settings are chosen on validation images; `model_of` makes the model of a configuration."""

    def __init__(self, rule: Rule, model_of: Callable[[Any], Model], config: Any) -> None:
        self._model_of = model_of
        super().__init__(rule, model_of(config), config)

    def fit(self, train: TrainingSet, *, val: TrainingSet, ood_val: TrainingSet) -> None:
        """Of equally good settings the last, as OpenOOD."""
        seen: dict[tuple[Any, ...], tuple[Model, Known, Seen, Seen]] = {}
        best = -1.0
        for settings in self.rule.grid:
            config = replace(self.config, **settings)
            key = tuple(getattr(config, name) for name in self.rule.seen_by)
            if key not in seen:
                seen[key] = self._see(config, train, val, ood_val)
            model, known, id_val, of_ood = seen[key]
            score = self.rule.make(known, config)
            separation = auroc(score(id_val), score(of_ood))
            print(
                f"{', '.join(f'{name} {value}' for name, value in settings.items())}: AUROC {separation:.4f}",
                flush=True,
            )
            if separation >= best:
                best, self.model, self.config, self._score = separation, model, config, score

    def _see(
        self, config: Any, train: TrainingSet, val: TrainingSet, ood_val: TrainingSet
    ) -> tuple[Model, Known, Seen, Seen]:
        model = self._model_of(config)
        known = known_of(train, model, config) if self.rule.fits else nothing_known(model.head)
        id_val, of_ood = (joined([model.see(b.inputs) for b in part.batches(BATCH)]) for part in (val, ood_val))
        return model, known, id_val, of_ood
