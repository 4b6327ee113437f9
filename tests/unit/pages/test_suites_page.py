"""The page of suites: everybody sees what is installed, and only the operator why something is not."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.test import Client
from tests.suitehouse import install_suite, points_in
from tests.unit.pages.conftest import signed_in
from tests.unit.pages.content import BOARD, Site

from farfield_evaluators.catalog import Catalog, catalog
from farfield_evaluators.suite_loading import load
from farfield_web import installed
from farfield_web.submissions.models import Worker

pytestmark = [pytest.mark.django_db, pytest.mark.services]
REFUSED = "importing suite_"


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """The site's own catalog, and one suite that cannot be used."""
    known = catalog()  # first, for it is loaded once in a process: the suite must not be in it
    monkeypatch.syspath_prepend(str(tmp_path))
    install_suite(tmp_path, "bad", code="1 / 0")
    shown = replace(known, refused=load(points_in(tmp_path))[1])
    for module in ("farfield_web.pages.suites.view", "farfield_web.installed"):
        monkeypatch.setattr(f"{module}.catalog", lambda: shown)
    return shown


def test_everybody_sees_the_suites_and_whose_data_is_here(client: Client, site: Site, broken: Catalog) -> None:
    Worker.objects.update(benchmarks=[BOARD])
    page = client.get("/suites/").content.decode()
    for each in catalog().installed:
        assert f"{each.identity.distribution} {each.identity.version}, protocol <code>{each.identity.digest}" in page
    assert page.count("on 1 worker") == 1
    assert REFUSED not in page
    assert "For the operator" not in page


def test_the_operator_sees_what_is_refused_here_and_on_workers(site: Site, broken: Catalog) -> None:
    refused = {"name": "theirs", "distribution": "d", "version": "2", "digest": "", "benchmarks": [], "refused": "<b>"}
    Worker.objects.update(suites=[refused])
    site.ada.is_staff = True
    site.ada.save()
    page = signed_in(site.ada).get("/suites/").content.decode()
    assert REFUSED in page
    assert "upgrade dist-bad, or uninstall it" in page
    assert "worker w1" in page
    assert "&lt;b&gt;" in page


def test_with_nothing_refused_the_operator_is_told_so(site: Site) -> None:
    site.ada.is_staff = True
    site.ada.save()
    assert "No suite is refused" in signed_in(site.ada).get("/suites/").content.decode()


def test_a_refused_suite_is_in_the_log_at_start_and_a_warning_of_check(
    broken: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        installed.log_suites()
    assert "not used: suite 'bad' of dist-bad 1.0: importing suite_" in caplog.text
    assert f"suite {catalog().installed[0].identity}, protocol" in caplog.text
    (warning,) = [message for message in run_checks() if message.id == "farfield.W002"]
    assert "The suite 'bad' of dist-bad 1.0 is not used" in warning.msg
    assert warning.hint == "Upgrade dist-bad, or uninstall it."
