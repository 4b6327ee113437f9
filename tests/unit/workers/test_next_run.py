"""For which runs a sandbox waits, and what becomes of it."""

import errno
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from farfield_workers import leftovers
from farfield_workers import next_run as next_run_module
from farfield_workers.execution import of_runner
from farfield_workers.next_run import NextRun
from farfield_workers.sandbox.base import GIB, Ending, Execution, Finished, Limits, StartsAhead, Tick
from farfield_workers.sandbox.gauge import unwatched

LIMITS = Limits(memory_bytes=GIB, seconds=30)
DONE = Finished(ending=Ending.COMPLETED, status=0, seconds=1.0, libraries=frozenset({"torch"}))


@dataclass
class Backend:
    """Notes what is asked of it, and leaves a file wherever it starts something."""

    name = "noting"
    isolates = runs_images = False
    said: list[str] = field(default_factory=list)
    dies: bool = False

    def run(self, execution: Execution, tick: Tick) -> Finished:
        assert list(execution.output.iterdir()) == []
        self.said.append("run")
        return DONE

    def ahead(self, execution: Execution, modules: Sequence[str] = ()) -> "Awaiting":
        self.said.append(f"ahead with {','.join(modules)}")
        (execution.output / "draft").touch()
        return Awaiting(self)


@dataclass
class Awaiting:
    backend: Backend

    def finish(self, execution: Execution, tick: Tick) -> Finished | None:
        self.backend.said.append("dead" if self.backend.dies else "finish")
        return None if self.backend.dies else replace(DONE, waited=True)

    def abandon(self) -> None:
        self.backend.said.append("abandon")


@pytest.fixture
def backend() -> Backend:
    assert isinstance(Backend(), StartsAhead)
    return Backend()


@pytest.fixture
def runs(backend: Backend, tmp_path: Path) -> Callable[..., list[str]]:
    """Makes runs with these limits one after the other; what the backend was asked for."""
    next_run = NextRun(tmp_path, backend)

    def make(*limits: Limits) -> list[str]:
        for each in limits:
            with next_run.place() as place:
                (place.folder / "in").mkdir(exist_ok=True)
                place.run(of_runner(place.folder, each), lambda: None)
            next_run.expect()
        next_run.drop()
        assert list((tmp_path / "scratch").iterdir()) == []
        return backend.said

    return make


def test_a_third_run_alike_is_waited_for(runs) -> None:
    assert runs(LIMITS, LIMITS, LIMITS) == ["run", "run", "ahead with torch", "finish", "ahead with torch", "abandon"]


def test_another_run_has_its_own_sandbox_in_new_folders(runs) -> None:
    other = replace(LIMITS, memory_bytes=2 * GIB)
    assert runs(LIMITS, LIMITS, other) == ["run", "run", "ahead with torch", "abandon", "run"]


def test_one_that_died_while_it_waited_costs_no_run(runs, backend: Backend) -> None:
    backend.dies = True
    assert runs(LIMITS, LIMITS, LIMITS)[2:4] == ["ahead with torch", "dead"]
    assert backend.said[4] == "run"


def test_one_that_waits_too_long_is_ended_though_a_run_is_being_laid_out_there(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(next_run_module, "WAIT_SECONDS", 0.2)
    next_run = NextRun(tmp_path, backend)
    for number in range(3):
        with next_run.place() as place:
            end = time.monotonic() + 10
            while number == 2 and "abandon" not in backend.said and time.monotonic() < end:
                time.sleep(0.02)
            (place.folder / "in").mkdir(exist_ok=True)
            place.run(replace(of_runner(place.folder, LIMITS), watch=print), lambda: None)
            assert place.ran is not None
            assert place.ran[0].watch is unwatched  # nothing of a run's lease stays
        if number == 1:
            next_run.expect()
    assert backend.said == ["run", "run", "ahead with torch", "abandon", "run"]
    next_run.tidy()


def test_a_folder_that_cannot_be_removed_fails_no_run_and_is_removed_later(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    next_run = NextRun(tmp_path, backend)
    with monkeypatch.context() as broken:
        broken.setattr(leftovers, "remove_tree", full)
        for _ in range(2):
            with next_run.place() as place:
                place.run(of_runner(place.folder, LIMITS), lambda: None)
        next_run.tidy()
        assert len([path for path in (tmp_path / "scratch").iterdir() if path.is_dir()]) == 2
        broken.setattr(next_run_module, "scratch_folder", full)
        next_run.expect()
    assert backend.said == ["run", "run"]
    next_run.tidy()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_only_the_place_that_is_overdue_is_dropped(backend: Backend, tmp_path: Path) -> None:
    next_run = NextRun(tmp_path, backend)
    for _ in range(2):
        with next_run.place() as place:
            place.run(of_runner(place.folder, LIMITS), lambda: None)
    next_run.expect()
    next_run.drop(place)  # the timer of one that was taken long ago
    assert "abandon" not in backend.said
    next_run.drop()
    assert backend.said[-1] == "abandon"
