"""`farfield new`: what it writes builds, installs, is listed, and passes its own test and the conformance check."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.specimen import build_wheel, install_wheel, run_python

from farfield import cli
from farfield.errors import FarfieldError, UsageError
from farfield.scaffold import write_plugin
from farfield.testing import check_method


def test_a_new_plugin_builds_installs_and_passes(tmp_path: Path) -> None:
    plugin = write_plugin("my-colours", tmp_path / "new")
    site = tmp_path / "site"
    install_wheel(build_wheel(plugin, tmp_path / "wheels"), site)
    seen = {**os.environ, "PYTHONPATH": str(site)}
    assert "my-colours" in run_python("-m", "farfield", "methods", environment=seen)
    assert "my-colours keeps" in run_python("-m", "farfield", "check", "my-colours", environment=seen)
    # Within a project whose own settings of pytest need what is not installed, as a checkout of Farfield is one.
    (plugin.parent / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = "--no-such-option"\n')
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", plugin.name)
    assert "1 passed" in run_python(*tests, environment=seen, cwd=plugin.parent)


def test_one_on_features_too_passes_with_each_input(tmp_path: Path) -> None:
    plugin = write_plugin("my-means", tmp_path / "new", "some-backbone:12")
    module = (plugin / "my_means.py").read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "my_means"}
    exec(compile(module, "my_means.py", "exec"), names)
    spec = names["SPEC"]
    assert list(spec.inputs_by_name) == ["images", "features"]
    for chosen in spec.inputs_by_name:
        check_method(spec, tmp_path, {"input": chosen})
    assert '{"input": chosen}' in (plugin / "tests" / "test_conformance.py").read_text(encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "format", "--check", "--line-length", "120", str(plugin)]
    assert subprocess.run(ruff, capture_output=True, check=False).returncode == 0


def test_a_detector_passes_too_and_says_where_it_is_evaluated(tmp_path: Path) -> None:
    plugin = write_plugin("my-boxes", tmp_path / "new", family="detection")
    names: dict[str, Any] = {"__name__": "my_boxes"}
    exec(compile((plugin / "my_boxes.py").read_text(encoding="utf-8"), "my_boxes.py", "exec"), names)
    check_method(names["SPEC"], tmp_path)
    assert "--benchmark wilds/globalwheat" in (plugin / "README.md").read_text(encoding="utf-8")
    for tool in (("format", "--check"), ("check", "--isolated", "--select", "E,F")):
        ruff = [sys.executable, "-m", "ruff", *tool, "--line-length", "120", str(plugin)]
        done = subprocess.run(ruff, capture_output=True, check=False, text=True)
        assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("features", "family", "says"),
    [("lite0:12", "detection", "leave --features out"), ("", "regression", "'regression' is not one of classif")],
)
def test_what_is_no_family_to_start_from_is_explained(tmp_path: Path, features: str, family: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        write_plugin("my-boxes", tmp_path, features, family)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("features", ["lite0", "lite0:", ":12", "Lite:12", "lite0:0", "lite0:99999", "lite0:1.5"])
def test_features_that_are_none_are_explained(tmp_path: Path, features: str) -> None:
    with pytest.raises(UsageError, match="is not BACKBONE:DIM"):
        write_plugin("my-means", tmp_path, features)
    assert not (tmp_path / "my-means").exists()


def test_the_files_are_plain_and_named_after_the_plugin(tmp_path: Path) -> None:
    folder = write_plugin("my-colours", tmp_path)
    found = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert found == {"pyproject.toml", "my_colours.py", "tests/test_conformance.py", "README.md"}
    assert not any("$" in p.read_text() for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("name", ["", "Upper", "1st", "a--b", "a_b", "../up", "a/b", "-a", "a" * 61])
def test_a_bad_name_is_explained(tmp_path: Path, name: str) -> None:
    with pytest.raises(FarfieldError, match="is not a usable name: lower-case letters"):
        write_plugin(name, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["class", "json", "numpy", "farfield", "platform"])
def test_a_name_that_would_shadow_a_module_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FarfieldError, match="is a Python word or an installed module already"):
        write_plugin(name, tmp_path)


@pytest.mark.parametrize(
    "name", ["test-conformance", "tests", "conftest", "setup", "hatchling", "sitecustomize", "farfield-web"]
)
def test_a_name_that_would_shadow_its_own_tests_or_the_platform_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FarfieldError, match="is a module of the platform, the build or the tests|is a Python word or"):
        write_plugin(name, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_name_that_only_begins_like_a_test_is_fine(tmp_path: Path) -> None:
    assert (write_plugin("test-time-colours", tmp_path) / "test_time_colours.py").is_file()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    folder = write_plugin("my-colours", tmp_path)
    (folder / "my_colours.py").write_text("mine")
    with pytest.raises(FarfieldError, match="exists already"):
        write_plugin("my-colours", tmp_path)
    assert (folder / "my_colours.py").read_text() == "mine"


def test_a_parent_that_is_a_file_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FarfieldError, match="choose another --into"):
        write_plugin("my-colours", tmp_path / "file")


def test_a_typing_mistake_is_no_failure_of_the_platform(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["new", "Bad Name", "--into", str(tmp_path)]) == 1
    assert "[usage.invalid]" in capsys.readouterr().err
