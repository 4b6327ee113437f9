"""From a claim to what is run: the file is fetched once and checked, descriptions are not believed, leftovers go."""

import hashlib
import json
import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from farfield import Images, MethodSpec, Resources, TaskFamily, TrackClaims
from farfield.config import check_config
from farfield_evaluators.catalog import find
from farfield_evaluators.wire import Claim, UploadRef
from farfield_workers.attempt import Attempt
from farfield_workers.backbones import Backbone
from farfield_workers.client import LeaseEnded, SiteClient, SiteUnreachable
from farfield_workers.entrants import Intake
from farfield_workers.evaluation import Request
from farfield_workers.failures import RunFailure
from farfield_workers.inspection import Candidate, described
from farfield_workers.installed import Installed, limits_of
from farfield_workers.leftovers import clear_leftovers, scratch_folder
from farfield_workers.quiet import Quiet
from farfield_workers.sandbox.choose import Chosen
from farfield_workers.sandbox.process import ProcessSandbox
from farfield_workers.settings import WorkerSettings

CONTENT = b"a wheel, of sorts" * 1000
UPLOAD = UploadRef(sha256=hashlib.sha256(CONTENT).hexdigest(), filename="toy-1.0-py3-none-any.whl", size=len(CONTENT))
CLAIM = Claim(
    id="11111111-1111-1111-1111-111111111111",
    attempt=1,
    token="secret",
    lease_seconds=60,
    benchmark="imagenet-ood/mini",
    benchmark_version="1",
    method={"name": ""},
    config={},
    cell={"trial": 0},
    seed=1,
    kind="plugin",
    upload=UPLOAD,
)


def intake(tmp_path: Path, answer: Callable[[httpx.Request], httpx.Response]) -> Intake:
    settings = WorkerSettings(
        name="w", broker_url="", site_url="http://site", token="t", var=tmp_path, heartbeat_seconds=1, gpu=None
    )
    client = SiteClient(settings, httpx.MockTransport(answer))
    return Intake(settings=settings, client=client, chosen=Chosen(sandbox=ProcessSandbox(), lacks="no wall"))


def test_a_file_is_fetched_once_with_the_runs_token(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=CONTENT)

    place = intake(tmp_path, answer)
    for _ in range(2):
        assert place.file(CLAIM, UPLOAD).read_bytes() == CONTENT
    (request,) = asked
    assert request.headers["Farfield-Run-Token"] == "secret"
    assert request.url.path == f"/api/worker/v1/runs/{CLAIM.id}/upload"


@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT + b"x", b"y" * len(CONTENT)])
def test_a_file_that_arrives_changed_is_not_kept(tmp_path: Path, content: bytes) -> None:
    place = intake(tmp_path, lambda _: httpx.Response(200, content=content))
    with pytest.raises(RunFailure, match="arrived changed") as caught:
        place.file(CLAIM, UPLOAD)
    assert caught.value.infrastructure
    assert list((tmp_path / "cache" / "uploads").iterdir()) == []


@pytest.mark.parametrize(("status", "error"), [(409, LeaseEnded), (503, SiteUnreachable)])
def test_what_the_site_answers_instead_of_a_file(tmp_path: Path, status: int, error: type[Exception]) -> None:
    place = intake(tmp_path, lambda _: httpx.Response(status))
    with pytest.raises(error):
        place.file(CLAIM, UPLOAD)


def test_submitted_code_is_not_run_without_a_wall(tmp_path: Path) -> None:
    place = intake(tmp_path, lambda _: httpx.Response(200, content=CONTENT))
    with pytest.raises(RunFailure, match="no wall") as caught:
        place.enter(CLAIM, Installed(methods={}, backbones={}), Quiet())
    assert caught.value.code == "platform.no_sandbox"
    assert caught.value.infrastructure


