import pytest

from farfield_web.pages.boards.charts import COMPACT, RIGHT_MARGIN, WIDE, Layout, Series, dumbbell


def series(headline: float, reference: float | None = None, *domains: float, label: str = "method") -> Series:
    return Series(label=label, headline=headline, stderr=0.01, reference=reference, domains=domains)


def test_nothing_to_draw_is_no_figure() -> None:
    assert dumbbell([], alt="empty") is None


@pytest.mark.parametrize("layout", [WIDE, COMPACT])
def test_higher_values_lie_further_right_and_inside_the_drawing(layout: Layout) -> None:
    chart = dumbbell([series(0.2, 0.9, 0.1, 0.3), series(0.5, 0.95)], alt="two", layout=layout)
    assert chart is not None
    low, high = chart.rows
    assert low.mean < high.mean
    places = [x for row in chart.rows for x in (row.mean, row.reference, *row.domains, *(row.error or ())) if x]
    assert all(layout.left <= x <= layout.width - RIGHT_MARGIN for x in places)


def test_the_gap_joins_headline_and_reference() -> None:
    chart = dumbbell([series(0.2, 0.9)], alt="one")
    assert chart is not None
    row = chart.rows[0]
    assert row.gap == (row.mean, row.reference)


def test_a_row_without_reference_has_no_gap() -> None:
    chart = dumbbell([series(0.4)], alt="one")
    assert chart is not None
    assert chart.rows[0].gap is None
    assert chart.ticks


def test_equal_values_still_have_an_axis() -> None:
    chart = dumbbell([series(0.5, 0.5)], alt="one")
    assert chart is not None
    assert len({tick.x for tick in chart.ticks}) == len(chart.ticks) >= 2


def test_a_perfect_score_stays_on_the_axis() -> None:
    chart = dumbbell([series(1.0, 1.0)], alt="one")
    assert chart is not None
    assert [tick.label for tick in chart.ticks][-1] == "100"


@pytest.mark.parametrize("layout", [WIDE, COMPACT])
def test_labels_have_a_width_of_their_own_and_are_whole(layout: Layout) -> None:
    """The browser cuts them off at that width; tests/acceptance/test_pages_in_a_browser.py sees it do so."""
    chart = dumbbell([series(0.5, label="a" * 60)], alt="one", layout=layout)
    assert chart is not None
    assert chart.rows[0].label == "a" * 60
    beside = layout.left > layout.width / 4
    assert chart.label_width < (layout.left if beside else layout.width)
