"""Entries against one another and standings, on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.acceptance.conftest import is_problem
from tests.acceptance.filled import COMPARED, Filled, filled, safe_settings, served
from tests.unit.pages.content import BOARD

__all__ = ["filled", "safe_settings", "served"]
pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(browser: Browser, filled: Filled) -> Iterator[Page]:
    context = browser.new_context(base_url=filled.url, viewport={"width": 390, "height": 900})
    page, problems = context.new_page(), []
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if is_problem(message) else None)
    yield page
    context.close()
    assert problems == []


def test_entries_are_set_beside_one_another(opened: Page, filled: Filled) -> None:
    query = "&".join(f"entries={filled.site.submissions[name].pk}" for name in COMPARED)
    opened.goto(f"/compare/?{query}")
    expect(opened.get_by_role("heading", name="Compare 3 entries")).to_be_visible()
    assert opened.get_by_text("beyond chance").count() > 2
    first = filled.site.submissions["floor"].pk
    opened.get_by_role("link", name="compare with this").first.click()
    assert opened.url.split("entries=")[1].startswith(str(first))


def test_standings_are_chosen_and_shared_by_their_address(opened: Page, filled: Filled) -> None:
    opened.goto("/standings/")
    opened.get_by_role("checkbox", name="ImageNet OOD, mini", exact=True).check()
    opened.get_by_label("Put together by").select_option("win-rate")
    opened.get_by_role("button", name="Show").click()
    assert opened.url.endswith(f"?benchmarks={BOARD.replace('/', '%2F')}&by=win-rate")
    expect(opened.get_by_role("heading", name="Win rate")).to_be_visible()
