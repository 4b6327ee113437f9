"""Runs and entries in the forms that others read, and signed results."""

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.errors import ExportError
from farfield_web.exports.attestation import attested, data_of
from farfield_web.exports.every_eval_ever import record_of
from farfield_web.leaderboards.queries import entry_of
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status
from farfield_web.submissions.models import Submission

ENVELOPE = "application/vnd.dsse.envelope.v1+json"


class SignatureBody(serializers.Serializer[Any]):
    """Whose signature, and the signature in base64."""

    keyid = serializers.CharField()
    sig = serializers.CharField()


class EnvelopeBody(serializers.Serializer[Any]):
    """A DSSE envelope: `payload` is an in-toto statement in base64."""

    payload = serializers.CharField()
    payloadType = serializers.CharField()  # noqa: N815 # the envelope's own name
    signatures = SignatureBody(many=True)


class Attestation(PublicView):
    """A signed result."""

    @extend_schema(
        responses={(200, ENVELOPE): EnvelopeBody, 404: ErrorBody, 409: ErrorBody, 503: ErrorBody},
        operation_id="runs_attestation",
    )
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """What the site says of a run, signed with its key; `farfield verify` checks it without the site."""
        answer = Response(attested(get_object_or_404(_runs(), pk=number), timezone.now()), content_type=ENVELOPE)
        answer["Content-Disposition"] = f'attachment; filename="{number}.attestation.json"'
        return answer


class EveryEvalEver(PublicView):
    """An entry as a record of Every Eval Ever."""

    @extend_schema(
        responses={200: OpenApiTypes.OBJECT, 404: ErrorBody, 409: ErrorBody}, operation_id="submissions_every_eval_ever"
    )
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """An entry whose runs are done as a record of Every Eval Ever 0.3.0, with the published figures."""
        submission = get_object_or_404(Submission, pk=number)
        benchmark, ended = submission.known_benchmark, _ended(submission)
        if benchmark is None or ended is None:
            raise ExportError("submission.no_record", "Only an entry whose runs have all succeeded has a record.")
        data = data_of(submission, submission.runs.latest("finished_at").comparability_key)
        return Response(record_of(benchmark, entry_of(submission), data, ended, timezone.now()))


def _ended(submission: Submission) -> datetime | None:
    """When the last of its runs did; None unless all have succeeded."""
    if submission.runs.exclude(status=Status.SUCCEEDED).exists():
        return None
    ended: datetime | None = submission.runs.aggregate(ended=Max("finished_at"))["ended"]
    return ended


def _runs() -> QuerySet[Run]:
    related = ("submission__method", "submission__upload__content", "submission__owner")
    return Run.objects.select_related(*related).prefetch_related("scores", "submission__rulings")
