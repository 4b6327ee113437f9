"""Runs, their timelines and logs."""

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.serializers import ErrorBody, EventBody, LogBody, RunBody
from farfield_web.api.strict import PublicView
from farfield_web.api.views.accounts import caller
from farfield_web.runs import logs, verbs
from farfield_web.runs.models import Run


class LogQuery(serializers.Serializer[object]):
    """Where to read a log from."""

    offset = serializers.IntegerField(min_value=0, required=False, default=0)
    attempt = serializers.IntegerField(min_value=1, max_value=10_000, required=False, default=None, allow_null=True)


class OneRun(PublicView):
    """One run."""

    @extend_schema(responses={200: RunBody, 404: ErrorBody}, operation_id="runs_read")
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """A run: status, progress, outlook, failure, scores."""
        return Response(RunBody(get_object_or_404(_runs(), pk=number)).data)


class RetryRun(PublicView):
    """Retrying one run."""

    takes_body = False

    permission_classes = [IsAuthenticated]

    @extend_schema(
        request=None,
        responses={200: RunBody, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody, 409: ErrorBody, 429: ErrorBody},
        operation_id="runs_retry",
    )
    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Run this one again, which failed or was cancelled; its submission counts against the quota from now on."""
        verbs.retry_run(get_object_or_404(_runs(), pk=number), caller(request))
        return Response(RunBody(get_object_or_404(_runs(), pk=number)).data)


class Events(PublicView):
    """A timeline."""

    @extend_schema(responses={200: EventBody(many=True), 404: ErrorBody}, operation_id="runs_events")
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """Everything that happened to a run, in order."""
        return Response(EventBody(get_object_or_404(_runs(), pk=number).events.all(), many=True).data)


class Log(PublicView):
    """A log."""

    parameters = frozenset({"offset", "attempt"})

    @extend_schema(
        parameters=[OpenApiParameter("offset", int), OpenApiParameter("attempt", int)],
        responses={200: LogBody, 404: ErrorBody},
        operation_id="runs_log",
    )
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """The log of a run from an offset on; of its latest attempt, unless another is asked for."""
        query = LogQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        run = get_object_or_404(_runs(), pk=number)
        part = logs.read(run, **query.validated_data)
        return Response(LogBody({**vars(part), "open": run.is_open}).data)


def _runs() -> QuerySet[Run]:
    return Run.objects.select_related("submission").prefetch_related("scores")
