"""A page that is left open: what a run logs and becomes is shown by itself, and a lost connection is told."""

import pytest
from playwright.sync_api import Browser, expect
from tests.acceptance.filled import Filled, filled, safe_settings, served

from farfield_web.runs.logs import append
from farfield_web.runs.status import Status, move

__all__ = ["filled", "safe_settings", "served"]

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]


def test_an_open_page_hears_of_news_and_tells_when_the_connection_is_gone(browser: Browser, filled: Filled) -> None:
    context = browser.new_context(base_url=filled.url)
    page, run = context.new_page(), filled.site.run("running")
    page.set_default_timeout(30_000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/submissions/{run.submission_id}/")
    line = page.locator("#connection")
    expect(line).to_contain_text("Live", timeout=30_000)
    append(run, "a new line\n", len("loading\n"))
    expect(page.locator(".log pre")).to_contain_text("a new line", timeout=30_000)
    context.set_offline(True)
    expect(line).to_contain_text("The connection is gone since", timeout=60_000)
    append(run, "written meanwhile\n", len("loading\na new line\n"))
    context.set_offline(False)
    expect(line).to_contain_text("came back", timeout=60_000)
    expect(page.locator(".log pre")).to_contain_text("written meanwhile", timeout=30_000)
    move(run, Status.FAILED, failure_code="predictions.invalid", failure_message="12 logits are not finite")
    expect(page.locator("#live")).to_contain_text("12 logits are not finite", timeout=30_000)
    expect(line).to_have_text("", timeout=30_000)
    context.close()
