"""What hosts and operators decide, in a real browser, and what authors and everybody else then see of it."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from tests.acceptance.filled import safe_settings, served, session_of
from tests.unit.evaluators.own.made import FOLDERS, installed
from tests.unit.pages.content import BOARD, Site

from farfield_evaluators.catalog import catalog
from farfield_web.accounts.models import User

__all__ = ["safe_settings", "served"]
pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
FORM = f"/submit/{BOARD}/with/tuned/"
REASON = "Trained on the test images, by its own log."
MOMENT = "%Y-%m-%dT%H:%M"


@pytest.fixture
def windows(browser: Browser, served: Site, live_server: Any) -> Iterator[tuple[Page, Page, Page]]:
    """Windows of an author, of an operator, and of somebody without an account."""
    root = User.objects.create_user("root", is_staff=True)
    sessions = (session_of(served.ada), session_of(root), "")
    contexts = [browser.new_context(base_url=live_server.url) for _ in sessions]
    for context, session in zip(contexts, sessions, strict=True):
        if session:
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        context.set_default_timeout(60_000)
    author, operates, anybody = (context.new_page() for context in contexts)
    yield author, operates, anybody
    for context in contexts:
        context.close()


def press(page: Page, button: str, **fields: str) -> None:
    """Fill fields of the page's forms by the ends of their names, and send the one with the button."""
    for name, value in fields.items():
        page.locator(f"main [name$={name}]").fill(value)
    page.get_by_role("main").get_by_role("button", name=button).click()


def submit(page: Page, rate: str) -> None:
    page.goto(FORM)
    press(page, "Submit", rate=rate)


def test_a_quota_that_is_reached_is_said_and_given_back(windows: tuple[Page, Page, Page]) -> None:
    author, operator, _ = windows
    operator.goto("/operate/do/quota/")
    press(operator, "quota", person="ada", limit="1", benchmark=BOARD, reason="Too many at once.")
    author.goto(FORM)
    expect(author.get_by_role("main")).to_contain_text("of 1 submission")
    press(author, "Submit", rate="0.125")
    expect(author.get_by_role("alert")).to_contain_text(re.compile("quota|1 submission"))
    assert author.url.endswith(FORM)
    operator.goto("/operate/people/")
    operator.get_by_role("link", name="Take back").click()
    press(operator, "quota", reason="All is well.")
    submit(author, "0.125")
    expect(author).to_have_url(re.compile("/submissions/"))


def test_a_phase_takes_entries_until_it_is_closed(windows: tuple[Page, Page, Page]) -> None:
    author, host, _ = windows
    now = timezone.now()
    times = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(days=1)}
    host.goto(f"/benchmarks/{BOARD}/hosting/")
    press(host, "Add", title="Round 1", **{name: at.strftime(MOMENT) for name, at in times.items()})
    submit(author, "0.125")
    expect(author.locator("#about")).to_contain_text("Round 1")
    host.get_by_role("button", name="Close Round 1").click()
    expect(host.get_by_role("row").filter(has_text="Round 1")).to_contain_text("over")
    submit(author, "0.375")
    expect(author.get_by_role("alert")).to_contain_text("phase")
    assert author.url.endswith(FORM)


def test_a_cheats_row_is_off_the_board_by_one_click_and_everybody_reads_why(
    windows: tuple[Page, Page, Page], served: Site
) -> None:
    _, operator, anybody = windows
    number = served.submissions["succeeded"].pk
    row = anybody.locator(".board tbody tr").filter(has_text="succeeded one")
    operator.goto(f"/submissions/{number}/")
    press(operator, "Take off the boards", reason=REASON)
    anybody.goto(f"/boards/{BOARD}/")
    expect(row).to_contain_text(REASON)
    expect(row.locator("td.rank")).not_to_contain_text(re.compile(r"\d"))
    anybody.goto(f"/submissions/{number}/")
    expect(anybody.get_by_role("main")).to_contain_text(REASON)
    press(operator, "Put back on the boards", reason="It was another's log.")
    anybody.goto(f"/boards/{BOARD}/")
    expect(row.locator("td.rank")).to_contain_text(re.compile(r"\d"))


def test_a_private_board_is_there_for_its_owner_and_once_public_for_everybody(
    windows: tuple[Page, Page, Page], tmp_path: Path
) -> None:
    author, _, anybody = windows
    with installed(tmp_path / "own", zebrafinch=FOLDERS + '[access]\nowners = ["ada"]\n') as folder:
        for window, status in ((author, 200), (anybody, 404)):
            answer = window.goto("/boards/own/zebrafinch/")
            assert answer is not None
            assert answer.status == status
        anybody.goto("/benchmarks/")
        expect(anybody.get_by_role("link", name="Toys")).to_have_count(0)
        (folder / "zebrafinch.toml").write_text(FOLDERS + "[access]\npublic = true\n")
        catalog.cache_clear()  # as a restart does
        anybody.goto("/benchmarks/")
        anybody.get_by_role("link", name="Toys").click()
        expect(anybody.get_by_role("heading", level=1)).to_have_text("Toys")
