"""The database, a site without a broker, and short ways to make what tests need."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests.services import safe_settings
from tests.wheelhouse import make_wheel

from farfield import Images, MethodSpec, TaskFamily, TrackClaims, setting
from farfield_evaluators import catalog
from farfield_evaluators.catalog import benchmarks, find
from farfield_evaluators.wire import VERSION, Report, defaults
from farfield_web import compared
from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.runs import wake, workers
from farfield_web.runs.announce import announce
from farfield_web.runs.lines import line_of
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.runs.submit import Request, submit
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Method, Submission, Upload
from farfield_web.submissions.uploads import receive

__all__ = ["safe_settings"]

BOARD = "imagenet-ood/mini"
FINGERPRINT = "f" * 64
KEY = find(BOARD).comparability_key(FINGERPRINT)
Json = dict[str, Any]


def described(name: str = "constant", **changes: Any) -> Json:
    """A method as a worker announces it."""
    schema = {
        "type": "object",
        "properties": {"bias": {"type": "number", "description": "Added.", "default": 0.5, "minimum": 0, "maximum": 1}},
        "additionalProperties": False,
    }
    return {
        "name": name,
        "family": "classification",
        "summary": "Always the same.",
        "claims": {"backbone": "none", "pretraining": ["laion-2b"], "extra_data": []},
        "config_schema": schema,
        "resources": {"gpu": False, "memory_gib": 1.0, "minutes": 5.0},
        "plugin": "toy",
        "distribution": "farfield-toy",
        "version": "1.0",
        **changes,
    }


def board_data(fingerprint: str = FINGERPRINT) -> Json:
    """A benchmark's data as a worker announces it."""
    benchmark = find(BOARD)
    return {
        "version": benchmark.version,
        "fingerprint": fingerprint,
        "key": benchmark.comparability_key(fingerprint),
        "classes": ["dog", "cat"],
        "counts": {"photographs": 20, "train": 10},
    }


def api_error(response: Any) -> tuple[int, str]:
    """Status and code of an error answer, after checking its shape."""
    error = response.json()["error"]
    assert set(error) == {"code", "message", "field", "hint"}
    assert error["message"]
    return response.status_code, error["code"]


@pytest.fixture(autouse=True)
def wakes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The resources whose workers were woken; nothing is sent."""
    sent: list[str] = []
    monkeypatch.setattr(wake, "send_wake", sent.append)
    return sent


@pytest.fixture(autouse=True)
def asked_to_compare(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The boards whose entries are to be compared; nothing is sent."""
    boards: list[tuple[str, str]] = []
    monkeypatch.setattr(compared, "send", lambda *board, compare=True: boards.append(board) if compare else None)
    return boards


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    """The site's own folder, where uploads lie."""
    settings.VAR = tmp_path / "var"
    return tmp_path / "var"


@pytest.fixture
def announced(db: None) -> None:
    """One worker, with the method `constant` and the data of one board."""
    announce("worker-1", [described()], {BOARD: board_data()})


@pytest.fixture
def everything(announced: None) -> None:
    """The worker takes every kind of submission."""
    workers.announced("worker-1", "cpu", ["constant"], list(Kind), {"name": "docker", "isolates": True, "images": True})


@pytest.fixture
def wheel(person: User, tmp_path: Path) -> Upload:
    """The package `toy-method`, sent by `person`."""
    return sent(person, make_wheel(tmp_path / "wheels", "toy-method"))


@pytest.fixture
def entered_package(everything: None, person: User, wheel: Upload) -> Submission:
    """A fresh submission of the package, not inspected yet."""
    return submit(person, package(wheel))


@pytest.fixture
def method(announced: None) -> Method:
    return Method.objects.get(name="constant")


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create_user("ada", password="a long pass phrase")


@pytest.fixture
def other(db: None) -> User:
    return User.objects.create_user("grace", password="a long pass phrase")


@pytest.fixture
def entered(announced: None, person: User) -> Submission:
    """A fresh submission of `person`."""
    return submit(person, wanted())


@pytest.fixture
def run(entered: Submission) -> Run:
    """Its only run, queued."""
    return entered.runs.get()


