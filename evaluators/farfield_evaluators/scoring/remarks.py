"""What figures say about how they were made: nothing is refused for it, but somebody should know."""

from collections.abc import Sequence
from dataclasses import dataclass

from farfield_evaluators.scoring.scores import AGGREGATES, Score

DIRECTION = "scores.direction"
CONSTANT = "scores.all_equal"


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A stable code, and a sentence with what to do."""

    code: str
    says: str


def remarks_on(scores: Sequence[Score]) -> tuple[Remark, ...]:
    """What is remarkable about a detector's figures; empty for other methods.

    The direction is wrong when every OOD set has an AUROC below one half: OOD images then score higher than ID ones.
    Scores are all equal when every AUROC is one half and every threshold flags all: a detector that says nothing.
    """
    found = {(s.metric, s.domain): s.value for s in scores if s.domain not in AGGREGATES.values()}
    areas = [value for (metric, _), value in found.items() if metric == "auroc"]
    rates = [value for (metric, _), value in found.items() if metric == "fpr95"]
    if areas and max(areas) < 0.5:
        shown = f"{max(areas) * 100:.1f}%"
        says = f"AUROC is below 50% on every set ({shown} at most); higher must mean ID: negate the scores"
        return (Remark(code=DIRECTION, says=says),)
    if areas and set(areas) == {0.5} and set(rates) == {1.0}:
        says = "AUROC is 50% on every set and no threshold tells anything apart; the scores may be all equal"
        return (Remark(code=CONSTANT, says=says),)
    return ()
