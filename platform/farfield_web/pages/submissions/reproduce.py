"""How to make an entry's figures again: the command, and the facts that must be the same."""

import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import BenchmarkData, Submission

FARFIELD = "farfield-platform"
MOST_PACKAGES = 40
PLATFORM_FACTS = {
    "python": "Python",
    "platform": "Platform",
    "sandbox": "Sandbox",
    "device": "Device",
    "precision": "Precision",
}


@dataclass(frozen=True, kw_only=True)
class Reproduction:
    """`install` and `command` are lines for a shell, empty where there is none; `facts` are what was there.

    `note` says what the command does not tell.
    """

    install: str
    command: str
    note: str
    facts: tuple[tuple[str, str], ...]
    packages: str


def reproduction_of(submission: Submission, benchmark: Benchmark, runs: Sequence[Run]) -> Reproduction:
    """Of an entry in whatever state; facts of its newest finished run where it has one."""
    done = [run for run in runs if run.state is Status.SUCCEEDED]
    environment = _object(done[-1].environment) if done else {}
    return Reproduction(
        install=_install(submission, environment),
        command=command_of(submission, benchmark, runs),
        note=_note(submission),
        facts=tuple(_facts(submission, benchmark, done, environment)),
        packages=_packages(environment),
    )


def command_of(submission: Submission, benchmark: Benchmark, runs: Sequence[Run]) -> str:
    """`farfield evaluate` with the settings as they were in the run; empty for what was not run here."""
    if submission.kind == Kind.PREDICTIONS or submission.method is None or not benchmark.runs_methods:
        return ""
    words = ["farfield", "evaluate", submission.method.name, "--benchmark", benchmark.name]
    words += ["--tier", submission.tier] if submission.tier else []
    for name, value in sorted(submission.config.items()):
        words += ["--set", f"{name}={value if isinstance(value, str) else json.dumps(value)}"]
    if len(runs) > 1:
        words += [word for axis in benchmark.plan.axes for word in ("--cell", f"{axis.name}=all")]
        words += ["--records", "records"]
    return shlex.join(words)


def _install(submission: Submission, environment: Mapping[str, Any]) -> str:
    platform = _object(environment.get("packages")).get(FARFIELD)
    wanted = [f"{FARFIELD}=={platform}"] if isinstance(platform, str) else []
    upload = submission.upload
    if submission.kind != Kind.PREDICTIONS and upload is not None:
        wanted.append(f"./{upload.filename}")
    return shlex.join(["pip", "install", *wanted]) if wanted else ""


def _note(submission: Submission) -> str:
    if submission.kind == Kind.PREDICTIONS:
        return "Its predictions were made elsewhere: how is its author's to say. What was scored is the file below."
    if submission.kind == Kind.CONTAINER:
        return "Its method came in a container image, which only a site runs: submit the same image again."
    return "It takes the benchmark's data, prepared as its page says. Its seeds are others than those of this site."


def _facts(
    submission: Submission, benchmark: Benchmark, done: Sequence[Run], environment: Mapping[str, Any]
) -> Iterable[tuple[str, str]]:
    yield "Benchmark", f"{benchmark.name}, version {submission.benchmark_version}"
    keys = sorted({run.comparability_key for run in done if run.comparability_key})
    for key in keys:
        yield "Comparability key", key
        data = BenchmarkData.objects.filter(benchmark=benchmark.name, key=key).first()
        if data is not None:
            yield "Data", data.fingerprint
    if submission.method is not None:
        yield "Method", f"{submission.method.name} {submission.method_version}".strip()
    if submission.content:
        yield "Content", submission.content
    seeds = [str(run.seed) for run in done[:10]]
    if seeds:
        yield "Seeds" if len(seeds) > 1 else "Seed", ", ".join(seeds) + (", …" if len(done) > len(seeds) else "")
    for name, title in PLATFORM_FACTS.items():
        if isinstance(value := environment.get(name), str | int):
            yield title, str(value)[:200]


def _packages(environment: Mapping[str, Any]) -> str:
    known = sorted(_object(environment.get("packages")).items())
    return ", ".join(f"{name} {version}" for name, version in known[:MOST_PACKAGES])


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
