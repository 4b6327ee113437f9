"""What figures say about how they were made."""

import numpy as np
from tests.unit.evaluators.scoring.made import detected, figures_of

from farfield_evaluators.scoring.detection import OPENOOD
from farfield_evaluators.scoring.remarks import remarks_on, unknown_sets

RNG = np.random.default_rng(0)
HIGH, LOW = RNG.normal(size=50) + 3, RNG.normal(size=50)


def codes(id_scores: np.ndarray, **ood: np.ndarray) -> list[str]:
    tests = [detected("id", "id", id_scores), *(detected(name, "far", scores) for name, scores in ood.items())]
    return [remark.code for remark in remarks_on(figures_of(tests, (OPENOOD,)))]


def test_only_a_direction_that_is_wrong_everywhere_is_said() -> None:
    assert codes(LOW, a=HIGH, b=HIGH + 1) == ["scores.direction"]
    assert codes(LOW, a=HIGH, b=LOW - 1) == []
    assert codes(HIGH, a=LOW) == []


def test_negated_scores_turn_the_remark_off() -> None:
    assert codes(-LOW, a=-HIGH, b=-HIGH - 1) == []


def test_a_detector_that_says_nothing() -> None:
    same = np.ones(20)
    assert codes(same, a=same, b=same) == ["scores.all_equal"]
    assert codes(same, a=same, b=same - 1) == []


def test_other_methods_have_no_remarks() -> None:
    assert remarks_on(()) == ()


def test_sets_of_unknown_names_share_a_remark() -> None:
    [remark] = unknown_sets(["mine", "yours"], 1000)
    assert remark.code == "scores.unknown_set"
    assert remark.says.startswith("mine, yours: no board has a set of this name; read as a shift with all 1000 classes")
    assert unknown_sets([], 1000) == ()
