"""A person's way through the site, in a real headless Chromium, on real images, with a wheel of a third party."""

import re
import uuid

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from tests.live import PASSWORD, Live

pytestmark = [pytest.mark.browser, pytest.mark.services]
WAIT = 240_000  # milliseconds: what a run may take where much else is going on
RANK = re.compile(r"^(\d+)(?:\s*, between\s+(\d+)(?:\u2013(\d+))?)?$")
ENDED = re.compile("Succeeded|Failed|Cancelled", re.IGNORECASE)


def sign_up(page: Page, email: str = "") -> str:
    name = f"person-{uuid.uuid4().hex[:8]}"
    page.goto("/")
    page.get_by_role("link", name="Sign up").first.click()
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=email]").fill(email)
    page.locator("input[name=password1]").fill(PASSWORD)
    page.locator("input[name=password2]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("main")).not_to_contain_text("No account was made")
    return name


def choose(page: Page, method: str) -> None:
    page.goto("/submit/")
    page.get_by_role("heading", name="ImageNet OOD, mini").get_by_role("link").click()
    page.get_by_role("rowheader", name=method, exact=True).get_by_role("link").click()


def has_a_rank(row: Locator) -> None:
    """A place, and the places that it may have by chance, once the site's worker has compared the entries."""
    rank = row.locator("td.rank")
    expect(rank).to_have_text(RANK)
    matched = RANK.match(rank.inner_text())
    assert matched
    place, best, worst = matched.groups()
    assert best is None or int(best) <= int(place) <= int(worst)


def test_a_failure_says_what_to_do(page: Page) -> None:
    sign_up(page)
    choose(page, "toy-raises")
    page.get_by_label("Open", exact=True).check()
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#live .state").first).to_have_text(re.compile("Failed", re.IGNORECASE), timeout=WAIT)
    expect(page.get_by_text("colour is a lie").first).to_be_visible()
    expect(page.get_by_text("What to do.")).to_be_visible()
    expect(page.locator("code", has_text="plugin.raised")).to_be_visible()


def test_a_missing_page_says_what_to_do(browser: Browser, live: Live) -> None:
    page = browser.new_page(base_url=live.site.url)
    answer = page.goto("/boards/no/such/")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("main").get_by_role("link").first).to_be_visible()
    page.close()
