"""Job files: a round trip, and every way in which one can be unreadable."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield.errors import JobError
from farfield.runtime import job as jobs
from farfield.runtime.job import Job, read_json, write_json

WORDS = st.text(max_size=8)
CONFIGS = st.dictionaries(WORDS, st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), WORDS))
FINITE = CONFIGS.filter(lambda c: all(not isinstance(v, float) or math.isfinite(v) for v in c.values()))
JOBS = st.builds(
    Job,
    plugin=WORDS,
    name=WORDS,
    kind=st.sampled_from(["method", "features"]),
    config=FINITE,
    seed=st.integers(0, 2**31 - 1),
    class_names=st.lists(WORDS, max_size=3).map(tuple),
    class_synsets=st.lists(st.lists(WORDS, max_size=2).map(tuple), max_size=2).map(tuple),
    domain_names=st.lists(WORDS, max_size=2).map(tuple),
)


@given(JOBS)
def test_a_job_survives_the_round_trip(tmp_path_factory: pytest.TempPathFactory, job: Job) -> None:
    folder = tmp_path_factory.mktemp("job")
    job.write(folder)
    assert Job.read(folder) == job
    assert [p.name for p in folder.iterdir()] == ["job.json"]


def entries(**changes: Any) -> dict[str, Any]:
    good = {"format": 1, "plugin": "p", "name": "n", "class_names": [], "class_synsets": [], "domain_names": []}
    return {k: v for k, v in (good | changes).items() if v is not ...}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (entries(format=3), "has format 3; this runner reads the formats 1 and 2; upgrade the farfield that runs it"),
        (entries(format=...), "has format None"),
        (entries(plugin=...), "missing or unknown entries.*plugin"),
        (entries(class_synsets=...), "missing or unknown entries: 'class_synsets'"),
        (entries(class_names=3), "missing or unknown entries"),
        (entries(labels=[1]), "missing or unknown entries.*labels"),
        (entries(kind="generalize"), "the schedule {}; it must have steps, checkpoint_every, batch, from 1"),
        (entries(kind="generalize", schedule={"steps": 0, "checkpoint_every": 1, "batch": 1}), "the schedule"),
        (entries(kind="generalize", schedule={"steps": 1, "checkpoint_every": 1, "batch": True}), "the schedule"),
        (entries(kind="generalize", schedule=[1, 2, 3]), "the schedule"),
        (entries(kind="shell"), "kind 'shell'; this runner knows method and features"),
    ],
)
def test_a_foreign_job_is_refused(tmp_path: Path, values: dict[str, Any], message: str) -> None:
    write_json(tmp_path / "job.json", values)
    with pytest.raises(JobError, match=message):
        Job.read(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "cannot be read"),
        (b"{", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b"[1]", "must hold a JSON object"),
        (b'{"a": NaN}', "NaN is not a number that JSON knows"),
        (b'{"a": -Infinity}', "-Infinity is not a number"),
        (b'{"a": ' + b"[" * 100_000, "cannot be read"),
        (b'{"a": ' + b"1" * 5000 + b"}", "cannot be read"),
    ],
)
def test_what_is_not_json_is_a_job_error(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "result.json"
    path.write_bytes(content)
    with pytest.raises(JobError, match=message):
        read_json(path)


def test_a_missing_file_is_named_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(JobError) as caught:
        read_json(tmp_path / "job.json")
    assert str(caught.value) == "job.json cannot be read: No such file or directory"


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MAX_JSON_BYTES", 10)
    (tmp_path / "a.json").write_text(json.dumps({"a": "bcdefgh"}))
    with pytest.raises(JobError, match="longer than 10 bytes"):
        read_json(tmp_path / "a.json")


def test_nan_is_never_written(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})
    with pytest.raises(ValueError, match="JSON"):
        write_json(path, {"a": math.nan})
    assert read_json(path) == {"a": 1}
