"""Building packages: real wheels, a real index on this host, the real installer."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.wheelhouse import make_wheel, served, wheel_members, write_sdist, write_wheel

from farfield.packaging.package import inspect_package
from farfield.packaging.resolution.base import Base
from farfield.packaging.resolution.command import masked
from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.failures import RunFailure
from farfield_workers.packages import store
from farfield_workers.packages.build import Built, build
from farfield_workers.packages.sdist import _taken
from farfield_workers.packages.settings import BuildSettings
from farfield_workers.packages.steps import bench
from farfield_workers.sandbox.base import Execution, Finished, Stopped, Tick
from farfield_workers.sandbox.bubblewrap import BubblewrapSandbox
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.sandbox.runtime import host_runtime

BASE = Base.of({"farfield": "0.1.0", "numpy": "2.1.0+local", "Py.YAML": "6.0"})


@dataclass
class Listener:
    """Remembers the log; raises Stopped at the tick of that number."""

    text: str = ""
    ticks: int = 0
    stop_at: int = -1
    lock: threading.Lock = field(default_factory=threading.Lock)

    def log(self, text: str) -> None:
        self.text += text

    def alive(self) -> None:
        self.ticks += 1
        if self.ticks == self.stop_at:
            raise Stopped


def built(path: Path, home: Path, *indexes: str, base: Base = BASE, listener: Listener | None = None) -> Built:
    settings = BuildSettings(indexes=indexes, seconds=120)
    return build(path, inspect_package(path), base, home, ProcessSandbox(), settings, listener or Listener())


def failure(path: Path, home: Path, *indexes: str, base: Base = BASE) -> RunFailure:
    with pytest.raises(RunFailure) as caught:
        built(path, home, *indexes, base=base)
    assert [p.name for p in home.iterdir() if not p.name.endswith(".lock")] == []
    return caught.value


def test_a_wheel_that_needs_only_the_base_is_built_without_an_index(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy-method", requires=("farfield", "numpy>=2", 'nowhere; python_version < "3"'))
    done = built(wheel, tmp_path / "home", "http://127.0.0.1:9/simple")
    assert (done.folder / "toy_method.py").exists()
    assert done.record["metadata"]["name"] == "toy-method"
    assert done.record["dependencies"] == [
        {"name": "farfield", "version": "0.1.0", "sha256": "", "base": True},
        {"name": "numpy", "version": "2.1.0+local", "sha256": "", "base": True},
    ]
    assert done.record["sha256"] == inspect_package(wheel).sha256
    (folder,) = [p for p in (tmp_path / "home").iterdir() if not p.name.endswith(".lock")]
    assert folder.name == f"{done.record['sha256']}-{BASE.fingerprint[:12]}"
    assert sorted(p.name for p in folder.iterdir()) == ["record.json", "site"]


def test_what_the_base_lacks_is_fetched_and_recorded_with_its_hash(tmp_path: Path) -> None:
    index = tmp_path / "index"
    make_wheel(index, "dep-a", "1.0", ("dep-b>=2", "numpy"))
    make_wheel(index, "dep-a", "2.0", ("dep-b>=2", "numpy>=9"))
    digest = inspect_package(make_wheel(index, "dep-b", "2.0")).sha256
    wheel = make_wheel(tmp_path, "toy-method", requires=("farfield", "dep-a"))
    listener = Listener()
    with served(index) as (address, asked):
        secret = address.replace("//", "//user:hunter2@")
        done = built(wheel, tmp_path / "home", secret, listener=listener)
    found = {d["name"]: d for d in done.record["dependencies"]}
    assert {name: d["version"] for name, d in found.items()} == {
        "dep-a": "1.0",  # 2.0 needs a numpy that this base does not have
        "dep-b": "2.0",
        "farfield": "0.1.0",
        "numpy": "2.1.0+local",
    }
    assert found["dep-b"] == {"name": "dep-b", "version": "2.0", "sha256": digest, "base": False}
    assert {p.name for p in done.folder.glob("*.py")} == {"toy_method.py", "dep_a.py", "dep_b.py"}
    assert not [path for path in asked if "numpy" in path or "farfield" in path]
    assert "hunter2" not in json.dumps(done.record) + listener.text


def test_the_second_call_builds_nothing(tmp_path: Path) -> None:
    index = tmp_path / "index"
    make_wheel(index, "dep-a")
    wheel = make_wheel(tmp_path, "toy-method", requires=("dep-a",))
    with served(index) as (address, asked):
        first = built(wheel, tmp_path / "home", address)
        asked.clear()
        listener = Listener()
        assert built(wheel, tmp_path / "home", address, listener=listener) == first
    assert (asked, listener.text) == ([], "")


def test_another_base_is_another_build(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy-method")
    other = Base.of({"farfield": "0.2.0"})
    assert built(wheel, tmp_path / "home").folder != built(wheel, tmp_path / "home", base=other).folder


def test_calls_at_the_same_time_build_once(tmp_path: Path) -> None:
    index = tmp_path / "index"
    make_wheel(index, "dep-a")
    wheel = make_wheel(tmp_path, "toy-method", requires=("dep-a",))
    results: list[Built] = []
    with served(index) as (address, asked):
        built(wheel, tmp_path / "alone", address)
        alone = len(asked)
        threads = [
            threading.Thread(target=lambda: results.append(built(wheel, tmp_path / "home", address))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len({r.folder for r in results}) == 1
    assert len(results) == 3
    assert len(asked) == 2 * alone


@pytest.mark.parametrize(
    ("requires", "words"),
    [
        (("numpy>=3",), ("numpy>=3", "numpy 2.1.0+local")),
        (("py-yaml<6",), ("py-yaml<6", "py-yaml 6.0")),
        (("dep-a",), ("numpy==2.1.0+local", "numpy>=9")),
        (("nowhere",), ("nowhere was not found",)),
        (("dep-b>=7",), ("dep-b", ">=7")),
        (("only-sdist",), ("only-sdist",)),
        (("dep-b @ http://127.0.0.1:9/dep_b-2.0-py3-none-any.whl",), ("from an address of its own",)),
    ],
)
def test_dependencies_that_cannot_be_had(tmp_path: Path, requires: tuple[str, ...], words: tuple[str, ...]) -> None:
    index = tmp_path / "index"
    make_wheel(index, "dep-a", "2.0", ("numpy>=9",))
    make_wheel(index, "dep-b", "2.0")
    sdist = index / "simple" / "only-sdist"
    write_sdist(sdist, {"only_sdist-1.0/PKG-INFO": b"x"}, "only_sdist-1.0.tar.gz")
    (sdist / "index.html").write_text('<a href="only_sdist-1.0.tar.gz">only_sdist-1.0.tar.gz</a>')
    wheel = make_wheel(tmp_path, "toy-method", requires=requires)
    with served(index) as (address, _):
        failed = failure(wheel, tmp_path / "home", address)
    assert (failed.code, failed.infrastructure) == ("plugin.dependencies", False)
    for word in words:
        assert word in failed.message
    assert "hint" not in failed.message


def test_a_site_without_indexes_says_so(tmp_path: Path) -> None:
    failed = failure(make_wheel(tmp_path, "toy-method", requires=("dep-a>1", "numpy")), tmp_path / "home")
    assert failed.code == "plugin.dependencies"
    assert failed.message == "the package needs dep-a>1; this site fetches no packages beyond its own"


@pytest.mark.parametrize("status", [500, None])
def test_an_index_that_does_not_answer_is_the_platforms_fault(tmp_path: Path, status: int | None) -> None:
    wheel = make_wheel(tmp_path, "toy-method", requires=("dep-a",))
    (tmp_path / "index").mkdir()
    with served(tmp_path / "index", status) as (address, _):
        used = address.replace("//", "//user:hunter2@") if status else "http://user:hunter2@127.0.0.1:9/simple"
        failed = failure(wheel, tmp_path / "home", used)
    assert (failed.code, failed.infrastructure) == ("platform.index_unreachable", True)
    assert "hunter2" not in failed.message


def test_a_failure_is_tried_again(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy-method", requires=("dep-a",))
    (tmp_path / "index").mkdir()
    with served(tmp_path / "index") as (address, _):
        failure(wheel, tmp_path / "home", address)
    make_wheel(tmp_path / "index", "dep-a")
    with served(tmp_path / "index") as (address, _):
        assert (built(wheel, tmp_path / "home", address).folder / "dep_a.py").exists()


def test_the_first_index_that_knows_a_package_wins(tmp_path: Path) -> None:
    make_wheel(tmp_path / "one", "dep-a", "1.0")
    make_wheel(tmp_path / "two", "dep-a", "2.0")
    make_wheel(tmp_path / "two", "dep-b", "2.0")
    wheel = make_wheel(tmp_path, "toy-method", requires=("dep-a", "dep-b"))
    with served(tmp_path / "one") as (one, _), served(tmp_path / "two") as (two, _):
        record = built(wheel, tmp_path / "home", one, two).record
    assert [(d["name"], d["version"]) for d in record["dependencies"]] == [("dep-a", "1.0"), ("dep-b", "2.0")]


def test_a_stopped_build_leaves_nothing(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, "toy-method", requires=("numpy",))
    with pytest.raises(Stopped):
        built(wheel, tmp_path / "home", listener=Listener(stop_at=1))
    assert [p.name for p in (tmp_path / "home").iterdir() if not p.name.endswith(".lock")] == []


KILLED = """
import os, sys, signal
from pathlib import Path
from farfield_workers.packages.store import stored
def make(folder):
    (folder / "done" / "half").write_text("x")
    os.kill(os.getpid(), signal.SIGKILL)
