"""Published figures stand on the board of their setting and protocol, under the name of the method that has them."""

import pytest

from farfield_evaluators.catalog import find
from farfield_evaluators.suites.fsdet.benchmarks import COCO_BOARDS
from farfield_evaluators.suites.fsdet.reported import REPORTED


def figures_of(board: str, method: str, metric: str) -> list[float]:
    """In per cent, from few shots to many."""
    (row,) = [each for each in REPORTED if (each.benchmark, each.method) == (f"fsdet/coco-{board}", method)]
    listed = [(domain, value) for (name, domain), value in row.figures.items() if name == metric]
    return [round(100 * value, 2) for _, value in listed]


def test_every_board_has_rows_and_every_figure_a_column() -> None:
    assert {row.benchmark for row in REPORTED} == {board.name for board in COCO_BOARDS}
    for row in REPORTED:
        columns = {(column.metric, column.domain) for column in find(row.benchmark).columns}
        assert row.figures.keys() <= columns, row.method


def test_both_protocols_are_told_apart() -> None:
    """DeFRCN at 1 shot: 9.3 over ten trainings on one shot set, 7.7 over ten shot sets; at 30 shots they agree."""
    assert figures_of("fsis-fsrw", "DeFRCN", "nap") == [9.3, 12.9, 14.8, 16.1, 18.5, 22.6]
    assert figures_of("fsis", "DeFRCN", "nap") == [7.7, 11.4, 13.3, 15.5, 18.5, 22.5]
    assert figures_of("gfsis-fsrw", "TFA with cosine head", "nap")[0] == 3.4
    assert figures_of("gfsis", "TFA with cosine head", "nap")[0] == 1.9


def test_mtfa_is_not_called_imtfa() -> None:
    """Later papers print MTFA's 6.6 and 8.5 at 5 and 10 shots as iMTFA's, which are 6.22 and 7.14."""
    assert figures_of("fsis", "MTFA", "nap") == [2.47, 6.61, 8.52]
    assert figures_of("fsis", "iMTFA", "nap") == [3.28, 6.22, 7.14]
    assert figures_of("ifsis", "iMTFA", "mask-bap") == [25.9, 22.56, 21.87]
    swapped = [row.method for row in REPORTED if row.method == "iMTFA" and 0.066 in row.figures.values()]
    assert swapped == []


@pytest.mark.parametrize(("metric", "gain"), [("nap", (8.0, 9.3)), ("mask-nap", (8.2, 9.4))])
def test_refts_gains_are_of_masks(metric: str, gain: tuple[float, float]) -> None:
    """Its abstract's 8.2 and 9.4 over iFS-RCNN, at 10 and 30 shots."""
    ours, theirs = (figures_of("fsis", name, metric)[1:] for name in ("RefT, ResNet-50", "iFS-RCNN"))
    assert tuple(round(a - b, 1) for a, b in zip(ours, theirs, strict=True)) == gain
