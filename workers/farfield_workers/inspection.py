"""Import, description and conformance test of a submitted method, in the sandbox, before it sees a test image."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from farfield.config import DESCRIPTION_LIMITS
from farfield.described import rebuilt
from farfield.errors import PredictionsError, SpecError
from farfield.packaging.plain import data_problem
from farfield.runtime.job import STREAMED, Job
from farfield_workers.execution import Observer, execute, of_runner
from farfield_workers.failures import RunFailure
from farfield_workers.leftovers import scratch_folder
from farfield_workers.sandbox.base import GIB, IN, OUT, Limits, Sandbox
from farfield_workers.untrusted import read_json_object, reading

# Building a method twice may load large weights; how much memory it declares is not known yet.
LIMITS = Limits(memory_bytes=16 * GIB, seconds=900, output_bytes=GIB)
RESULT_BYTES = 1 << 20
ORIGIN = ("plugin", "distribution", "version")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A package or an image, and what its submission says: the method's name (or ""), its settings, the device.

    `distribution` is empty for an image, of which every plugin is looked at.
    """

    distribution: str
    method: str
    config: Mapping[str, Any]
    plugin: Path | None = None
    image: str | None = None
    gpu: str | None = None


def inspect(
    sandbox: Sandbox, candidate: Candidate, var: Path, observer: Observer, memory_bytes: int = LIMITS.memory_bytes
) -> dict[str, Any]:
    """The description of the candidate's method. Raises RunFailure with the code of what is wrong with it."""
    limits = replace(LIMITS, memory_bytes=min(LIMITS.memory_bytes, memory_bytes))
    with scratch_folder(var, "inspect") as folder:
        (folder / "in").mkdir()
        _job(candidate).write(folder / "in")
        execution = replace(of_runner(folder, limits), plugin=candidate.plugin, gpu=candidate.gpu, own_disk=True)
        if candidate.image is not None:
            execution = replace(execution, image=candidate.image, command=(IN, OUT))
        execute(sandbox, execution, observer)
        return described(execution.output, candidate)


def described(output: Path, candidate: Candidate) -> dict[str, Any]:
    """The description that an inspection wrote. It was written beside submitted code, so its form is checked here."""
    try:
        with reading("result.json"):
            found = read_json_object(output / "result.json", RESULT_BYTES)
            _check_runner(found, candidate)
            (one,) = [m for m in found["methods"] if m["name"] == found["method"]]
            problem = data_problem(one, DESCRIPTION_LIMITS)  # it is sent on as JSON, which has no NaN
            problems = [problem] if problem else _origin_problems(one, candidate)
            if problems:
                raise SpecError("; ".join(problems))
            return {**{name: one[name] for name in ORIGIN}, **rebuilt(one)}
    except SpecError as error:
        raise RunFailure("plugin.bad_spec", f"the method's description is not usable: {error}") from error
    except PredictionsError as error:
        raise RunFailure("plugin.bad_spec", f"the method's description cannot be read: {error}") from error


def _check_runner(found: Mapping[str, Any], candidate: Candidate) -> None:
    """An image brings a runner of its own, which must know how test inputs are given. Raises RunFailure."""
    if candidate.image is not None and STREAMED not in found.get("formats", ()):
        holds = "the image holds a farfield that reads test images from a folder, and here they are given by a pipe"
        raise RunFailure("plugin.old_runner", f"{holds}: build it with farfield {version('farfield')} or newer")


def _job(candidate: Candidate) -> Job:
    return Job(
        kind="inspect",
        plugin=candidate.distribution,
        name=candidate.method,
        config=dict(candidate.config),
        device="cuda" if candidate.gpu else "cpu",
    )


def _origin_problems(one: Mapping[str, Any], candidate: Candidate) -> list[str]:
    """What is wrong with where it says that it comes from. All else that is relied on is rebuilt."""
    problems = []
    if not all(isinstance(one[name], str) for name in ("name", *ORIGIN)):
        problems.append("its names must be text")
    if candidate.method not in ("", one["name"]):
        problems.append(f"it is called {one['name']!r}, not {candidate.method!r}")
    if candidate.distribution not in ("", one["distribution"]):
        problems.append(f"it belongs to {one['distribution']!r}, not {candidate.distribution!r}")
    return problems
