"""The board of GlobalWheat: what a detector is given, and figures of detections that are right, or twice, or none."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.suites.wilds.data import wheat

from farfield import TaskFamily
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.wilds.boxes import GLOBALWHEAT_BOARD as BOARD
from farfield_evaluators.suites.wilds.data.globalwheat import LAYOUT
from farfield_evaluators.suites.wilds.data.packing import import_images
from farfield_evaluators.suites.wilds.data.wheat_sessions import SESSIONS
from farfield_evaluators.suites.wilds.datasets import GLOBALWHEAT
from farfield_evaluators.suites.wilds.scoring import scoring_of

HEADLINE = "session-mean-detection-accuracy"


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("board")
    return import_images(LAYOUT, wheat.tree(folder), folder / "packs")


@pytest.fixture
def truth(pack: Pack, tmp_path: Path) -> Truth:
    return stage(BOARD, pack, tmp_path / "in", None)


def said(truth: Truth, times: int = 1, score: float = 0.9) -> dict[str, Any]:
    """Every box of the truth, so many times, with this score."""
    sized, rows = truth.targets["boxes"], truth.targets["boxes-rows"]
    corners = np.concatenate([sized[:, :2], sized[:, :2] + sized[:, 2:]], axis=1).astype(np.float32)
    return {
        "boxes-rows": rows * times,
        "boxes": np.repeat(corners, times, axis=0),
        "scores": np.full(times * len(corners), score, np.float32),
        "labels": np.zeros(times * len(corners), np.int32),
    }


def figures(truth: Truth, outputs: dict[str, Any]) -> dict[tuple[str, str], float]:
    return {figure.key: figure.value for figure in evaluate(BOARD, truth, outputs)}


def test_the_board_is_wilds() -> None:
    assert BOARD.family is TaskFamily.DETECTION
    assert {domain.name: domain.role for domain in BOARD.domains} == {
        "test": "shift", "val": "shift", "id-test": "id", "id-val": "id",
    }  # fmt: skip
    assert BOARD.columns[0].metric == scoring_of("globalwheat").keys.metric(GLOBALWHEAT.headline) == HEADLINE
    assert BOARD.plan.count("") == 3


def test_a_detector_is_given_boxes_and_sessions_of_train_and_val(truth: Truth, pack: Pack, tmp_path: Path) -> None:
    for part, sessions in (("train", {0, 12, 16}), ("val", {25})):
        arrays = {path.stem: np.load(path) for path in (tmp_path / "in" / part).glob("*.npy")}
        assert set(arrays) >= {"boxes", "boxes-rows", "box-labels", "domains"}
        assert arrays["boxes-rows"].sum() == len(arrays["boxes"]) > 0
        assert (arrays["boxes"][:, 2:] > arrays["boxes"][:, :2]).all()
        own = pack.domain_numbers[pack.members(part)]
        assert {SESSIONS.index(pack.domains[number]) for number in own} == sessions
        assert len(np.unique(arrays["domains"])) == len(sessions)


def test_what_is_right_is_1_and_pictures_of_nothing_count(truth: Truth) -> None:
    known = figures(truth, said(truth))
    assert {(column.metric, column.domain): known[column.metric, column.domain] for column in BOARD.columns} == {
        (column.metric, column.domain): 1.0 for column in BOARD.columns
    }


def test_a_box_said_twice_is_half_right(truth: Truth) -> None:
    known = figures(truth, said(truth, times=2))
    shown = [f"test[session={SESSIONS[session.number]}]" for session in wheat.TEST]
    assert known["detection-accuracy", shown[0]] == pytest.approx(0.5)
    assert known["detection-accuracy", shown[1]] == pytest.approx(0.75)  # of its two pictures one shows nothing
    assert known[HEADLINE, "test"] == pytest.approx(0.625)
    assert known["worst-session-detection-accuracy", "test"] == pytest.approx(0.5)


def test_a_score_of_a_half_does_not_count(truth: Truth) -> None:
    known = figures(truth, said(truth, score=0.5))
    assert known[HEADLINE, "test"] == pytest.approx(0.25)  # what is left is one picture of nothing, of two of a session


def test_a_session_without_a_picture_has_no_figure_and_is_not_the_worst(truth: Truth) -> None:
    known = figures(truth, said(truth))
    told = {domain for metric, domain in known if domain.startswith("test[session=")}
    assert told == {f"test[session={SESSIONS[session.number]}]" for session in wheat.TEST}
