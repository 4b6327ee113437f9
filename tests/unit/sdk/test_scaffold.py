"""`farfield new`: what it writes builds, installs, is listed, and passes its own test and the conformance check."""

import os
from pathlib import Path

import pytest
from tests.specimen import build_wheel, install_wheel, run_python

from farfield import cli
from farfield.errors import FarfieldError
from farfield.scaffold import write_plugin


def test_a_new_plugin_builds_installs_and_passes(tmp_path: Path) -> None:
    plugin = write_plugin("my-colours", tmp_path / "new")
    site = tmp_path / "site"
    install_wheel(build_wheel(plugin, tmp_path / "wheels"), site)
    seen = {**os.environ, "PYTHONPATH": str(site)}
    assert "my-colours" in run_python("-m", "farfield", "methods", environment=seen)
    assert "my-colours keeps" in run_python("-m", "farfield", "check", "my-colours", environment=seen)
    tests = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert "1 passed" in run_python(*tests, environment=seen, cwd=plugin)


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
