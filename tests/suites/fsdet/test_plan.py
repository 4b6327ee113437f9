"""The plan of few-shot detection: two protocols, their sets and keys, and FsDet's interval."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.suites.fsdet.made import FSRW_LIKE, TFA_LIKE, board

from farfield.errors import SpecError
from farfield_evaluators.plans.means import spread_of, spread_words
from farfield_evaluators.plans.places import placed
from farfield_evaluators.run_plan import Chosen, Entrant, cell_title, cells_of
from farfield_evaluators.suites.fsdet.plan import Shots
from farfield_evaluators.table import partial_table

ENTRANT = Entrant(identity="a", benchmark="own/toys", method="any")


def chosen(value: float, shots: int, group: int) -> Chosen:
    return Chosen(metric="nap", domain="test", value=value, at={"shots": shots, "group": group})


def test_the_tfa_like_protocol_runs_every_shot_set_once() -> None:
    whole = Shots()
    cells = cells_of(whole, "", ENTRANT)
    assert (len(cells), whole.count(""), whole.trials("")) == (60, 60, 10)
    assert [cell.at for cell in cells[9:11]] == [{"shots": 1, "group": 9}, {"shots": 2, "group": 0}]
    assert cell_title(whole, cells[0].at) == "1 shot, shot set 0"
    supports = {placed(board("fsis"), cell.at).parts["support"] for cell in cells_of(TFA_LIKE, "", ENTRANT)}
    assert supports == {"support-1-0", "support-1-1", "support-2-0", "support-2-1"}


def test_the_fsrw_like_protocol_trains_ten_times_on_the_first_shot_set() -> None:
    cells = cells_of(FSRW_LIKE, "", ENTRANT)
    assert [cell.at for cell in cells[:2]] == [{"shots": 1, "trial": 0}, {"shots": 1, "trial": 1}]
    assert len({cell.seed for cell in cells}) == len(cells) == 6
    assert cell_title(FSRW_LIKE, cells[5].at) == "2 shots, training 3"
    supports = {placed(board("gfsis", FSRW_LIKE), cell.at).parts["support"] for cell in cells}
    assert supports == {"support-all-1-0", "support-all-2-0"}


def test_the_key_says_which_protocol_a_board_has() -> None:
    same = replace(board("fsis"), plan=replace(TFA_LIKE, shot_sets=(0, 1, 2)))
    keys = {each.comparability_key("f") for each in (board("fsis"), board("fsis", FSRW_LIKE), same, board("ifsis"))}
    assert len(keys) == 4
    facts = TFA_LIKE.facts("")["plan"]
    assert (facts["protocol"], facts["spread"], facts["shot_sets"]) == ("tfa", "ci95", [0, 1])
    assert FSRW_LIKE.facts("")["plan"]["protocol"] == "fsrw"


@given(st.lists(st.floats(0, 1), min_size=2, max_size=10))
def test_the_interval_is_fsdets(values: list[float]) -> None:
    """Its `aggregate_seeds` has 1.96 * np.std(values) / sqrt(n), with ddof 0."""
    plan = Shots(shots=(5,), shot_sets=tuple(range(len(values))))
    (mean,) = plan.figures([chosen(value, 5, group) for group, value in enumerate(values)])
    assert mean.value == pytest.approx(np.mean(values))
    assert spread_of(mean, plan.spread) == pytest.approx(1.96 * np.std(values) / math.sqrt(len(values)), abs=1e-12)


def test_figures_are_at_each_number_of_shots_and_over_all_once_there_are_all() -> None:
    part = [chosen(0.25, 1, 0), chosen(0.75, 1, 1), chosen(0.5, 2, 0)]
    at = {figure.domain: figure for figure in TFA_LIKE.figures(part)}
    assert (at["test[shots=1]"].value, at["test[shots=1]"].trials, at["test[shots=2]"].trials) == (0.5, 2, 1)
    assert spread_of(at["test[shots=2]"], "ci95") is None


def test_tables_at_home_show_the_interval() -> None:
    figures = TFA_LIKE.figures([chosen(0.25, 2, 0), chosen(0.75, 2, 1)])
    table = partial_table(board("fsis"), figures).splitlines()
    assert table == [
        "nAP, 2 shots    50.0 ± 34.6",
        "nAP, 1 shot        -",
        "± is the 95% interval over 2 repeats: 1.96 standard deviations (ddof 0) over the root of 2",
    ]
    assert spread_words("ci95", 1) == ""


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"protocol": "both"}, "its protocol is neither tfa nor fsrw"),
        ({"shots": (0, 1)}, "shots must be whole numbers from 1"),
        ({"shots": ()}, "shots must be whole numbers from 1"),
        ({"shot_sets": (-1,)}, "shot sets must be whole numbers from 0"),
        ({"shot_sets": (1, 1)}, "its plan's axis 'group' has a value twice"),
        ({"protocol": "fsrw", "trainings": 2}, "are all on one shot set, and its plan has several"),
        ({"trainings": 2}, "only the FSRW-like protocol has several trainings"),
    ],
)
def test_what_no_plan_can_be(changes: dict[str, object], says: str) -> None:
    with pytest.raises(SpecError) as caught:
        board("fsis", replace(TFA_LIKE, **changes))
    assert says in str(caught.value)
