"""For which runs a sandbox waits, and what becomes of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from farfield_workers.execution import of_runner
from farfield_workers.next_run import NextRun
from farfield_workers.sandbox.base import GIB, Ending, Execution, Finished, Limits, StartsAhead, Tick

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
