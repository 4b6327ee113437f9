"""`farfield check PATH`: what a site would say, step by step."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.commands import run_here
from tests.specimen import SPECIMEN, build_wheel
from tests.wheelhouse import PLUGIN, make_wheel, served, wheel_members, write_sdist, write_wheel

from farfield.packaging.rehearsal import Rehearsal, is_package_path, rehearse

# A backend of this environment, and no network: the specimen is built with hatchling.
OFFLINE = {
    **os.environ,
    "UV_OFFLINE": "1",
    "UV_NO_BUILD_ISOLATION": "1",
    "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
}


def check(*arguments: str, environment: dict[str, str] = OFFLINE, cwd: Path | None = None) -> tuple[int, str, str]:
    return run_here("check", *arguments, environment=environment, cwd=cwd)


def check_from_a_shell(*arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "farfield", "check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=OFFLINE)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def specimen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(SPECIMEN, tmp_path_factory.mktemp("specimen"))


def test_a_wheel_passes_every_step(specimen: Path) -> None:
    arguments = [str(specimen), "--method", "colour-histogram", "--set", "bins=4"]
    status, said, complaints = check_from_a_shell(*arguments)
    assert (status, complaints) == (0, "")
    assert said.splitlines() == [
        f"archive       wheel of farfield-specimen 0.1.0, {specimen.stat().st_size} bytes",
        "entry points  specimen",
        "dependencies  2 declared, met by the base environment",
        "import        of the entry points, without an error",
        "methods       colour-histogram, colour-histogram-detector",
        'conformance   colour-histogram keeps its protocol with {"bins": 4}',
        "a site with the base environment of this release would run colour-histogram",
    ]


def test_a_suite_in_a_package_is_not_loaded_and_that_is_said(tmp_path: Path) -> None:
    points = "[farfield]\ntoy-method = toy_method\n[farfield.suites]\nmine = no_such_module:SUITE\n"
    status, said, complaints = check(str(make_wheel(tmp_path, "toy-method", points=points)))
    assert (status, complaints) == (0, "")
    assert "its suites of benchmarks are not loaded (mine): only an operator installs those\n" in said


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name one of them: colour-histogram, colour-histogram-detector [plugin.which_method]"),
        (["--method", "other"], "farfield-specimen has no method 'other'; it has colour-histogram, "),
        (["--method", "colour-histogram", "--set", "bins=0"], "bins: 0 is below the minimum 2 [plugin.bad_config]"),
        (["--method", "colour-histogram", "--set", "bins"], "--set bins: write it as NAME=VALUE [plugin.bad_config]"),
    ],
)
def test_what_is_entered_wrongly(specimen: Path, arguments: list[str], message: str) -> None:
    status, _, complaints = check(str(specimen), *arguments)
    assert status == 1
    assert message in complaints
    assert "Traceback" not in complaints


def test_a_project_folder_and_an_sdist_are_built_first(tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(SPECIMEN, project, ignore=shutil.ignore_patterns("__pycache__"))
    status, said, complaints = check("./project", "--method", "colour-histogram", cwd=tmp_path)
    assert (status, complaints) == (0, "")
    assert said.startswith("build         farfield_specimen-0.1.0-py3-none-any.whl\narchive       wheel of")
    arguments = ["build", "--sdist", "--python", sys.executable, "--out-dir", str(tmp_path), str(project)]
    subprocess.run([sys.executable, "-m", "uv", *arguments], env=OFFLINE, check=True, capture_output=True)
    make_wheel(tmp_path / "index", "hatchling", "99.0")  # only looked up: the build uses what is installed
    with served(tmp_path / "index") as (address, _):
        online = {name: value for name, value in OFFLINE.items() if name != "UV_OFFLINE"} | {
            "UV_DEFAULT_INDEX": address
        }
        arguments = ["farfield_specimen-0.1.0.tar.gz", "--method", "colour-histogram"]
        status, said, _ = check(*arguments, environment=online, cwd=tmp_path)
    assert status == 0
    steps = said.splitlines()
    assert [line.split()[0] for line in steps[:4]] == ["archive", "build", "build", "archive"]
    assert steps[1] == "build tools   1 declared; a site fetches hatchling 99.0"


@pytest.mark.parametrize(
    ("module", "code", "logged"),
    [
        ("import nowhere_to_be_found\n", "plugin.broken_import", True),
        ("from farfield import *\n@hookimpl\ndef farfield_methods():\n    return []\n", "plugin.no_method", False),
        (PLUGIN.replace("[0.0] * self.classes", "[0.0]").replace("{method}", "toy"), "plugin.protocol", False),
        (PLUGIN.replace("return [[0.0]", "return 1 / 0, [[0.0]").replace("{method}", "toy"), "plugin.raised", True),
        (PLUGIN.replace("{method}", "Not A Name"), "plugin.bad_spec", False),
        ("import os\nos._exit(3)\n", "plugin.crashed", False),
    ],
)
def test_the_step_that_fails_gives_the_code(tmp_path: Path, module: str, code: str, logged: bool) -> None:
    status, said, complaints = check(str(make_wheel(tmp_path, "toy-method", module=module)))
    assert status == 1
    assert complaints.rstrip().endswith(f"[{code}]")
    assert said.startswith("archive ")
    assert ("\nlog\n" in said) is logged


def test_a_bad_archive_is_refused_before_anything_runs(tmp_path: Path) -> None:
    path = tmp_path / "toy_method-1.0-py3-none-any.whl"
    path.write_bytes(b"not a wheel")
    status, said, complaints = check_from_a_shell(str(path))
    assert (status, said) == (1, "")
    assert complaints.endswith("[plugin.not_a_package]\n")
    assert check(str(tmp_path / "absent-1.0.whl"))[2].startswith("farfield: there is no file")


def test_a_build_that_fails_shows_its_log(tmp_path: Path) -> None:
    files = {
        "PKG-INFO": b"Metadata-Version: 2.1\nName: toy-method\nVersion: 1.0\n",
        "pyproject.toml": b'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "backend.py": b"raise RuntimeError('no compiler')",
    }
    path = write_sdist(tmp_path, {f"toy_method-1.0/{name}": data for name, data in files.items()})
    status, said, complaints = check(str(path))
    assert (status, complaints) == (
        1,
        "farfield: building a wheel failed; the log above says why [plugin.build_failed]\n",
    )
    assert "RuntimeError: no compiler" in said


def test_without_uv_pip_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Exception, match="building a wheel needs uv or pip"):
        rehearse(Rehearsal(path=SPECIMEN), print)


def test_a_method_that_takes_for_ever_is_ended(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy-method", module="import time\ntime.sleep(60)\n")
    with pytest.raises(Exception, match="took longer than 1 seconds") as caught:
        rehearse(Rehearsal(path=wheel, seconds=1), print)
    assert getattr(caught.value, "code", "") == "resources.time"


def test_files_of_a_data_folder_come_to_lie_where_an_installer_puts_them(tmp_path: Path) -> None:
    members = wheel_members()
    members["toy_method-1.0.data/purelib/toy_method.py"] = members.pop("toy_method.py")
    assert rehearse(Rehearsal(path=write_wheel(tmp_path, members)), print) == "toy-method"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a-method", False),
        ("project", False),
        ("./project", True),
        ("project/", True),
        (".", True),
        ("absent/folder", False),
        ("absent.whl", True),
        ("absent.tar.gz", True),
        ("file", True),
    ],
)
def test_what_counts_as_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: bool) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.chdir(tmp_path)
    assert is_package_path(text) is expected


def test_a_project_named_like_no_method_is_hinted_at(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "pyproject.toml").touch()
    status, _, complaints = check("project", cwd=tmp_path)
    assert status == 1
    assert "to check the project in that folder, write ./project" in complaints
