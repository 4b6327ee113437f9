"""What evaluation workers call. They hold the worker token and no database credentials."""

import logging
import uuid
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from farfield.config import JsonObject
from farfield_evaluators import wire
from farfield_evaluators.seeds import base_seed
from farfield_evaluators.wire import Announcement, MessageT, WireError, WrongVersion
from farfield_web.api.authentication import IsWorker, WorkerAuthentication
from farfield_web.api.errors import first_problem
from farfield_web.errors import UploadError, WireRefused
from farfield_web.operations.draining import drain_of
from farfield_web.runs import lease
from farfield_web.runs.announce import Refused, announce
from farfield_web.runs.introduce import introduce
from farfield_web.runs.models import Run
from farfield_web.runs.offer import Offer
from farfield_web.runs.status import Status
from farfield_web.runs.suites import foreign_benchmarks
from farfield_web.submissions import storage
from farfield_web.submissions.models import Submission, Upload
from farfield_web.words import capitalised

log = logging.getLogger(__name__)


class MethodForm(serializers.Serializer[Any]):
    """The parts of a described method that the site itself reads."""

    name = serializers.CharField(max_length=60)
    family = serializers.CharField(max_length=40)
    plugin = serializers.CharField(max_length=200)
    distribution = serializers.CharField(max_length=200)
    version = serializers.CharField(max_length=100)
    config_schema = serializers.DictField()
    claims = serializers.DictField()
    resources = serializers.DictField()


class GroupForm(serializers.Serializer[Any]):
    """A group of a benchmark's test data."""

    domain = serializers.CharField(max_length=100)
    by = serializers.ListField(child=serializers.CharField(max_length=60), max_length=20)
    name = serializers.CharField(max_length=100)
    count = serializers.IntegerField(min_value=0)
    smallest = serializers.IntegerField(min_value=1)
    counted = serializers.BooleanField(default=True)


class BenchmarkForm(serializers.Serializer[Any]):
    """What a worker says of a benchmark's data."""

    version = serializers.CharField(max_length=40)
    fingerprint = serializers.CharField(max_length=128)
    key = serializers.CharField(max_length=64)
    classes = serializers.ListField(child=serializers.CharField(), required=False)
    counts = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False)
    groups = GroupForm(many=True, required=False)


def _read(kind: type[MessageT], request: Request) -> MessageT:
    """The message that a worker sent. Raises WireRefused for another version, and for another form."""
    try:
        return kind.from_json(request.data)
    except WrongVersion as error:
        raise WireRefused("worker.version", f"{capitalised(error.says)}.") from error
    except WireError as error:
        raise WireRefused("request.invalid", f"{capitalised(error.says)}.", error.entry or None) from error


class WorkerView(APIView):
    """Only for workers."""

    authentication_classes = [WorkerAuthentication]
    permission_classes = [IsWorker]
    throttle_classes = []  # heartbeats must come through, and the token cannot be guessed


class Announce(WorkerView):
    """Methods and data."""

    def post(self, request: Request) -> Response:
        """Upserts what the worker offers; what of it cannot be read is refused by name, and the rest is kept."""
        said = _read(Announcement, request)
        methods, broken = _readable_methods(said.methods)
        benchmarks, more = _readable_benchmarks(said.benchmarks)
        refused = announce(
            said.worker,
            methods,
            benchmarks,
            resource=said.resource,
            accepts=said.accepts,
            sandbox=said.sandbox.as_json(),
            base=said.base,
            suites=said.suites,
            broken_suites=said.refused_suites,
        )
        refused = (*broken, *more, *refused)
        lines = [f"the {one.what} {one.name}: {one.message} [{one.code}]" for one in refused]
        absent = [one.name for one in refused if one.what == "benchmark"]
        absent += [name for one in refused for name in one.benchmarks]
        return Response({"refused": lines, "refused_benchmarks": absent})


def _readable_methods(described: Sequence[Any]) -> tuple[list[JsonObject], list[Refused]]:
    """(methods, refused). The form checks the parts that are read; the specifications are kept as they came."""
    kept, refused = [], []
    for number, method in enumerate(described, 1):
        form = MethodForm(data=method)
        if form.is_valid():
            kept.append(method)
            continue
        name = str(method.get("name"))[:60] if isinstance(method, dict) else f"number {number}"
        refused.append(Refused(name=name, code="plugin.bad_spec", message=_sentence(form)))
    return kept, refused