def test_the_sites_refusal_is_the_authors_failure(tmp_path: Path) -> None:
    body = {"error": {"code": "plugin.name_taken", "message": "'x' belongs to somebody else."}}
    place = intake(tmp_path, lambda _: httpx.Response(422, json=body))
    with pytest.raises(RunFailure, match="somebody else") as caught:
        place.client.introduce(CLAIM, {})
    assert caught.value.code == "plugin.name_taken"
    assert not caught.value.infrastructure


def description(**changes: object) -> dict:
    spec = MethodSpec(
        name="toy",
        family=TaskFamily.CLASSIFICATION,
        summary="A toy.",
        build=object,
        inputs=Images(size=16),
        claims=TrackClaims(backbone="none"),
    )
    origin = {"plugin": "toy", "distribution": "toy", "version": "1.0"}
    return origin | spec.describe() | changes


@pytest.mark.parametrize(
    "changes",
    [
        {"resources": {"gpu": False, "memory_gib": -1, "minutes": 1}},
        {"resources": {"gpu": False, "memory_gib": float("nan"), "minutes": 1}},
        {"resources": {"gpu": False, "memory_gib": "9", "minutes": 1}},
        {"resources": {"gpu": False, "memory": 1}},
        {"resources": None},
        {"inputs": {"kind": "pickles"}},
        {"inputs": {"kind": "images", "size": 10**9}},
        {"batch_size": 0},
        {"batch_size": "64"},
        {"family": "astrology"},
        {"config_schema": []},
        {"claims": {"backbone": ""}},
        {"claims": [1]},
        {"licence": "\ud800"},
        {"code": "a\u202eb"},
        {"papers": ["p"] * 20_000},
        {"papers": "a paper"},
        {"config_schema": {"properties": {"a": {"type": "number", "default": float("nan")}}}},
        {"claims": {"backbone": "x", "pretraining": {"a": 1}}},
        {"claims": {"backbone": "x", "pretraining": "imagenet-1k"}},
        {"inputs": [[1, 2]]},
        {"inputs": 5},
        {"batch_size": 10**300},
        {"family": {}},
        {"distribution": "numpy"},
        {"name": None},
        {"version": 3},
        {"frozen": [5]},
        {"frozen": [{"backbones": ["lite0"]}]},
        {"config_schema": {"properties": {"a": {"type": "string"}}}},
        {"config_schema": {"properties": {"a": {"type": "number", "default": 1, "minimum": "0"}}}},
        {"choices": {"other": {"batch_size": 0}}},
        {"called": 5},
        {"transductive": "no"},
    ],
    ids=str,
)
def test_a_description_is_not_believed(tmp_path: Path, changes: dict) -> None:
    written = description(**changes)
    (tmp_path / "result.json").write_text(json.dumps({"methods": [written], "method": written["name"]}))
    with pytest.raises(RunFailure) as caught:
        described(tmp_path, Candidate(distribution="toy", method="", config={}))
    assert caught.value.code == "plugin.bad_spec"


def test_a_good_description_passes(tmp_path: Path) -> None:
    good = description()
    (tmp_path / "result.json").write_text(json.dumps({"methods": [good], "method": good["name"]}))
    assert described(tmp_path, Candidate(distribution="toy", method="", config={})) == good


def test_what_a_description_says_beside_its_form_is_not_what_a_worker_goes_by(tmp_path: Path) -> None:
    setting = {"type": "string", "description": "", "default": "x", "maxLength": 12}
    stranger = {"properties": {"a": {**setting, "maxLength": "12", "pattern": "("}}}
    written = description(config_schema=stranger, more=[1])
    (tmp_path / "result.json").write_text(json.dumps({"methods": [written], "method": written["name"]}))
    kept = described(tmp_path, Candidate(distribution="toy", method="", config={}))
    assert (kept["config_schema"]["properties"], "more" in kept) == ({"a": setting}, False)
    assert check_config(kept["config_schema"], {"a": "longer than that"}) == ["a: longer than 12 characters"]