stored(Path(sys.argv[1]), "key", make, lambda: None)
"""


def test_a_killed_build_counts_for_nothing_and_is_cleared_away(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.glob(".key.*.part"))
    assert not (tmp_path / "key").exists()
    folder = store.stored(tmp_path, "key", lambda f: (f / "done" / "whole").touch(), lambda: None)
    assert [p.name for p in folder.iterdir()] == ["whole"]
    assert not list(tmp_path.glob(".key.*.part"))


def hold(home: Path, ready: "multiprocessing.synchronize.Event", go: "multiprocessing.synchronize.Event") -> None:
    def make(folder: Path) -> None:
        ready.set()
        go.wait(60)
        (folder / "done" / "by").write_text(str(os.getpid()))

    store.stored(home, "key", make, lambda: None)


def test_whoever_waits_keeps_ticking_and_takes_what_the_other_made(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready, go = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, ready, go))
    other.start()
    assert ready.wait(60)
    ticks: list[int] = []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 2:
            go.set()

    def make(_: Path) -> None:
        raise AssertionError("built twice")

    folder = store.stored(tmp_path, "key", make, tick)
    other.join(60)
    assert (folder / "by").read_text() == str(other.pid)
    assert len(ticks) >= 2


SDIST = {
    "toy_method-1.0/PKG-INFO": b"Metadata-Version: 2.1\nName: toy-method\nVersion: 1.0\n",
    "toy_method-1.0/pyproject.toml": b"""