def _readable_benchmarks(said: dict[str, Any]) -> tuple[dict[str, JsonObject], list[Refused]]:
    kept, refused = {}, []
    for name, data in said.items():
        form = BenchmarkForm(data=data)
        if form.is_valid():
            kept[name] = form.validated_data
        else:
            code, message = "benchmark.bad_data", _sentence(form)
            refused.append(Refused(name=name[:100], code=code, message=message, what="benchmark"))
    return kept, refused


def _sentence(form: serializers.Serializer[Any]) -> str:
    field, message = first_problem(form.errors)
    return f"{field}: {message}" if field else message


class Claim(WorkerView):
    """Work."""

    def post(self, request: Request) -> Response:
        """200 with a run, or 204 when nothing is queued for the resource."""
        said = _read(wire.Offer, request)
        offer = Offer(
            accepts=frozenset(said.accepts),
            methods=frozenset(said.methods),
            benchmarks=frozenset(said.benchmarks),
            foreign=foreign_benchmarks(said.worker),
        )
        run = lease.claim(said.worker, said.resource, offer)
        return Response(_order(run)) if run else Response(status=204, headers=_why_none(said.worker))


class Heartbeat(WorkerView):
    """Signs of life."""

    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Extends the lease; 409 tells the worker to stop."""
        said = _read(wire.Heartbeat, request)
        progress = said.progress.as_json() if said.progress is not None else None
        stage = Status(said.stage)
        length = lease.heartbeat(number, said.token, stage, progress, said.log, said.log_offset, said.usage)
        return Response({"lease_seconds": settings.LEASE_TIME.total_seconds(), "log_length": length})


class HandBack(WorkerView):
    """A planned stop."""

    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Puts the run back into the queue, at no cost to it; 409 when it is the worker's no more."""
        lease.hand_back(number, _read(wire.HandBack, request).token)
        return Response(status=204)


class Introduce(WorkerView):
    """What a package or an image turned out to bring."""

    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Links the submission to its method; 409 tells the worker to stop, 422 why the method may not run."""
        said = _read(wire.Introduction, request)
        found = introduce(number, said.token, said.method)
        return Response({"method": found.method, **({"requeue": True} if found.requeue else {})})


class UploadedFile(WorkerView):
    """The file that a run is about."""

    def get(self, request: Request, number: uuid.UUID) -> HttpResponseBase:
        """The file's bytes, for who holds the run."""
        with transaction.atomic():
            token = request.headers.get("Farfield-Run-Token", "")
            upload = lease.held_run(number, token, "submission__upload__content").submission.upload
        if upload is None:
            raise Http404
        return _file(upload)


def _why_none(worker: str) -> dict[str, str]:
    """Said to a worker that an operator drained, for its log; headers are Latin-1, so other letters are escaped."""
    drain = drain_of(worker)
    return {wire.DRAINED: quote(drain.reason, safe=" ,.;:'()-")} if drain else {}


def _file(upload: Upload) -> HttpResponseBase:
    try:
        file = storage.path_of(upload).open("rb")
    except OSError as error:
        log.error("upload %s of %s cannot be read: %s", upload.sha256, upload.owner, error)
        text = "The site has lost the file of this upload; its operator must look after the uploads folder."
        raise UploadError("platform.upload_missing", text) from error
    response = FileResponse(file, content_type="application/octet-stream")
    # Said so that nothing on the way compresses it: an archive gains nothing by that.
    response.headers["Content-Encoding"] = "identity"
    return response


def _order(run: Run) -> JsonObject:
    submission = run.submission
    upload = submission.upload
    values = {name: getattr(upload, name) for name in ("sha256", "filename", "size")} if upload else {}
    claim = wire.Claim(
        id=str(run.pk),
        attempt=run.attempt,
        token=run.token,
        lease_seconds=settings.LEASE_TIME.total_seconds(),
        kind=submission.kind,
        benchmark=submission.benchmark,
        benchmark_version=submission.benchmark_version,
        method=_named(submission),
        upload=wire.UploadRef(**values) if upload else None,
        image=submission.image,
        config=submission.config,
        seed=run.seed,
        base_seed=base_seed(str(submission.pk), submission.benchmark),
        tier=submission.tier,
        cell=run.cell,
    )
    return claim.as_json()


def _named(submission: Submission) -> JsonObject:
    """Of a method that is not introduced yet: its name as entered, which may be empty, and what the archive says."""
    method, upload = submission.method, submission.upload
    return {
        "name": method.name if method else submission.method_name,
        "plugin": method.plugin if method else "",
        "distribution": method.distribution if method else (upload.distribution if upload else ""),
        "version": submission.method_version,
    }
