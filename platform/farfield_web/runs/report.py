"""A worker's report, checked before anything is believed."""

import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from farfield.packaging.plain import visible
from farfield_evaluators.figure import Figure
from farfield_web import storable
from farfield_web.runs.curves import ReportedPoint, points_of
from farfield_web.runs.memory import memory_of
from farfield_web.runs.reported import BadReport, scores_of

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
    records: str = ""
    facts: Json = field(default_factory=dict)
    curve: tuple[ReportedPoint, ...] = ()
    memory: Json = field(default_factory=dict)


def parse(values: Mapping[str, Any]) -> Report:
    """Raises BadReport for anything that is not of the agreed form."""
    try:
        return _parse(values)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise BadReport(f"{type(error).__name__}: {error}") from error


def _parse(values: Mapping[str, Any]) -> Report:
    outcome = values["outcome"]
    if outcome not in ("succeeded", "failed"):
        raise BadReport(f"outcome {outcome!r} is neither succeeded nor failed")
    failure = values.get("failure") or {}
    return Report(
        run=uuid.UUID(values["run"]),
        token=str(values["token"]),
        attempt=int(values["attempt"]),
        outcome=outcome,
        scores=scores_of(values.get("scores") or ()),
        comparability_key=str(values.get("comparability_key") or "")[:64],
        failure_code=str(failure.get("code", "")),
        failure_message=str(failure.get("message", "")),
        infrastructure=bool(values.get("infrastructure")),
        seconds=_json(values.get("seconds")),
        environment=_json(values.get("environment")),
        log=str(values.get("log") or ""),
        log_offset=int(values.get("log_offset") or 0),
        method_version=visible(str(values.get("method_version") or ""), 100),
        probes=_probes(values.get("probes") or {}),
        stage=str(values.get("stage") or ""),
        records=_lines(values.get("records")),
        facts=_facts(values),
        curve=points_of(values.get("curve")),
        memory=memory_of(values.get("memory")),
    )


def _probes(given: Mapping[str, Any]) -> Json:
    """What the protocol probes found, of the agreed form; empty when the method was not probed."""
    if given == {}:
        return {}
    declared = given["declared"]
    found = {name: _flag(given[name]) for name in ("deterministic", "batch_independent")}
    return {
        **found,
        "examples": _count(given["examples"]),
        "largest_difference": _difference(given["largest_difference"]),
        "declared": {name: _flag(declared[name]) for name in ("transductive", "stochastic")},
    }


def _lines(value: Any) -> str:
    """A run's evidence as lines that can be stored as they are."""
    if value is None:
        return ""
    if not isinstance(value, str) or not storable.is_text(value):
        raise BadReport("expected the records as lines of text")
    return value


def _facts(values: Mapping[str, Any]) -> Json:
    """What is known beside the lines; the plan says whether it can be so."""
    return _json({"sizes": values["sizes"]}) if values.get("sizes") else {}


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


def _json(value: Any) -> Json:
    """An object that PostgreSQL's JSON can hold: no NaN, no unstorable characters."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadReport(f"expected an object, got {type(value).__name__}")
    cleaned: Json = storable.json(value)
    return cleaned