[build-system]
requires = ["tool-box"]
build-backend = "backend"
backend-path = ["."]
[project]
name = "toy-method"
version = "1.0"
[project.entry-points.farfield]
toy-method = "toy_method"
""",
}
BACKEND = """
import tool_box, socket, os, shutil
def build_wheel(folder, config_settings=None, metadata_directory=None):
    {act}
    shutil.copy("made.whl", os.path.join(folder, "toy_method-1.0-py3-none-any.whl"))
    return "toy_method-1.0-py3-none-any.whl"
"""


def sdist(folder: Path, act: str = "print('building')", wheel: Path | None = None, port: bytes = b"") -> Path:
    """An sdist whose backend copies a wheel that lies in it."""
    made = write_wheel(folder / "made") if wheel is None else wheel
    members = {
        **SDIST,
        "toy_method-1.0/backend.py": BACKEND.replace("{act}", act).encode(),
        "toy_method-1.0/made.whl": made.read_bytes(),
        "toy_method-1.0/port": port,
    }
    return write_sdist(folder, members)


def test_an_sdist_is_built_with_its_build_requirements(tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", "tool-box", module="x = 1\n")
    path = sdist(tmp_path)
    listener = Listener()
    with served(tmp_path / "index") as (address, _):
        done = built(path, tmp_path / "home", address, listener=listener)
    assert sorted(p.name for p in done.folder.glob("*.py")) == ["toy_method.py"]
    assert done.record["filename"] == "toy_method-1.0.tar.gz"
    assert done.record["wheel"]["filename"] == "toy_method-1.0-py3-none-any.whl"
    assert "building" in listener.text


LOOK = """
    print("sees", sorted(os.listdir("/farfield/in")))
    try:
        socket.create_connection(("127.0.0.1", int(open("port").read())), 5)
    except OSError as error:
        print("network", type(error).__name__)
