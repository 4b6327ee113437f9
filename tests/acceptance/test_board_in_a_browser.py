"""A board as its readers use it: found, filtered, shared by its address, scrolled, on a phone, and on paper."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from tests.acceptance.conftest import is_problem
from tests.acceptance.filled import Filled, filled, safe_settings, served
from tests.unit.pages.content import BOARD, drive, enter

__all__ = ["filled", "safe_settings", "served"]

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
PATH = f"/boards/{BOARD}/"
PAPER: ViewportSize = {"width": 1054, "height": 725}  # A4 across, within its margins
ROWS = 12


@pytest.fixture
def board(browser: Browser, filled: Filled) -> Iterator[Page]:
    """A board of twelve rows, opened by somebody without an account."""
    for number in range(ROWS - 5):
        made = enter(filled.site.grace, "tuned", "open", config={"rate": (number + 1) / 100})
        drive(made.runs.get(), "succeeded", filled.site.benchmark, accuracy=0.2 + number / 50)
    context = browser.new_context(base_url=filled.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if is_problem(message) else None)
    page.goto(PATH)
    yield page
    context.close()
    assert problems == []


def names(page: Page) -> list[str]:
    return page.locator(".board tbody .name").all_inner_texts()


def box(page: Page, selector: str) -> dict[str, float]:
    measured = page.locator(selector).first.bounding_box()
    assert measured is not None
    return dict(measured)


def test_what_is_chosen_is_in_the_address_and_shows_the_same_to_others(board: Page) -> None:
    every, length = names(board), board.evaluate("history.length")
    board.locator("#tool-filters > summary").click()
    board.get_by_role("checkbox", name=re.compile("^From scratch")).check()
    expect(board).to_have_url(re.compile("track=scratch"))
    expect(board.locator(".board tbody tr")).to_have_count(1)
    expect(board.locator("#tool-filters")).to_have_attribute("open", "")
    assert board.evaluate("history.length") == length + 1
    board.get_by_role("link", name="Show all").click()
    expect(board.locator(".board tbody tr")).to_have_count(len(every))
    board.locator("#q").press_sequentially("elsewh")
    expect(board).to_have_url(re.compile("q=elsewh$"))
    expect(board.locator(".board tbody tr")).to_have_count(1)
    expect(board.locator("#q")).to_be_focused()
    expect(board.locator("#q")).to_have_value("elsewh")
    assert board.evaluate("history.length") == length + 3
    shown, ranks = names(board), board.locator("td.rank").all_inner_texts()
    board.goto(board.url)
    assert (names(board), board.locator("td.rank").all_inner_texts()) == (shown, ranks)
    board.go_back()
    expect(board.locator(".board tbody tr")).to_have_count(len(every))


def test_without_javascript_the_form_does_the_same(browser: Browser, board: Page) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(board.url)
    page.locator("#tool-filters > summary").click()
    page.get_by_role("checkbox", name=re.compile("^From scratch")).check()
    page.get_by_role("button", name="Apply").click()
    assert page.url.endswith(f"{PATH}?track=scratch")
    assert len(names(page)) == 1
    context.close()


def test_columns_and_taste_are_chosen_and_taste_is_remembered_here(board: Page) -> None:
    heads = board.locator(".board thead th.num")
    before = heads.count()
    board.locator("#tool-columns > summary").click()
    board.get_by_role("checkbox", name="Twemoji", exact=True).uncheck()
    expect(heads).to_have_count(before - 1)
    expect(board).to_have_url(re.compile("col="))
    board.locator("#tool-look > summary").click()
    board.get_by_label("hidden").check()
    expect(board.locator(".board .pm").first).to_be_hidden()
    board.get_by_label("from the worst to the best").check()
    expect(board.locator(".board .heat-6").first).to_be_visible()
    board.goto(PATH)
    expect(board).to_have_url(re.compile("errors=0.*heat=1"))
    expect(board.locator(".board .heat-6").first).to_be_visible()
    expect(heads).to_have_count(before)


def test_titles_and_the_first_columns_stay_where_a_board_is_scrolled(board: Page) -> None:
    board.set_viewport_size({"width": 1440, "height": 420})
    frame, corner = box(board, ".board-scroll"), box(board, ".board thead th.method")
    assert box(board, ".board tbody tr")["height"] <= 32
    board.locator(".board-scroll").evaluate("one => one.scrollTo(300, 40)")
    assert board.locator(".board-scroll").evaluate("one => [one.scrollLeft > 0, one.scrollTop]") == [True, 40]
    stuck = box(board, ".board thead th.method")
    assert (stuck["x"], stuck["y"]) == pytest.approx((corner["x"], corner["y"]), abs=1)
    assert stuck["y"] == pytest.approx(frame["y"], abs=2)
    row = box(board, ".board tbody tr:nth-child(8) .method")
    assert row["x"] == pytest.approx(corner["x"], abs=1)


def test_on_a_phone_entries_are_cards_that_unfold(board: Page) -> None:
    board.set_viewport_size({"width": 390, "height": 844})
    assert board.evaluate("document.documentElement.scrollWidth") <= 390
    card = board.locator(".board tbody tr").first
    assert [cell.is_visible() for cell in card.locator("td.num").all()].count(True) == 1
    expect(card.locator(".badges .mark").first).to_be_visible()
    card.locator(".unfold").click()
    assert all(cell.is_visible() for cell in card.locator("td.num").all())
    assert board.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_board_of_twelve_rows_prints_on_one_page_with_its_legend(board: Page, tmp_path: Path) -> None:
    assert board.locator(".board tbody tr").count() >= ROWS
    assert printed(board, tmp_path) == 1
    board.emulate_media(media="print")
    board.set_viewport_size(PAPER)
    assert board.evaluate("document.documentElement.scrollWidth") <= PAPER["width"]
    for legend in ("How to read this board", "Tied with the best", "Predictions, not run here"):
        expect(board.locator(".legend").get_by_text(legend).first).to_be_visible()
    expect(board.locator(".board .badges").first).to_be_visible()


def printed(page: Page, folder: Path, **options: Any) -> int:
    """How many pages it prints on."""
    path = folder / "board.pdf"
    page.pdf(path=path, prefer_css_page_size=True, **options)
    return len(re.findall(rb"/Type\s*/Page[^s]", path.read_bytes()))
