"""What evaluation workers call. They hold the worker token and no database credentials."""

import logging
import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from farfield.config import JsonObject
from farfield_web.api.authentication import IsWorker, WorkerAuthentication
from farfield_web.api.errors import first_problem
from farfield_web.errors import UploadError
from farfield_web.runs import lease
from farfield_web.runs.announce import Refused, announce
from farfield_web.runs.introduce import introduce
from farfield_web.runs.models import Run
from farfield_web.runs.offer import Offer
from farfield_web.runs.status import LEASED, Status
from farfield_web.runs.suites import foreign_benchmarks
from farfield_web.submissions import storage
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission, Upload

log = logging.getLogger(__name__)
CONFIGURATION = Kind.CONFIGURATION.value


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


class BenchmarkForm(serializers.Serializer[Any]):
    """What a worker says of a benchmark's data."""

    version = serializers.CharField(max_length=40)
    fingerprint = serializers.CharField(max_length=128)
    key = serializers.CharField(max_length=64)
    classes = serializers.ListField(child=serializers.CharField(), required=False)
    counts = serializers.DictField(child=serializers.IntegerField(min_value=0), required=False)


class SandboxForm(serializers.Serializer[Any]):
    """How a worker shuts submitted code in."""

    name = serializers.CharField(max_length=60)
    isolates = serializers.BooleanField()
    images = serializers.BooleanField()


class Kinds(serializers.ListField):
    """The kinds of submission that a worker runs; workers of before there were kinds run configurations."""

    def __init__(self, **options: Any) -> None:
        # A kind that only a newer worker knows is no fault of it.
        super().__init__(child=serializers.CharField(max_length=20), required=False, default=[CONFIGURATION], **options)


class AnnounceForm(serializers.Serializer[Any]):
    """An announcement."""

    worker = serializers.CharField(max_length=200)
    resources = serializers.ListField(child=serializers.CharField(max_length=20), required=False, default=["cpu"])
    methods = serializers.ListField(child=serializers.JSONField())
    benchmarks = serializers.DictField(child=serializers.JSONField())
    sandbox = SandboxForm(required=False, default=dict)
    accepts = Kinds()
    base = serializers.DictField(required=False, allow_null=True, default=None)
    suites = serializers.ListField(child=serializers.JSONField(allow_null=True), required=False, default=list)
    refused_suites = serializers.ListField(child=serializers.JSONField(allow_null=True), required=False, default=list)


class ClaimForm(serializers.Serializer[Any]):
    """A claim."""

    worker = serializers.CharField(max_length=200)
    resource = serializers.CharField(max_length=20)
    accepts = Kinds()
    methods = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True, default=None)
    benchmarks = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True, default=None)


class IntroduceForm(serializers.Serializer[Any]):
    """What a worker found in a package or an image."""

    token = serializers.CharField(max_length=64)
    method = serializers.DictField()


class ProgressForm(serializers.Serializer[Any]):
    """How far the current phase is."""

    phase = serializers.CharField(max_length=60)
    done = serializers.FloatField(min_value=0)
    total = serializers.FloatField(min_value=0)