"""


@pytest.mark.bubblewrap
def test_in_a_sandbox_that_isolates_packages_are_fetched_and_built_just_so(tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", "tool-box", module="x = 1\n")
    make_wheel(tmp_path / "index", "dep-a")
    made = make_wheel(tmp_path / "made", "toy-method", requires=("dep-a", "numpy"))
    (tmp_path / "base").mkdir()
    empty = BaseEnvironment(folder=tmp_path / "base", versions={}, fingerprint="")
    sandbox, listener = BubblewrapSandbox(host_runtime(empty)), Listener()
    with served(tmp_path / "index") as (address, _):
        port = address.removesuffix("/simple").rpartition(":")[2]
        path = sdist(tmp_path, LOOK.strip(), made, port.encode())
        settings = BuildSettings(indexes=(address,))
        done = build(path, inspect_package(path), BASE, tmp_path / "home", sandbox, settings, listener)
    assert sorted(p.name for p in done.folder.glob("*.py")) == ["dep_a.py", "toy_method.py"]
    assert "sees ['toy_method-1.0.tar.gz', 'uv.toml']" in listener.text
    assert "network ConnectionRefusedError" in listener.text


def test_a_build_backend_that_fails_shows_the_end_of_its_log(tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", "tool-box", module="x = 1\n")
    path = sdist(tmp_path, "raise RuntimeError('no compiler')")
    with served(tmp_path / "index") as (address, _):
        failed = failure(path, tmp_path / "home", address)
    assert failed.code == "plugin.build_failed"
    assert "RuntimeError: no compiler" in failed.message


class Watching(ProcessSandbox):
    """Notes of each execution: its command, whether it had a network, and all that was staged and set for it."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[tuple[str, ...], bool, str]] = []

    def run(self, execution: Execution, tick: Tick) -> Finished:
        assert execution.source is not None
        staged = b"".join(path.read_bytes() for path in execution.source.rglob("*") if path.is_file())
        text = staged.decode(errors="replace") + str(execution.environment)
        self.seen.append((execution.command, execution.network, text))
        return super().run(execution, tick)


