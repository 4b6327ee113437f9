"""What a TOML file may ask for by name: the scorers of each family, on which tests, and over which groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from farfield_evaluators.metric import Metric
from farfield_evaluators.own.spec import OF_BOXES, REGRESSION, OwnSpec, column_name
from farfield_evaluators.scoring import classification, detection
from farfield_evaluators.scoring.coco import BOXES, Coco
from farfield_evaluators.scoring.groups import mean_over, worst_of
from farfield_evaluators.scoring.regression import Told
from farfield_evaluators.scoring.scorer import Scorer

AGGREGATES: Mapping[str, str] = MappingProxyType({"id": "id", "shifts": "shift", "near": "near", "far": "far"})
LABELLED, STRANGE = ("id", "shift"), ("near", "far")


@dataclass(frozen=True, kw_only=True)
class Word:
    """A metric by its name in the file: who computes it, of tests of which roles; `alone`: of a single test, too."""

    metric: str
    scorer: Scorer
    roles: tuple[str, ...]
    alone: bool = True


def _each(scorers: Sequence[Scorer], roles: tuple[str, ...], *, alone: bool = True) -> dict[str, Word]:
    return {
        metric.name: Word(metric=metric.name, scorer=scorer, roles=roles, alone=alone)
        for scorer in scorers
        for metric in scorer.gives
    }


_OF_CLASSIFIERS = _each(
    (classification.ACCURACY, classification.CLASS_ACCURACY, classification.TOP5, *classification.CALIBRATION), LABELLED
)
WORDS: Mapping[str, Mapping[str, Word]] = MappingProxyType(
    {
        "classification": {**_OF_CLASSIFIERS, "macro-accuracy": _OF_CLASSIFIERS["class-accuracy"]},
        "ood-detection": {
            **_each((detection.OPENOOD,), STRANGE),
            **_each((detection.ID_ACCURACY,), ("id",), alone=False),
        },
        **dict.fromkeys(OF_BOXES, _each((BOXES,), LABELLED)),
        REGRESSION: _each((Told(target="target"),), LABELLED),
    }
)


def words_of(spec: OwnSpec) -> Mapping[str, Word]:
    """The words of a file's family, with the scorers of its own target; where it asks for masks, of these, too."""
    if spec.family == REGRESSION:
        return _each((Told(target=column_name(spec.data.target)),), LABELLED)
    masks = _each((Coco(masks=True),), LABELLED) if spec.masks else {}
    return {**WORDS[spec.family], **masks}


def scorer_of(word: Word, worst: Sequence[str], mean: Sequence[str]) -> tuple[Scorer, Metric]:
    """Who computes a column, and its metric: over the groups by these columns, where there are any."""
    combine, by, kind = (worst_of, worst, "worst") if worst else (mean_over, mean, "mean")
    if not by:
        return word.scorer, next(m for m in word.scorer.gives if m.name == word.metric)
    title = f"{kind.capitalize()} of {' and '.join(by)}"
    grouped = combine(word.scorer, by, name=f"{kind}-{'-'.join(by)}", title=title)
    return grouped, dict(grouped.metrics)[word.metric]
