"""Plots in a real browser: drawn by scripts of our own, within the content policy, and tables where they are not."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.acceptance.conftest import is_problem
from tests.acceptance.filled import Filled, filled, safe_settings, served
from tests.unit.pages.content import BOARD, drive, enter

from farfield_web.runs.models import Run

__all__ = ["filled", "safe_settings", "served"]
pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
PATH = f"/boards/{BOARD}/plots/"


@pytest.fixture
def several(filled: Filled) -> Filled:
    """A few entries more, each with what its run took."""
    for number, accuracy in enumerate((0.3, 0.45, 0.7, 0.8)):
        name = f"more {number}"
        filled.site.submissions[name] = enter(
            filled.site.ada, "tuned", "open", title=name, config={"rate": 0.1 * (number + 1)}
        )
        drive(filled.site.run(name), "succeeded", filled.site.benchmark, accuracy=accuracy)
        memory = {"peak_bytes": (number + 1) << 28, "limit_bytes": 1 << 31, "counted": "kernel"}
        Run.objects.filter(submission=filled.site.submissions[name]).update(
            seconds={"run": 10.0 * (number + 1)}, memory=memory
        )
    return filled


@pytest.fixture
def opened(browser: Browser, several: Filled) -> Iterator[tuple[Page, list[str]]]:
    context = browser.new_context(base_url=several.url, viewport={"width": 390, "height": 900}, color_scheme="dark")
    page, problems = context.new_page(), []
    page.set_default_timeout(30_000)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if is_problem(message) else None)
    yield page, problems
    context.close()


def test_plots_are_drawn_within_the_content_policy(opened: tuple[Page, list[str]]) -> None:
    page, problems = opened
    page.goto(PATH)
    sections = page.locator(".plot-section")
    assert sections.count() >= 4
    for section in sections.all():
        expect(section.locator(".vega svg")).to_be_visible()
        assert section.locator(".vega svg path").count() > 5
        expect(section.locator("details")).not_to_have_attribute("open", "")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    with page.expect_download() as download:
        sections.first.get_by_role("button", name="Save as SVG").click()
    assert download.value.suggested_filename.endswith(".svg")
    assert b"<svg" in download.value.path().read_bytes()
    assert problems == []


def test_without_scripts_the_tables_are_there(browser: Browser, several: Filled) -> None:
    context = browser.new_context(base_url=several.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(PATH)
    for table in page.locator(".plot-table table").all():
        expect(table).to_be_visible()
    context.close()
