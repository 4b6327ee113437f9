"""Submissions of what people bring themselves, in every state, beside the content of the site."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.unit.pages.content import BOARD, Site, drive
from tests.wheelhouse import make_wheel

from farfield import Images, MethodSpec, TaskFamily, TrackClaims
from farfield_web.accounts.models import User
from farfield_web.runs.introduce import introduce
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status, move
from farfield_web.runs.submit import submit
from farfield_web.submissions.models import Submission, Upload
from farfield_web.submissions.request import Claims, Request
from farfield_web.submissions.uploads import receive

STATES = ("queued", "preparing", "running", "refused", "failed", "cancelled", "succeeded")
IMAGE = "sha256:" + "ab" * 32
PROBES = {
    "examples": 16,
    "deterministic": False,
    "batch_independent": False,
    "largest_difference": 0.25,
    "declared": {"transductive": True, "stochastic": False},
}
PACKAGE = {
    "filename": "toy_method-1.0-py3-none-any.whl",
    "metadata": {"name": "toy-method", "version": "1.0", "requires": [], "requires_python": ""},
    "dependencies": [
        {"name": "einops", "version": "0.8", "sha256": "cd" * 32, "base": False},
        {"name": "numpy", "version": "2.1", "sha256": "", "base": True},
    ],
    "interpreter": {"version": "3.11.7", "implementation": "cpython", "platform": "linux-x86_64"},
}


def wheel_bytes(folder: Path, name: str = "toy-method", **changes: Any) -> bytes:
    return make_wheel(folder, name, **changes).read_bytes()


def npz_bytes() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, logits=np.zeros((2, 2)))
    return buffer.getvalue()


def send(person: User, name: str, content: bytes) -> Upload:
    return receive(person, SimpleUploadedFile(name, content))


def bring_all(site: Site, folder: Path) -> dict[str, Submission]:
    """A package in every state, one of predictions and one of an image, all succeeded but for the image."""
    upload = send(site.ada, "toy_method-1.0-py3-none-any.whl", wheel_bytes(folder))
    found = {}
    for state in STATES:
        found[state] = submit(
            site.ada,
            Request(
                benchmark=BOARD, kind="plugin", track="open", upload=upload.sha256, title=f"package {state}", again=True
            ),
        )
        _drive(site, found[state], state)
    found["predictions"] = submit(site.grace, of_predictions(send(site.grace, "p.npz", npz_bytes())))
    drive(run_of(found["predictions"]), "succeeded", site.benchmark, accuracy=0.5)
    image = Request(benchmark=BOARD, kind="container", track="open", image=IMAGE, method="boxed")
    found["container"] = submit(site.grace, image)
    return found


def of_predictions(upload: Upload) -> Request:
    return Request(
        benchmark=BOARD, kind="predictions", track="open", method="elsewhere", upload=upload.sha256,
        summary="Made at home.", claims=Claims(backbone="clip", pretraining=("laion-2b",)),
    )  # fmt: skip


def run_of(submission: Submission) -> Run:
    return Run.objects.get(submission=submission)


def described(**changes: Any) -> dict[str, Any]:
    """The method of the package as the runner describes it."""
    spec = MethodSpec(
        name="toy-method", family=TaskFamily.CLASSIFICATION, summary="Zeros.", build=dict, inputs=Images(size=8),
        claims=TrackClaims(backbone="none"),
    )  # fmt: skip
    return {**spec.describe(), "plugin": "toy-method", "distribution": "toy-method", "version": "1.0", **changes}


def _drive(site: Site, submission: Submission, state: str) -> None:
    run = run_of(submission)
    if state in ("queued", "cancelled"):
        return drive(run, state, site.benchmark)
    move(run, Status.PREPARING, token="t", worker="w1")
    if state == "preparing":
        return None
    if state == "refused":
        return move(run, Status.FAILED, failure_code="plugin.no_entry_point", failure_message="there is none")
    introduce(run.pk, "t", described())
    move(run, Status.RUNNING)
    if state == "failed":
        move(run, Status.FAILED, failure_code="platform.no_gpu", failure_message="no device")
    if state == "succeeded":
        _succeed(site, run)
    return None


def _succeed(site: Site, run: Run) -> None:
    from tests.unit.pages.content import FINGERPRINT, refigure, score

    score(run, site.benchmark, 0.55)
    move(run, Status.SCORING)
    key = site.benchmark.comparability_key(FINGERPRINT)
    move(run, Status.SUCCEEDED, comparability_key=key, probes=PROBES, environment={"package": PACKAGE})
    refigure(run.submission)