WANTS_CLIP = """
from farfield import Features, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Constant:
    def __init__(self, context): self.count = len(context.class_names)
    def predict(self, features):
        import numpy as np
        return np.zeros((len(features), self.count), np.float32)

@hookimpl
def farfield_methods():
    takes, claims = Features(backbone="clip", dim=8), TrackClaims(backbone="clip")
    return [MethodSpec(name="wants-clip", family=TaskFamily.CLASSIFICATION, summary="Takes features that nobody has.",
                       build=Constant, inputs=takes, claims=claims)]
"""


def test_a_package_whose_features_cannot_be_had_is_refused_before_the_site_hears_of_it(tmp_path: Path) -> None:
    asked: list[httpx.Request] = []
    folder = tmp_path / "plugin"
    (folder / "wants_clip-1.0.dist-info").mkdir(parents=True)
    (folder / "wants_clip.py").write_text(WANTS_CLIP)
    (folder / "wants_clip-1.0.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: wants-clip\nVersion: 1.0\n"
    )
    (folder / "wants_clip-1.0.dist-info" / "entry_points.txt").write_text("[farfield]\nwants-clip = wants_clip\n")

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={})

    place = intake(tmp_path, answer)
    clip = Backbone(name="clip", plugin="ours", version="1", takes=("model",))
    candidate = Candidate(distribution="wants-clip", method="", config={}, plugin=folder)
    with pytest.raises(RunFailure, match="stands for several networks") as caught:
        place._looked_at(CLAIM, candidate, Installed(methods={}, backbones={"clip": clip}), {}, Quiet())
    assert (caught.value.code, caught.value.infrastructure, asked) == ("plugin.bad_spec", False, [])


def test_a_method_that_wants_more_than_is_offered_is_told_how_much_that_is() -> None:
    ceiling = Resources(memory_gib=8, minutes=60)
    with pytest.raises(RunFailure, match=r"declares 4 GiB of memory and 90 minutes; at most 8 GiB and 60 minutes"):
        limits_of(description(resources={"gpu": False, "memory_gib": 4, "minutes": 90}), ceiling)


def _killed(var: str) -> None:
    with scratch_folder(Path(var), "run") as folder:
        (folder / "half").write_text("x")
        os.kill(os.getpid(), signal.SIGKILL)


def test_what_a_killed_worker_left_is_cleared_and_what_a_living_one_uses_is_not(tmp_path: Path) -> None:
    clear_leftovers(tmp_path, ProcessSandbox())  # groups of workers that other tests have killed
    process = multiprocessing.get_context("fork").Process(target=_killed, args=(str(tmp_path),))
    process.start()
    process.join(30)
    scratch = tmp_path / "scratch"
    assert [path.suffix for path in sorted(scratch.iterdir())] == ["", ".lock"]
    with scratch_folder(tmp_path, "run") as mine:
        assert clear_leftovers(tmp_path, ProcessSandbox()) == 1
        assert sorted(scratch.iterdir()) == [mine, mine.with_name(mine.name + ".lock")]
    assert list(scratch.iterdir()) == []


def test_what_all_runs_of_an_entry_share_has_the_seed_of_the_claim(tmp_path: Path) -> None:
    asked: list[Request] = []

    class Machine(SimpleNamespace):
        def run(self, request: Request, observer: object) -> None:
            asked.append(request)

    entered = intake(tmp_path, lambda _: httpx.Response(404))
    installed = SimpleNamespace(method=lambda name: {"name": name})
    machine: Any = Machine(settings=entered.settings, chosen=entered.chosen, installed=installed)
    machine.evaluator = machine
    claim = replace(CLAIM, upload=None, kind="configuration", method={"name": "toy"}, base_seed=99)
    attempt = Attempt(claim=claim, machine=machine, client=entered.client, lease=Quiet())  # type: ignore[arg-type]
    attempt._run(find(claim.benchmark), SimpleNamespace())  # type: ignore[arg-type]
    assert [(request.cell.seed, request.base_seed) for request in asked] == [(1, 99)]
