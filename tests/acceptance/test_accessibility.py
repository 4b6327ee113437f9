"""Every page by the rules of axe, in the languages of eyes and of screen readers, light and dark, wide and narrow."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page
from tests.acceptance.filled import Filled, filled, safe_settings

__all__ = ["filled", "safe_settings"]

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
OUT = ("/account/sign-in/", "/account/sign-up/")


@pytest.fixture(params=[("light", 1440), ("dark", 390)], ids=["light, wide", "dark, narrow"])
def context(request: pytest.FixtureRequest, browser: Browser, filled: Filled) -> Iterator[BrowserContext]:
    scheme, width = request.param
    context = browser.new_context(base_url=filled.url, viewport={"width": width, "height": 900}, color_scheme=scheme)
    yield context
    context.close()


def violations(page: Page, path: str) -> list[str]:
    """What axe finds, a line for each rule and element."""
    page.goto(path)
    found = Axe().run(page).response["violations"]
    return [f"{path} {one['id']}: {node['html'][:200]}" for one in found for node in one["nodes"]]


def test_no_page_breaks_a_rule_of_axe(context: BrowserContext, filled: Filled) -> None:
    page = context.new_page()
    found = [line for path in OUT for line in violations(page, path)]
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": filled.session, "url": filled.url}])
    found += [line for path in filled.pages for line in violations(page, path)]
    assert found == []
