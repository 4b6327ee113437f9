"""A sandbox that is started before its job is there: nothing of a package runs in it until then."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.sandbox.conftest import isolating

from farfield_workers.base_environment import BaseEnvironment
from farfield_workers.execution import of_runner
from farfield_workers.sandbox.base import GIB, MIB, Ending, Execution, Limits, StartsAhead
from farfield_workers.sandbox.children import Child
from farfield_workers.sandbox.usage import tree
from farfield_workers.trees import remove_tree

pytestmark = pytest.mark.bubblewrap
LIMITS = Limits(memory_bytes=GIB, seconds=30, output_bytes=32 * MIB)
SAID = "Namespaces are one honking great idea"  # what `import this` prints last


@pytest.fixture
def backend(base: BaseEnvironment) -> StartsAhead:
    sandbox = isolating("bubblewrap", base)
    assert isinstance(sandbox, StartsAhead)
    return sandbox


@pytest.fixture
def execution(tmp_path: Path) -> Iterator[Execution]:
    """Of a package with a file that Python imports by itself when it starts."""
    plugin = tmp_path / "plugin"
    for folder in (plugin, tmp_path / "in"):
        folder.mkdir()
    (plugin / "sitecustomize.py").write_text("print('the package runs', flush=True)\n")
    made = of_runner(tmp_path, LIMITS)
    made.log.touch()
    yield replace(made, plugin=plugin, own_disk=True)
    remove_tree(made.output)  # a file system of its own, as those who start a sandbox remove it


def waits(execution: Execution) -> str:
    """The log, once what is imported while it waits was imported."""
    end = time.monotonic() + 60
    while SAID not in (said := execution.log.read_text()):
        assert time.monotonic() < end, said
        time.sleep(0.05)
    return said


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_nothing_of_a_package_runs_before_its_job_is_there(backend: StartsAhead, execution: Execution) -> None:
    waiting = backend.ahead(execution, ["this"])
    assert "the package runs" not in waits(execution)
    assert execution.source is not None
    (execution.source / "job.json").write_text(json.dumps({"format": 99}))
    finished = waiting.finish(execution, lambda: None)
    assert finished is not None
    assert (finished.ending, finished.waited) == (Ending.REPORTED, True)
    assert "the package runs" in execution.log.read_text()  # and then it has the process of a fresh start
    assert json.loads((execution.output / "error.json").read_text())["code"] == "platform.bad_job"


def test_one_that_cannot_be_told_leaves_nothing(
    backend: StartsAhead, execution: Execution, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError("no room")

    before, held = set(tree(os.getpid())), descriptors()
    waiting = backend.ahead(execution)
    monkeypatch.setattr(Child, "begin", full)
    with pytest.raises(OSError, match="no room"):
        waiting.finish(execution, lambda: None)
    assert set(tree(os.getpid())) <= before
    assert descriptors() == held


def test_one_that_is_not_needed_leaves_nothing(backend: StartsAhead, execution: Execution) -> None:
    before = set(tree(os.getpid()))
    waiting = backend.ahead(execution)
    assert set(tree(os.getpid())) > before
    waiting.abandon()
    assert set(tree(os.getpid())) <= before
    assert list(execution.output.iterdir()) == []
