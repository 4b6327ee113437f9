"""What only a browser can tell: widths, printing, order and history, and pages that are left open."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.acceptance.filled import LONG_TITLE, Filled, filled, safe_settings, served
from tests.unit.pages.brought import described
from tests.unit.pages.content import BOARD

from farfield_web.runs.introduce import introduce
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status, move

__all__ = ["filled", "safe_settings", "served"]

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_page(browser: Browser, filled: Filled) -> Iterator[Page]:
    context = browser.new_context(base_url=filled.url, viewport={"width": 1440, "height": 900})
    context.add_cookies([filled.cookie])
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def over(page: Page) -> int:
    """How far the page is wider than the window."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


def test_long_names_and_titles_stay_within_their_cards(open_page: Page, filled: Filled) -> None:
    open_page.goto("/")
    for cell in open_page.locator(".card .top").all():
        box, card = cell.bounding_box(), cell.locator("xpath=ancestor::article").bounding_box()
        assert box is not None
        assert card is not None
        assert box["x"] + box["width"] <= card["x"] + card["width"]


def test_labels_of_plots_are_cut_off_by_their_width(open_page: Page, filled: Filled) -> None:
    open_page.goto(f"/boards/{BOARD}/")
    labels = open_page.locator(".chart.wide .plot-label")
    measured = labels.evaluate_all("all => all.map(one => [one.textContent, one.clientWidth, one.scrollWidth])")
    (long,) = [row for row in measured if LONG_TITLE in row[0]]
    assert long[2] > long[1]
    assert all(shown == needed for text, shown, needed in measured if LONG_TITLE not in text)


def test_a_second_click_turns_the_order_and_adds_no_history(open_page: Page, filled: Filled) -> None:
    open_page.goto(f"/boards/{BOARD}/")
    ranks = open_page.locator(".board td.rank")
    up = ranks.all_inner_texts()
    length = open_page.evaluate("history.length")
    column = open_page.locator("th.headline a")
    column.click()
    expect(open_page).to_have_url(re.compile("order=worst"))
    expect(open_page.locator("th.headline")).to_have_attribute("aria-sort", "ascending")
    assert ranks.all_inner_texts() == up[::-1]
    column.click()
    expect(open_page.locator("th.headline")).to_have_attribute("aria-sort", "descending")
    assert ranks.all_inner_texts() == up
    assert open_page.evaluate("history.length") == length
    open_page.locator("#by-1").click()
    expect(open_page).to_have_url(re.compile("by=accuracy"))
    assert open_page.evaluate("history.length") == length + 1


def test_a_page_left_open_learns_what_was_entered(open_page: Page, filled: Filled) -> None:
    submission = filled.brought["preparing"]
    open_page.goto(f"/submissions/{submission.pk}/")
    expect(open_page.get_by_role("heading", level=1)).to_contain_text("toy_method-1.0")
    expect(open_page.locator("#about")).to_contain_text("not inspected yet")
    run = Run.objects.get(submission=submission)
    introduce(run.pk, run.token, described())
    run.refresh_from_db()
    move(run, Status.RUNNING)
    expect(open_page.get_by_role("heading", level=1)).to_contain_text("toy-method on")
    expect(open_page.locator("#about")).not_to_contain_text("not inspected yet")
    expect(open_page).to_have_title(re.compile("^toy-method on"))


def test_an_error_and_a_server_that_is_gone_are_said(open_page: Page, filled: Filled) -> None:
    open_page.route(re.compile("/stream/"), lambda route: route.abort())  # while it is heard, nothing asks by the clock
    open_page.goto(f"/submissions/{filled.site.submissions['running'].pk}/")
    notice = open_page.locator("#notice")
    expect(notice).to_be_hidden()
    live = re.compile("/live/")
    open_page.route(live, lambda route: route.fulfill(status=500, body="no"))
    expect(notice).to_contain_text("answered with error 500")
    open_page.unroute(live)
    expect(notice).to_be_hidden()
    open_page.route(live, lambda route: route.abort())
    expect(notice).to_contain_text("did not answer")
    expect(notice).to_contain_text("asked again by itself")
