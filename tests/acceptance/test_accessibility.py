"""Every page by the rules of axe, light and dark, at three widths, and none wider than its window."""

from collections.abc import Iterator
from functools import partial
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.template.loader import render_to_string
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route
from tests.acceptance.filled import Filled, filled, safe_settings, served
from tests.acceptance.visits import visitors, visits

__all__ = ["filled", "safe_settings", "served"]

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
Scheme = Literal["light", "dark"]
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
LAYOUT = {"runOnly": [*COLOURS["runOnly"], "scrollable-region-focusable", "target-size"]}
# Light by all rules, on a desk and on a phone. Of the other looks what can differ there: a wider window moves and
# resizes, and by night a page has other colours and nothing else, as test_by_night_only_colours_are_others holds.
LOOKS: dict[Scheme, dict[int, dict[str, Any]]] = {
    "light": {1440: {}, 390: {}, 1920: LAYOUT},
    "dark": {1920: COLOURS, 1440: COLOURS, 390: COLOURS},
}
# Wrong by night: a text and a link within it. On a phone: a picture, what is too wide, and by night a text. In a window
# of 1920: a text, and a small button beside another.
SEEDED = """<!doctype html><html lang="en"><head><title>Seeded</title><style>
body { color: #000; background: #fff; margin: 0; }
a { color: #06c; text-decoration: none; background: none; font-weight: 400; }
.phone, .wide { display: none; }
p.phone.night { display: block; }
@media (prefers-color-scheme: dark) {
  body { color: #fff; background: #000; }
  .night:not(.phone) { color: #222; }
  a { color: #ddd; }
}
@media (max-width: 40rem) {
  .phone { display: block; }
  div.phone { width: 500px; }
}
@media (max-width: 40rem) and (prefers-color-scheme: dark) { .phone.night { color: #222; } }
@media (min-width: 112rem) {
  .wide { display: block; }
  p.wide { color: #888; background: #999; }
}
button { width: 10px; height: 10px; padding: 0; border: 0; margin: 0; float: left; }
</style></head><body><main><h1>Seeded</h1>
<p>A long enough text that has <a href="/elsewhere">a link to elsewhere</a> in its middle and goes on for a while.</p>
<p class="night">By night</p><p class="phone night">On a phone by night</p>
<img class="phone" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><div class="phone">Wide</div>
<p class="wide">In a wide window</p>
<div class="wide"><button aria-label="one"></button><button aria-label="two"></button></div>
</main></body></html>"""
ERRORS = ("400.html", "403_csrf.html", "413.html", "429.html", "500.html")
LOOK = """async rules => {
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const found = await axe.run({resultTypes: ["violations"], ...rules});
  return [over, found.violations];
}"""


def problems(page: Page, path: str) -> Iterator[str]:
    """What axe finds, a line for each rule and element, and where it is too wide; `page` is of `new_page`."""
    page.emulate_media(color_scheme="light")
    page.goto(path)
    for scheme, widths in LOOKS.items():
        page.emulate_media(color_scheme=scheme)
        for width, rules in widths.items():
            page.set_viewport_size({"width": width, "height": 900})
            over, violations = page.evaluate(LOOK, rules)
            if over:
                yield f"{path} at {width}: {over} pixels too wide"
            for one in violations:
                yield from (f"{path} at {width}, {scheme}: {one['id']}: {node['html'][:200]}" for node in one["nodes"])


def new_page(context: BrowserContext) -> Page:
    """One that has axe in it wherever it goes, and in which nothing moves: a page in motion is drawn all the time."""
    page = context.new_page()
    page.add_init_script(AXE_SCRIPT)
    page.emulate_media(reduced_motion="reduce")
    return page


def opened(browser: Browser, filled: Filled, visitor: Client) -> Page:
    """A window of somebody's browser; their session is that of the client."""
    context = browser.new_context(base_url=filled.url)
    context.set_default_timeout(120_000)
    if cookie := visitor.cookies.get(settings.SESSION_COOKIE_NAME):
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": filled.url}])
    return new_page(context)


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


@pytest.mark.timeout(1800)
def test_what_is_wrong_in_one_look_alone_is_found_there(browser: Browser) -> None:
    context = browser.new_context(base_url="http://seeded.example")
    page = new_page(context)
    page.route("**/seeded", partial(answer, body=SEEDED))
    found = list(problems(page, "/seeded"))
    context.close()
    said = sorted(line.removeprefix("/seeded at ").partition(": <")[0] for line in found)
    assert said == [
        "1440, dark: color-contrast",
        "1440, dark: link-in-text-block",
        "1920, dark: color-contrast",
        "1920, dark: color-contrast",
        "1920, dark: link-in-text-block",
        "1920, light: color-contrast",
        "1920, light: target-size",
        "1920, light: target-size",
        "390, dark: color-contrast",
        "390, dark: color-contrast",
        "390, dark: link-in-text-block",
        "390, light: image-alt",
        "390: 110 pixels too wide",
        "390: 110 pixels too wide",
    ]
