"""Runs and entries in the forms that others read, and signed results."""

import uuid
from importlib.metadata import version
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.links import page
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.exports.attestation import attested
from farfield_web.exports.crate_files import files_of
from farfield_web.exports.every_eval_ever import record_of
from farfield_web.exports.finished import Finished, finished
from farfield_web.exports.hugging_face import as_eval_results
from farfield_web.exports.ro_crate import Tool, as_crate
from farfield_web.runs.models import Run
from farfield_web.submissions.models import Submission

ENVELOPE, YAML, ZIP = "application/vnd.dsse.envelope.v1+json", "application/yaml", "application/zip"


class HubQuery(serializers.Serializer[Any]):
    """Where the Hub has the data of a benchmark."""

    dataset = serializers.RegexField(r"^[\w.-]{1,96}/[\w.-]{1,96}\Z", required=False, default="")


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
        return Response(record_of(_finished(number), timezone.now()))


class EvalResults(PublicView):
    """An entry as the Hugging Face Hub reads results."""

    parameters = frozenset({"dataset"})

    @extend_schema(
        parameters=[OpenApiParameter("dataset", str, description="The data set's name on the Hub, `owner/name`.")],
        responses={(200, YAML): OpenApiTypes.ANY, 400: ErrorBody, 404: ErrorBody, 409: ErrorBody},
        operation_id="submissions_eval_results",
    )
    def get(self, request: Request, number: uuid.UUID) -> HttpResponse:
        """The figures of an entry whose runs are done, for `.eval_results/` of its model's repository on the Hub."""
        query = HubQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        text = as_eval_results(_finished(number), page("submission", number), query.validated_data["dataset"])
        return _file(text.encode(), YAML, "farfield.yaml")


class Crate(PublicView):
    """An entry as an RO-Crate."""

    @extend_schema(
        responses={(200, ZIP): OpenApiTypes.BINARY, 404: ErrorBody, 409: ErrorBody}, operation_id="submissions_ro_crate"
    )
    def get(self, request: Request, number: uuid.UUID) -> HttpResponse:
        """A zip of an entry whose runs are done for archives of data: figures, settings, signed results, metadata."""
        done, now = _finished(number), timezone.now()
        content = as_crate(done, page("submission", number), _tool(done), files_of(done, now), now)
        return _file(content, ZIP, f"farfield-{str(number)[:8]}.crate.zip")


def _finished(number: uuid.UUID) -> Finished:
    return finished(get_object_or_404(Submission, pk=number))


def _tool(done: Finished) -> Tool:
    submission = done.entry.submission
    if submission.method is None or not done.entry.verified:
        return Tool(name="Farfield", version=version("farfield"), address=settings.SITE_URL)
    address = page("method", submission.method.name)
    return Tool(name=submission.display_name, version=submission.method_version, address=address)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


def _runs() -> QuerySet[Run]:
    related = ("submission__method", "submission__upload__content", "submission__owner")
    return Run.objects.select_related(*related).prefetch_related("scores", "submission__rulings")
