"""Messages between site and workers: read as they were written, and refused by name when they are anything else."""

import json
from dataclasses import fields
from typing import Any

import pytest

from farfield_evaluators.wire import (
    VERSION,
    Claim,
    FailureSaid,
    Heartbeat,
    Message,
    Offer,
    Progress,
    Report,
    UploadRef,
    WireError,
    WrongVersion,
    defaults,
)

BEAT = Heartbeat(token="t", stage="running", progress=Progress(phase="fit", done=1, total=2), log="a\0b", log_offset=0)
CLAIM = Claim(
    id="a",
    attempt=1,
    token="t",
    lease_seconds=30,
    benchmark="toy/mini",
    benchmark_version="1",
    method={"name": "m"},
    config={"lr": 0.1},
    cell={"fold": "A"},
    seed=7,
    upload=UploadRef(sha256="0" * 64, filename="a.npz", size=3),
)
FAILURE = FailureSaid(code="plugin.raised", message="no")
REPORT = Report(run="a", token="t", attempt=1, outcome="failed", failure=FAILURE, scores=({"metric": "accuracy"},))
OFFER = Offer(worker="w", resource="cpu", accepts=("configuration",), methods=("m",), benchmarks=())


@pytest.mark.parametrize("message", [BEAT, CLAIM, REPORT, OFFER], ids=lambda message: type(message).__name__)
def test_what_is_written_is_read(message: Message) -> None:
    sent = json.loads(json.dumps(message.as_json()))
    assert sent["wire"] == VERSION
    assert type(message).from_json(sent) == message


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"wire": 1}, "worker speaks version 1 and the site version 2: upgrade the worker"),
        ({"wire": 3}, "worker speaks version 3 and the site version 2: upgrade the site"),
        ({"wire": "x" * 999}, "upgrade the worker"),
        ({"wire": True}, "upgrade the worker"),
        ({"wire": None}, "upgrade the worker"),
    ],
)
def test_another_version_is_refused_with_the_side_to_upgrade(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(WrongVersion, match=says):
        Heartbeat.from_json({**BEAT.as_json(), **changes, "unknown": 1})


def test_a_worker_of_before_there_was_a_number_is_told_to_upgrade_and_a_site_too() -> None:
    old = {name: value for name, value in BEAT.as_json().items() if name != "wire"}
    with pytest.raises(WrongVersion, match="worker speaks version 1 .* upgrade the worker"):
        Heartbeat.from_json(old)
    with pytest.raises(WrongVersion, match="site speaks version 1 and the worker version 2: upgrade the site"):
        Claim.from_json({"id": "a"})


@pytest.mark.parametrize("name", [field.name for field in fields(Report)])
def test_no_entry_may_be_missing(name: str) -> None:
    with pytest.raises(WireError, match=f"^{name}: missing"):
        Report.from_json({key: value for key, value in REPORT.as_json().items() if key != name})


@pytest.mark.parametrize(
    ("message", "changes", "says"),
    [
        (BEAT, {"more": 1, "and": 2}, "and, more: unknown"),
        (BEAT, {"stage": "succeeded"}, "stage: expected one of preparing, running, scoring, got 'succeeded'"),
        (BEAT, {"log_offset": -1}, "log_offset: expected a whole number"),
        (BEAT, {"log_offset": True}, "log_offset: expected a whole number"),
        (BEAT, {"token": 3}, "token: expected text, got 3"),
        (BEAT, {"token": "x" * 65}, "token: expected 0 to 64 characters, got 65"),
        (BEAT, {"progress": {"phase": "fit", "done": 1}}, "progress: total: missing"),
        (BEAT, {"progress": {"phase": "fit", "done": float("nan"), "total": 1}}, "progress.done: expected a finite"),
        (BEAT, {"progress": {"phase": "fit", "done": 10**400, "total": 1}}, "progress.done"),
        (OFFER, {"worker": ""}, "worker: expected 1 to 200 characters, got 0"),
        (OFFER, {"worker": "a\0"}, "worker: it has a character that is none"),
        (OFFER, {"worker": "a\ud800"}, "worker: it has a character that is none"),
        (OFFER, {"methods": "erm"}, "methods: expected a list of at most 10,000"),
        (OFFER, {"methods": ["m"] * 10_001}, "methods: expected a list"),
        (OFFER, {"methods": ["m", None]}, r"methods\[1\]: expected text, got None"),
        (CLAIM, {"cell": None}, "cell: expected an object, got None"),
        (CLAIM, {"upload": {"sha256": "0"}}, "upload: filename, size: missing"),
        (REPORT, {"infrastructure": 1}, "infrastructure: expected true or false"),
        (REPORT, {"failure": "no"}, "failure: expected an object"),
        (REPORT, {"scores": [1]}, r"scores\[0\]: expected an object"),
    ],
)
def test_what_is_not_of_the_agreed_form_is_refused_by_name(
    message: Message, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(WireError, match=says) as error:
        type(message).from_json({**message.as_json(), **changes})
    assert len(str(error.value)) < 300


@pytest.mark.parametrize("whole", [None, [], "x", 3, {1: 2}])
def test_what_is_no_object_is_no_message(whole: Any) -> None:
    with pytest.raises(WireError):
        Report.from_json(whole)


def test_defaults_are_what_need_not_be_said() -> None:
    assert defaults(Report)["scores"] == []
    assert "run" not in defaults(Report)
