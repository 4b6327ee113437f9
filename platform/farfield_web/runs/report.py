"""A worker's report, checked before anything is believed."""

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from farfield.packaging.plain import visible
from farfield_evaluators import wire
from farfield_evaluators.figure import Figure
from farfield_evaluators.wire import WireError, WrongVersion
from farfield_web import storable
from farfield_web.runs.cached import cached_of
from farfield_web.runs.curves import ReportedPoint, points_of
from farfield_web.runs.memory import memory_of
from farfield_web.runs.reported import BadReport, scores_of
from farfield_web.runs.usage import usage_of

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Report:
    """How an attempt ended."""

    run: uuid.UUID
    token: str
    attempt: int
    outcome: Literal["succeeded", "failed"]
    scores: tuple[Figure, ...] = ()
    comparability_key: str = ""
    failure_code: str = ""
    failure_message: str = ""
    infrastructure: bool = False
    seconds: Json = field(default_factory=dict)
    environment: Json = field(default_factory=dict)
    log: str = ""
    log_offset: int = 0
    method_version: str = ""
    probes: Json = field(default_factory=dict)
    stage: str = ""
    lines: str = ""
    facts: Json = field(default_factory=dict)
    curve: tuple[ReportedPoint, ...] = ()
    memory: Json = field(default_factory=dict)
    usage: Json = field(default_factory=dict)
    cached: Json = field(default_factory=dict)


def parse(values: Mapping[str, Any]) -> Report:
    """Raises WrongVersion for a worker of another release, BadReport for anything that is not of the agreed form."""
    try:
        return _parse(values)
    except WrongVersion:
        raise
    except WireError as error:
        raise BadReport(str(error)) from error
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadReport(f"{type(error).__name__}: {error}") from error


def _parse(values: Mapping[str, Any]) -> Report:
    told = wire.Report.from_json(values)
    failure = told.failure
    return Report(
        run=uuid.UUID(told.run),
        token=told.token,
        attempt=told.attempt,
        outcome="succeeded" if told.outcome == "succeeded" else "failed",
        scores=scores_of(told.scores),
        comparability_key=told.comparability_key,
        failure_code=failure.code if failure else "",
        failure_message=failure.message if failure else "",
        infrastructure=told.infrastructure,
        seconds=storable.json(told.seconds),
        environment=storable.json(told.environment),
        log=told.log,
        log_offset=told.log_offset,
        method_version=visible(told.method_version, 100),
        probes=_probes(told.probes),
        stage=told.stage,
        lines=_lines(told.lines),
        facts=storable.json(told.facts),
        curve=points_of(told.curve),
        memory=memory_of(told.memory),
        usage=usage_of(told.usage),
        cached=cached_of(told.cached),
    )


def _probes(given: Mapping[str, Any]) -> Json:
    """What the protocol probes found, of the agreed form; empty when the method was not probed.

    Of a run that predicts at checkpoints, only whether test inputs came after training.
    """
    if given == {}:
        return {}
    if "after_training" in given:
        return {"after_training": _flag(given["after_training"])}
    declared = given["declared"]
    found = {name: _flag(given[name]) for name in ("deterministic", "batch_independent")}
    return {
        **found,
        "examples": _count(given["examples"]),
        "largest_difference": _difference(given["largest_difference"]),
        "declared": {name: _flag(declared[name]) for name in ("transductive", "stochastic")},
    }


def _lines(value: str) -> str:
    """A run's evidence as lines that can be stored as they are."""
    if not storable.is_text(value):
        raise BadReport("expected the lines as text")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadReport(f"expected true or false among the probes, got {value!r}"[:200])
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
        raise BadReport(f"expected a number of probed examples, got {value!r}"[:200])
    return value


def _difference(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise BadReport(f"expected a difference between predictions, got {value!r}"[:200])
    return float(value)
