"""What evaluation workers call. They hold the worker token and no database credentials."""

import uuid
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from farfield.config import JsonObject
from farfield_web.api.authentication import IsWorker, WorkerAuthentication
from farfield_web.leaderboards.announce import announce
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.status import LEASED, Status


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


class AnnounceForm(serializers.Serializer[Any]):
    """An announcement."""

    worker = serializers.CharField(max_length=200)
    resources = serializers.ListField(child=serializers.CharField(), required=False)
    methods = MethodForm(many=True)
    benchmarks = serializers.DictField(child=BenchmarkForm())


class ClaimForm(serializers.Serializer[Any]):
    """A claim."""

    worker = serializers.CharField(max_length=200)
    resource = serializers.CharField(max_length=20)


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


class Announce(WorkerView):
    """Methods and data."""

    def post(self, request: Request) -> Response:
        """Upserts what the worker offers."""
        form = AnnounceForm(data=request.data)
        form.is_valid(raise_exception=True)
        # The form has checked the parts that are read; the specifications are kept as they came.
        announce(form.validated_data["worker"], form.initial_data["methods"], form.validated_data["benchmarks"])
        return Response({})


class Claim(WorkerView):
    """Work."""

    def post(self, request: Request) -> Response:
        """200 with a run, or 204 when nothing is queued for the resource."""
        form = ClaimForm(data=request.data)
        form.is_valid(raise_exception=True)
        run = lease.claim(**form.validated_data)
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


def _order(run: Run) -> JsonObject:
    submission = run.submission
    method = submission.method
    named = {"name": method.name, "plugin": method.plugin, "distribution": method.distribution}
    return {
        "id": str(run.pk),
        "attempt": run.attempt,
        "token": run.token,
        "lease_seconds": settings.LEASE_TIME.total_seconds(),
        "benchmark": submission.benchmark,
        "benchmark_version": submission.benchmark_version,
        "method": {**named, "version": submission.method_version},
        "config": submission.config,
        "trial": run.trial,
        "seed": run.seed,
    }
