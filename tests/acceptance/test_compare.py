"""Entries against one another and standings in a real browser: nothing overflows, nothing breaks a rule of axe."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from tests.acceptance.conftest import is_problem
from tests.acceptance.filled import Filled, filled, safe_settings
from tests.unit.pages.content import BOARD

__all__ = ["filled", "safe_settings"]
pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
NAMES = ("succeeded", "floor", "long")


@pytest.fixture(params=[("light", 1440), ("dark", 390)], ids=["light, wide", "dark, narrow"])
def opened(request: pytest.FixtureRequest, browser: Browser, filled: Filled) -> Iterator[Page]:
    scheme, width = request.param
    context = browser.new_context(base_url=filled.url, viewport={"width": width, "height": 900}, color_scheme=scheme)
    page, problems = context.new_page(), []
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if is_problem(message) else None)
    yield page
    context.close()
    assert problems == []


def check(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    found = Axe().run(page).response["violations"]
    assert [(one["id"], node["html"][:120]) for one in found for node in one["nodes"]] == []


def test_entries_are_set_beside_one_another(opened: Page, filled: Filled) -> None:
    query = "&".join(f"entries={filled.site.submissions[name].pk}" for name in NAMES)
    opened.goto(f"/compare/?{query}")
    expect(opened.get_by_role("heading", name="Compare 3 entries")).to_be_visible()
    assert opened.get_by_text("beyond chance").count() > 2
    check(opened)
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
    check(opened)