def test_foreign_code_runs_without_a_network_and_sees_no_address_of_an_index(tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", "tool-box", module="x = 1\n")
    path, sandbox = sdist(tmp_path), Watching()
    with served(tmp_path / "index") as (address, _):
        settings = BuildSettings(indexes=(address.replace("//", "//user:hunter2@"),))
        build(path, inspect_package(path), BASE, tmp_path / "home", sandbox, settings, Listener())
    steps = {" ".join(command[3:5]): (network, text) for command, network, text in sandbox.seen}
    assert {name: network for name, (network, _) in steps.items()} == {
        "pip compile": True,
        "build --wheel": False,
        "pip install": False,  # the built wheel, after the tools with a network
    }
    assert [network for command, network, _ in sandbox.seen] == [True, True, False, False]
    assert not [name for name, (network, text) in steps.items() if "127.0.0.1" in text and not network]
    assert not [command for command, _, _ in sandbox.seen if "hunter2" in " ".join(command)]


def test_a_built_wheel_is_inspected_like_any_other(tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", "tool-box", module="x = 1\n")
    bad = write_wheel(tmp_path / "bad", {**wheel_members(), "evil.pth": b"import os"})
    with served(tmp_path / "index") as (address, _):
        assert failure(sdist(tmp_path, wheel=bad), tmp_path / "home", address).code == "plugin.unsafe_path"


def test_a_wheel_of_another_version_than_its_sdist(tmp_path: Path) -> None:
    make_wheel(tmp_path / "index", "tool-box", module="x = 1\n")
    other = write_wheel(tmp_path / "other", wheel_members("toy-method", "1.0", more="Summary: fine\n"))
    content = make_wheel(tmp_path / "two", "toy-method", "2.0")
    with served(tmp_path / "index") as (address, _):
        assert built(sdist(tmp_path, wheel=other), tmp_path / "home", address).record["metadata"]["version"] == "1.0"
        failed = failure(sdist(tmp_path, wheel=content), tmp_path / "home2", address)
    assert failed.code == "plugin.bad_metadata"


def test_a_backend_that_puts_a_link_in_place_of_its_folder_moves_no_file_of_the_host(tmp_path: Path) -> None:
    host = write_wheel(tmp_path / "host")
    (tmp_path / "dist").symlink_to(host.parent)
    place = bench(tmp_path, ProcessSandbox(), BuildSettings(), Listener())
    with pytest.raises(RunFailure, match="left 0 wheels") as caught:
        _taken(tmp_path / "dist", inspect_package(host), place)
    assert (caught.value.code, host.is_file()) == ("plugin.build_failed", True)
    (tmp_path / "dist").unlink()
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / host.name).symlink_to(host)
    with pytest.raises(RunFailure, match="left 0 wheels"):
        _taken(tmp_path / "dist", inspect_package(host), place)
    assert host.is_file()


def test_a_dependency_that_replaces_a_module_of_the_platform_is_refused(tmp_path: Path) -> None:
    members = {**wheel_members("tool-box"), "sitecustomize.py": b"print('here')"}
    write_wheel(tmp_path / "index", members, "tool_box-1.0-py3-none-any.whl")
    path = make_wheel(tmp_path, "toy-method", requires=("tool-box",))
    with served(tmp_path / "index") as (address, _):
        failed = failure(path, tmp_path / "home", address)
    assert (failed.code, "sitecustomize.py" in failed.message) == ("plugin.unsafe_path", True)


@pytest.mark.parametrize("left", [0, 2])
def test_a_backend_that_leaves_another_number_of_wheels(tmp_path: Path, left: int) -> None:
    make_wheel(tmp_path / "index", "tool-box", module="x = 1\n")
    act = (
        "return 'absent.whl'" if left == 0 else "shutil.copy('made.whl', os.path.join(folder, 'a-1-py3-none-any.whl'))"
    )
    with served(tmp_path / "index") as (address, _):
        assert failure(sdist(tmp_path, act), tmp_path / "home", address).code == "plugin.build_failed"


def test_a_worker_without_uv_is_the_platforms_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uv", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    failed = failure(make_wheel(tmp_path, "toy-method"), tmp_path / "home")
    assert (failed.code, failed.infrastructure) == ("platform.no_uv", True)


def test_passwords_are_masked() -> None:
    assert masked("at https://user:pass@host/simple/ and http://token@x") == "at https://host/simple/ and http://x"
    assert masked("a\nUsing CPython 3.11.7 interpreter at: /opt/python\nb") == "a\nb"


def test_the_fingerprint_is_of_versions_and_python_alone() -> None:
    same = Base.of({"numpy": "2.1.0+local", "farfield": "0.1.0", "py-yaml": "6.0"})
    assert same.fingerprint == BASE.fingerprint
    assert Base.of({"numpy": "2.1.1"}).fingerprint != BASE.fingerprint
