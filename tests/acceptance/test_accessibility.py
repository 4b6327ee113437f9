"""Every page by the rules of axe, light and dark, at three widths, and none wider than its window."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import Browser, Page, Route
from tests.acceptance.filled import Filled, filled, safe_settings, served
from tests.acceptance.visits import visitors, visits

__all__ = ["filled", "safe_settings", "served"]

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
Scheme = Literal["light", "dark"]
LAYOUT = {"runOnly": ["color-contrast", "scrollable-region-focusable", "target-size"]}
COLOURS = {"runOnly": ["color-contrast"]}
# Light, and a dark phone, by all rules; of the others what they can break: the style sheets know no width beyond 58rem,
# and another scheme has other colours.
LOOKS: tuple[tuple[Scheme, int, dict[str, Any]], ...] = (
    ("light", 1440, {}),
    ("light", 390, {}),
    ("light", 1920, LAYOUT),
    ("dark", 1920, COLOURS),
    ("dark", 1440, COLOURS),
    ("dark", 390, {}),
)
ERRORS = ("400.html", "403_csrf.html", "413.html", "429.html", "500.html")
AXE = "rules => axe.run({resultTypes: ['violations'], ...rules}).then(found => found.violations)"
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def problems(page: Page, path: str) -> Iterator[str]:
    """What axe finds, a line for each rule and element, and where the page is wider than the window."""
    page.emulate_media(color_scheme="light")
    page.goto(path)
    page.evaluate(AXE_SCRIPT)
    for scheme, width, rules in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        if over := page.evaluate(OVER):
            yield f"{path} at {width}: {over} pixels too wide"
        for one in page.evaluate(AXE, rules):
            yield from (f"{path} at {width}, {scheme}: {one['id']}: {node['html'][:200]}" for node in one["nodes"])


def opened(browser: Browser, filled: Filled, visitor: Client) -> Page:
    """A window of somebody's browser; their session is that of the client."""
    context = browser.new_context(base_url=filled.url)
    context.set_default_timeout(120_000)
    if cookie := visitor.cookies.get(settings.SESSION_COOKIE_NAME):
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": filled.url}])
    return context.new_page()


def answer(route: Route, *, body: str) -> None:
    route.fulfill(body=body, content_type="text/html")


@pytest.mark.timeout(1800)
def test_no_page_breaks_a_rule_of_axe_nor_its_window(browser: Browser, filled: Filled, settings: Any) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 3600
    people = visitors(filled)
    windows = {name: opened(browser, filled, visitor) for name, visitor in people.items()}
    wrong = [line for who, path in visits(filled, people) for line in problems(windows[who], path)]
    page = windows["anybody"]
    for name in ERRORS:
        page.route(f"**/{name}", partial(answer, body=render_to_string(name)))
        wrong += problems(page, f"/{name}")
    for window in windows.values():
        window.context.close()
    assert wrong == []
