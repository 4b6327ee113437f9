"""What strangers bring, made by the plugin guide's steps: refused where it must be, and marked for what it is."""

import os
import re
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from tests.acceptance.test_browser import WAIT, sign_up
from tests.live import Live
from tests.specimen import build_wheel

pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.submitted]
FARFIELD = Path(sys.executable).with_name("farfield")
BENCHMARK = "ImageNet OOD, mini"


@pytest.fixture
def name() -> str:
    """A name nobody else has: it belongs to the account that brings it first."""
    return f"mine-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def wheel(name: str, tmp_path: Path) -> Path:
    """The plugin guide's steps in an empty folder."""
    farfield("new", name, "--into", str(tmp_path))
    return build_wheel(tmp_path / name, tmp_path / "dist")


def farfield(*arguments: str, status: int = 0) -> str:
    done = subprocess.run(
        [str(FARFIELD), *arguments],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
        env={**os.environ, "FARFIELD_PLUGIN_PATH": "", "PYTHONPATH": ""},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def upload(page: Page, way: str, file: Path) -> None:
    """Choose a way of submitting on the benchmark's page, and a file."""
    page.goto("/submit/")
    page.get_by_role("heading", name=BENCHMARK).get_by_role("link").click()
    page.locator(f"a[href*='/bring/{way}/']").first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_label("Open", exact=True).check()


def test_what_check_refuses_the_site_refuses_with_the_same_code(page: Page, name: str, wheel: Path) -> None:
    bad = without_entry_points(wheel)
    said = farfield("check", str(bad), status=1)
    assert "plugin.no_entry_point" in said
    sign_up(page)
    upload(page, "package", bad)
    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Not submitted yet.")).to_be_visible()
    expect(page.locator("code", has_text="plugin.no_entry_point")).to_be_visible()


def test_a_broken_method_is_refused_before_it_sees_an_image(page: Page, live: Live, name: str, tmp_path: Path) -> None:
    farfield("new", name, "--into", str(tmp_path))
    module = tmp_path / name / f"{name.replace('-', '_')}.py"
    module.write_text(module.read_text().replace("def predict(", "def predicts("))
    wheel = build_wheel(tmp_path / name, tmp_path / "dist")
    assert "plugin.protocol" in farfield("check", str(wheel), status=1)
    sign_up(page)
    upload(page, "package", wheel)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#live .state").first).to_have_text(re.compile("Failed", re.IGNORECASE), timeout=WAIT)
    expect(page.locator("code", has_text="plugin.protocol")).to_be_visible()
    expect(page.get_by_text("predict").first).to_be_visible()
    expect(page.get_by_text("refused before it ran").first).to_be_visible()


def test_a_name_cannot_be_squatted_on(page: Page, live: Live, wheel: Path) -> None:
    first = live.sign_up(f"first-{uuid.uuid4().hex[:8]}")
    with first.api:
        number = first.bring(wheel)
        assert first.finished(number)["status"] == "succeeded"
    sign_up(page)
    upload(page, "package", wheel)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("code", has_text="plugin.name_taken").first).to_be_visible(timeout=WAIT)


def test_predictions_are_scored_and_labelled(
    page: Page, live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "predictions.npz"
    monkeypatch.setenv("FARFIELD_VAR", str(live.site.var))
    farfield("evaluate", "constant", "--benchmark", "imagenet-ood/mini", "--save-predictions", str(file))
    person = sign_up(page)
    upload(page, "predictions", file)
    page.locator("input[name=method]").fill(f"elsewhere-{uuid.uuid4().hex[:8]}")
    page.locator("input[name=summary]").fill("Always the same class.")
    page.locator("input[name=backbone]").fill("none")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#live .state").first).to_have_text(re.compile("Succeeded", re.IGNORECASE), timeout=WAIT)
    page.goto("/boards/imagenet-ood/mini/")
    expect(page.get_by_role("row").filter(has_text=person)).to_contain_text("redictions, not run here")


def without_entry_points(wheel: Path) -> Path:
    """The same wheel, its RECORD and entry points taken out of step with what the guide says."""
    bad = wheel.with_name(wheel.name)
    draft = wheel.with_suffix(".draft")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(draft, "w") as new:
        for item in old.infolist():
            text = old.read(item)
            if item.filename.endswith("entry_points.txt"):
                continue
            if item.filename.endswith("RECORD"):
                text = b"".join(line for line in text.splitlines(keepends=True) if b"entry_points.txt" not in line)
            new.writestr(item, text)
    draft.replace(bad)
    return bad
