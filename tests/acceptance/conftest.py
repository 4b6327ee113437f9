"""A real headless Chromium on the whole site."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from tests.live import Live

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--js-flags=--no-opt",  # no page lives long enough for its scripts to be worth it
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    candidates = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    found = next((path for name in candidates if name and (path := shutil.which(name))), None)
    assert found, "these tests need Chromium: install Debian's package `chromium`, or set CHROMIUM to its path"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, live: Live) -> Iterator[Page]:
    page = browser.new_page(base_url=live.site.url, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.set_default_timeout(60_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if is_problem(message) else None)
    yield page
    page.close()
    assert problems == []


def is_problem(message: ConsoleMessage) -> bool:
    """Errors of scripts and of the content policy; that a form was refused with 4xx is what some tests are about."""
    return message.type == "error" and "status of 4" not in message.text