def whole_message(path: str, body: Json) -> Json:
    """The body with all entries that its message must have."""
    own: Json = {"wire": VERSION}
    if path == "announce":
        own |= {"resource": "cpu", "accepts": ["configuration"], "base": None, "suites": [], "refused_suites": []}
        own |= {"sandbox": {"name": "process", "isolates": False, "images": False}}
    elif path == "claim":
        own |= {"accepts": ["configuration"], "methods": [name for (name,) in Method.objects.values_list("name")]}
        own |= {"benchmarks": [benchmark.name for benchmark in benchmarks()]}
    elif path.endswith("/heartbeat"):
        own |= {"progress": None, "log": "", "log_offset": 0, "usage": None}
    return own | body


@pytest.fixture
def as_worker(client: Client) -> Callable[[str, Json], Any]:
    """Posts a message to the worker API; what the body does not say is as of a worker that has everything."""

    def post(path: str, body: Json) -> Any:
        headers = {"Authorization": "Bearer worker-token"}
        message = whole_message(path, body)
        return client.post(f"/api/worker/v1/{path}", message, content_type="application/json", headers=headers)

    return post


@pytest.fixture
def call(client: Client) -> Callable[..., Any]:
    """Calls the public API, as a person when one is given."""

    def request(verb: str, path: str, body: Any = None, person: User | None = None, **headers: str) -> Any:
        if person is not None:
            headers["Authorization"] = f"Bearer {create_token(person, 'test')[1]}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return getattr(client, verb)(f"/api/v1/{path}", body, content_type="application/json", headers=named)

    return request


def sent(person: User, path: Path, name: str = "", wanted: Any = "") -> Upload:
    """A file that somebody sent, as the site keeps it."""
    return receive(person, SimpleUploadedFile(name or path.name, path.read_bytes()), wanted)


def npz(**arrays: Any) -> bytes:
    """Predictions as numpy writes them."""
    buffer = io.BytesIO()
    np.savez(buffer, **(arrays or {"logits": np.zeros((2, 2))}))
    return buffer.getvalue()


def package(sent_before: Upload, /, **changes: Any) -> Request:
    """A request to run a package."""
    return Request(
        **{
            "benchmark": BOARD,
            "kind": "plugin",
            "upload": sent_before.sha256,
            "track": "open",
            "again": True,
            **changes,
        }
    )


def found_in(name: Any = "toy-method", **changes: Any) -> Json:
    """A method as the runner describes it out of a package."""
    spec = MethodSpec(
        name="toy-method", family=TaskFamily.CLASSIFICATION, summary="Zeros.", build=dict, inputs=Images(size=8),
        claims=TrackClaims(backbone="none"), config=Config,
    )  # fmt: skip
    packaging = {"plugin": "toy-method", "distribution": "toy-method", "version": "1.0"}
    return {**spec.describe(), **packaging, "name": name, **changes}


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings of the packaged method."""

    rate: float = setting(0.5, help="Rate", ge=0, le=1)
    head: str = setting("a", help="Head", choices=("a", "b"))


def wanted(**changes: Any) -> Request:
    """A request that is allowed."""
    return Request(**{"benchmark": BOARD, "method": "constant", "track": "open", "again": True, **changes})


def make_run(submission: Submission, trial: int, status: Status, **fields: Any) -> Run:
    """A run in any state, written past the transition table."""
    now = timezone.now()
    values = {"seed": 1, "resource": "cpu", "status_at": now, "queued_at": now, "token": "t", **fields}
    values.setdefault("cell", {"trial": trial})
    values.setdefault("line", line_of(submission, values["resource"]))
    return Run.objects.create(submission=submission, trial=trial, status=status.value, **values)


def report_of(run: Run, **changes: Any) -> Json:
    """A worker's report that a run has succeeded; by the suite `mini` where none has the benchmark any more."""
    suite = catalog.catalog().owners.get(run.submission.benchmark, catalog.catalog().owners[BOARD])
    scores = [{"metric": "accuracy", "domain": d, "value": 0.5, "stderr": 0.01, "n": 20} for d in ("shifts", "id")]
    return {
        "wire": VERSION,
        **defaults(Report),
        "run": str(run.pk),
        "token": run.token,
        "attempt": run.attempt,
        "outcome": "succeeded",
        "scores": scores,
        "comparability_key": KEY,
        "seconds": {"prepare": 1.0, "run": 2.0, "score": 0.1},
        "environment": {"python": "3.11", "suite": suite.identity.as_json()},
        "log": "done\n",
        "method_version": "1.0",
        **changes,
    }
