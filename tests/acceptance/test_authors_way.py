"""An author's whole way on a real site with a real worker: from the letter at signing up to a result that verifies."""

import os
import re
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from tests.acceptance.test_browser import ENDED, WAIT, choose, has_a_rank, sign_up
from tests.acceptance.test_package import farfield, name, upload, wheel
from tests.live import PASSWORD, Live

__all__ = ["name", "wheel"]
pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.submitted]
BOARD = "/boards/imagenet-ood/mini/"
PLUGIN, LISTED, AGAIN = "from the guide", "five neighbours", "tried again"
REASON = "It was a try."
MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@pytest.mark.timeout(1500)
def test_from_signing_up_to_a_result_that_verifies(
    page: Page, browser: Browser, live: Live, name: str, wheel: Path, tmp_path: Path
) -> None:
    person = sign_up(page, f"{uuid.uuid4().hex[:8]}@example.org")
    page.goto(letter_link(live))
    page.get_by_role("main").get_by_role("button", name="Yes, it is").click()

    assert "conformance" in farfield("check", str(wheel))
    upload(page, "package", wheel)
    page.locator("textarea[name=config]").fill('{"temperature": 5.0}')
    plugin = send(page, PLUGIN)
    ends(page, "Succeeded")
    expect(page.get_by_text(name).first).to_be_visible()

    choose(page, "colour-histogram")
    page.locator("input[name$=neighbours]").fill("500")
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Not submitted yet.")).to_be_visible()
    page.locator("input[name$=neighbours]").fill("5")
    send(page, LISTED)
    ends(page, "Succeeded")
    expect(page.get_by_role("heading", name="Headline")).to_be_attached()
    expect(page.get_by_role("heading", name="Resources")).to_be_visible()

    ranked_and_compared(page, person, (PLUGIN, LISTED))
    assert any(person in line and PLUGIN in line for line in exported(page))
    verifies(page, live, plugin, tmp_path)
    with drained(browser, live) as go_on:
        cancelled_and_tried_again(page, live, "toy-brightness")
        go_on()
        ends(page, "Succeeded")
    withdrawn(page, person)


def letter_link(live: Live) -> str:
    """The link in the newest letter, once the site's worker has sent it."""
    folder = live.site.var / "mail"
    live.wait(lambda: folder.is_dir() and any(folder.iterdir()))
    newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    return re.findall(r"^https?://\S+$", newest.read_text(encoding="utf-8"), re.MULTILINE)[-1]


def send(page: Page, title: str) -> str:
    """Submit what is filled in, under a title; returns the number of the submission."""
    page.locator("input[name$=title]").fill(title)
    page.get_by_role("button", name="Submit").click()
    expect(page).to_have_url(re.compile("/submissions/"))
    return page.url.rstrip("/").rpartition("/")[2]


def ends(page: Page, state: str) -> None:
    """Watched on its open page."""
    shown = page.locator("#live .state").first
    expect(shown).to_have_text(ENDED, timeout=WAIT)
    expect(shown).to_have_text(re.compile(state, re.IGNORECASE))


def ranked_and_compared(page: Page, person: str, titles: tuple[str, str]) -> None:
    """Found on the board, chosen there, and set beside one another."""
    page.goto(BOARD)
    for title in titles:
        row = page.get_by_role("row").filter(has_text=person).filter(has_text=title)
        has_a_rank(row)
        row.get_by_role("checkbox", name=re.compile("^Compare")).check()
    page.get_by_role("button", name="Compare the chosen").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare 2 entries")
    for title in titles:
        expect(page.get_by_role("main")).to_contain_text(title)


def exported(page: Page) -> list[str]:
    """The lines of the board as CSV."""
    page.goto(BOARD)
    return (
        page.request.get(page.locator(f"a[href^='{BOARD}board.csv']").first.get_attribute("href") or "")
        .text()
        .splitlines()
    )


def verifies(page: Page, live: Live, submission: str, folder: Path) -> None:
    """The signed result and the site's keys, checked on a machine without the site; and not when a byte is another."""
    (run,) = live.submission(submission)["runs"]
    page.goto(f"/runs/{run['id']}/")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Signed result").click()
    result, keys = folder / "result.json", folder / "keys.json"
    waiting.value.save_as(result)
    keys.write_text(httpx.get(f"{live.site.url}/.well-known/farfield-keys.json").text)
    assert "holds" in farfield("verify", str(result), "--key", str(keys))
    text = result.read_text()
    at = text.index('"payload"') + 40
    result.write_text(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    assert "attestation." in farfield("verify", str(result), "--key", str(keys), status=1)


def cancelled_and_tried_again(page: Page, live: Live, method: str) -> None:
    """While no worker may claim, what is entered waits; cancelled, it is tried again with one click."""
    choose(page, method)
    number = send(page, AGAIN)
    state, buttons = page.locator("#live .state").first, page.get_by_role("main")
    expect(state).to_have_text("Queued")
    buttons.get_by_role("button", name="Cancel").click()
    buttons.get_by_role("button", name="Cancel 1 run").click()
    expect(state).to_have_text("Cancelled")
    assert [run["started_at"] for run in live.submission(number)["runs"]] == [None], "the drained worker has taken it"
    buttons.get_by_role("button", name="Try again").click()
    expect(state).to_have_text("Queued")


def withdrawn(page: Page, person: str) -> None:
    """The entry whose page is open: off the board, readable, with its reason."""
    address = page.url
    page.get_by_role("link", name="Withdraw").click()
    page.locator("main textarea").fill(REASON)
    page.get_by_role("button", name="Withdraw it").click()
    row = page.get_by_role("row").filter(has_text=person).filter(has_text=AGAIN)
    page.goto(BOARD)
    expect(row).to_contain_text(REASON)
    expect(row.locator("td.rank")).to_contain_text("unranked")
    page.goto(address)
    expect(page.get_by_role("main")).to_contain_text(REASON)


@contextmanager
def drained(browser: Browser, live: Live) -> Iterator[Callable[[], None]]:
    """While an operator has the only worker drained; what is given lets it go on."""
    window = browser.new_context(base_url=live.site.url)
    operator = window.new_page()
    operator.goto("/account/sign-in/?next=/operate/")
    operator.locator("main input[name=username]").fill(operator_of(live))
    operator.locator("main input[name=password]").fill(PASSWORD)
    operator.get_by_role("main").get_by_role("button", name="Sign in").click()
    operator.get_by_role("link", name="Drain", exact=True).click()
    operator.locator("main input[name=reason]").fill("Its disk is changed.")
    operator.get_by_role("button", name="Drain a worker").click()
    operator.goto("/operate/")
    expect(operator.get_by_role("table").last).to_contain_text("Its disk is changed.")
    yield operator.get_by_role("button", name="Let go on").click
    window.close()


def operator_of(live: Live) -> str:
    """A new operator of the site, made on its machine; returns the name."""
    made = f"operator-{uuid.uuid4().hex[:8]}"
    command = (sys.executable, str(MANAGE), "createsuperuser", "--noinput", "--username", made, "--email", "")
    within = ("sh", "-c", '. "$0" && exec "$@"', str(live.site.var / "manage.env"))
    subprocess.run(
        [*within, *command], check=True, env={**os.environ, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}, timeout=600
    )
    return made
