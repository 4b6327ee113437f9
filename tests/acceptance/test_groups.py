"""Boards of groups in a browser: wide and narrow, without scripts, by the keyboard and by the rules of axe."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from tests.acceptance.filled import safe_settings
from tests.acceptance.test_accessibility import new_page, problems
from tests.acceptance.test_pages_in_a_browser import over
from tests.unit.evaluators.test_standing import RULES
from tests.unit.pages.content import PASSWORD
from tests.unit.web.conftest import described
from tests.unit.web.grouped import NAME, data, group, install_grouped, scores_of
from tests.unit.web.test_other_plans import finish

from farfield_evaluators.plans.trials import Trials
from farfield_web.accounts.models import User
from farfield_web.runs import wake
from farfield_web.runs.announce import announce
from farfield_web.runs.submit import Request, submit

__all__ = ["safe_settings"]

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
PLACES = ("land", "water", "a place with quite a long name")
METHODS = ("erm", "group-dro", "jtt", "dfr", "irm", "coral")


@pytest.fixture
def paths(safe_settings: None, live_server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A board of six methods with three repeats each, one of them unfinished and one not standard."""
    monkeypatch.setattr(wake, "send_wake", lambda resource: None)
    settings.SITE_URL, settings.CSRF_TRUSTED_ORIGINS = live_server.url, [live_server.url]
    benchmark = install_grouped(monkeypatch, PLACES, plan=Trials(3, spread="std"), standing=RULES)
    departs = {"claims": {"backbone": "none", "departs": ["trains-on-validation"]}}
    methods = [described(name, **(departs if name == "jtt" else {})) for name in METHODS]
    announce("worker-1", methods, {NAME: data(benchmark, PLACES)})
    person = User.objects.create_user("ada", password=PASSWORD)
    made = []
    for number, name in enumerate(METHODS):
        made.append(submit(person, Request(benchmark=NAME, method=name, track="open")))
        for repeat in range(2 if name == "coral" else 3):
            finish(benchmark, 0.5, scores=scores_of(_values(number, repeat)))
    failure = {"code": "resources.memory", "message": "It held more than it may."}
    finish(benchmark, 0.5, outcome="failed", failure=failure, scores=[])
    entered = (made[0].pk, made[-1].pk)
    return [f"/boards/{NAME}/", f"/benchmarks/{NAME}/", *(f"/submissions/{pk}/" for pk in entered)]


def _values(method: int, repeat: int) -> dict[str, float]:
    """Accuracies that differ by group, method and repeat; no dog is on water."""
    groups = [(place, label) for label in ("cat", "dog") for place in PLACES if (place, label) != ("water", "dog")]
    return {group(*at): 0.95 - 0.11 * n * (6 - method) / 6 - 0.02 * repeat for n, at in enumerate(groups)}


@pytest.fixture(params=[("dark", 390, False)], ids=["dark, narrow, no scripts"])
def context(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    scheme, width, scripts = request.param
    size: Any = {"width": width, "height": 900}
    context = browser.new_context(
        base_url=live_server.url, viewport=size, color_scheme=scheme, java_script_enabled=scripts
    )
    yield context
    context.close()


def test_pages_of_groups_fit_and_are_read_without_scripts(context: BrowserContext, paths: list[str]) -> None:
    page = context.new_page()
    for path in paths:
        page.goto(path)
        assert over(page) <= 0, path
    page.goto(paths[0])
    section = page.locator("section", has=page.locator("#groups-0"))
    expect(section.locator("tbody tr")).to_have_count(len(METHODS))
    expect(section.locator("td.worst")).to_have_count(len(METHODS))
    expect(section.get_by_text("no examples")).to_have_count(len(METHODS))
    expect(page.get_by_role("heading", name="Average and worst group")).to_be_visible()


@pytest.mark.parametrize("context", [("light", 1440, True)], indirect=True)
def test_no_page_of_groups_breaks_a_rule_of_axe(context: BrowserContext, paths: list[str]) -> None:
    page = new_page(context)
    assert [line for path in paths for line in problems(page, path)] == []


@pytest.mark.parametrize("context", [("light", 390, True)], indirect=True)
def test_a_wide_table_is_reached_and_scrolled_by_the_keyboard(context: BrowserContext, paths: list[str]) -> None:
    page = context.new_page()
    page.goto(paths[0])
    region = page.get_by_role("group", name="Accuracy by place and label")
    region.focus()
    expect(region).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("one => one.scrollLeft > 0", arg=region.element_handle())