class AnyText(serializers.Field[str, Any, str, Any]):
    """Text as a program wrote it: REST framework's own field refuses NUL, and a log may hold anything."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError("Expected text.")
        return data


class HandBackForm(serializers.Serializer[Any]):
    """What a worker that stops in order gives back."""

    token = serializers.CharField(max_length=64)


class HeartbeatForm(serializers.Serializer[Any]):
    """A heartbeat."""

    token = serializers.CharField(max_length=64)
    stage = serializers.ChoiceField(choices=[status.value for status in LEASED])
    progress = ProgressForm(required=False, allow_null=True, default=None)
    log = AnyText(required=False, default="")
    log_offset = serializers.IntegerField(required=False, default=0, min_value=0)


class WorkerView(APIView):
    """Only for workers."""

    authentication_classes = [WorkerAuthentication]
    permission_classes = [IsWorker]
    throttle_classes = []  # heartbeats must come through, and the token cannot be guessed


class Announce(WorkerView):
    """Methods and data."""

    def post(self, request: Request) -> Response:
        """Upserts what the worker offers; what of it cannot be read is refused by name, and the rest is kept."""
        form = AnnounceForm(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        methods, broken = _readable_methods(values["methods"])
        benchmarks, more = _readable_benchmarks(values["benchmarks"])
        refused = announce(
            values["worker"],
            methods,
            benchmarks,
            resource=next(iter(values["resources"]), "cpu"),
            accepts=values["accepts"],
            sandbox=values["sandbox"],
            base=values["base"],
            suites=values["suites"],
            broken_suites=values["refused_suites"],
        )
        refused = (*broken, *more, *refused)
        lines = [f"the {one.what} {one.name}: {one.message} [{one.code}]" for one in refused]
        absent = [one.name for one in refused if one.what == "benchmark"]
        absent += [name for one in refused for name in one.benchmarks]
        return Response({"refused": lines, "refused_benchmarks": absent})


def _readable_methods(described: list[Any]) -> tuple[list[JsonObject], list[Refused]]:
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
        form = ClaimForm(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        names = {name: None if values[name] is None else frozenset(values[name]) for name in ("methods", "benchmarks")}
        foreign = foreign_benchmarks(values["worker"])
        offer = Offer(accepts=frozenset(values["accepts"]), foreign=foreign, **names)
        run = lease.claim(values["worker"], values["resource"], offer)
        return Response(_order(run)) if run else Response(status=204)


class Heartbeat(WorkerView):
    """Signs of life."""

    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Extends the lease; 409 tells the worker to stop."""
        form = HeartbeatForm(data=request.data)
        form.is_valid(raise_exception=True)
        values = form.validated_data
        length = lease.heartbeat(
            number, values["token"], Status(values["stage"]), values["progress"], values["log"], values["log_offset"]
        )
        return Response({"lease_seconds": settings.LEASE_TIME.total_seconds(), "log_length": length})


class HandBack(WorkerView):
    """A planned stop."""

    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Puts the run back into the queue, at no cost to it; 409 when it is the worker's no more."""
        form = HandBackForm(data=request.data)
        form.is_valid(raise_exception=True)
        lease.hand_back(number, form.validated_data["token"])
        return Response(status=204)


class Introduce(WorkerView):
    """What a package or an image turned out to bring."""

    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Links the submission to its method; 409 tells the worker to stop, 422 why the method may not run."""
        form = IntroduceForm(data=request.data)
        form.is_valid(raise_exception=True)
        found = introduce(number, form.validated_data["token"], form.validated_data["method"])
        return Response({"method": found.method, **({"requeue": True} if found.requeue else {})})


class UploadedFile(WorkerView):
    """The file that a run is about."""

    def get(self, request: Request, number: uuid.UUID) -> HttpResponseBase:
        """The file's bytes, for who holds the run."""
        with transaction.atomic():
            upload = lease.held_run(number, request.headers.get("Farfield-Run-Token", "")).submission.upload
        if upload is None:
            raise Http404
        return _file(upload)


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
    return {
        "id": str(run.pk),
        "attempt": run.attempt,
        "token": run.token,
        "lease_seconds": settings.LEASE_TIME.total_seconds(),
        "kind": submission.kind,
        "benchmark": submission.benchmark,
        "benchmark_version": submission.benchmark_version,
        "method": _named(submission),
        "upload": {name: getattr(upload, name) for name in ("sha256", "filename", "size")} if upload else None,
        "image": submission.image,
        "config": submission.config,
        "trial": run.trial,
        "seed": run.seed,
        "tier": submission.tier,
        "cell": run.cell if set(run.cell) - {"trial"} else None,
    }


def _named(submission: Submission) -> JsonObject:
    """Of a method that is not introduced yet: its name as entered, which may be empty, and what the archive says."""
    method, upload = submission.method, submission.upload
    return {
        "name": method.name if method else submission.method_name,
        "plugin": method.plugin if method else "",
        "distribution": method.distribution if method else (upload.distribution if upload else ""),
        "version": submission.method_version,
    }
