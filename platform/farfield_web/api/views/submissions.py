"""Submissions: making, reading, cancelling and retrying them."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView, get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView, StrictSerializer
from farfield_web.api.submission_serializers import NewSubmission, SubmissionBody, SubmissionSummary
from farfield_web.api.views.accounts import caller
from farfield_web.entries import verbs as entries
from farfield_web.entries.names import authored
from farfield_web.gate import viewer_of
from farfield_web.people.entries import WITH_TEAM
from farfield_web.runs import verbs
from farfield_web.runs.download import as_download, has_files
from farfield_web.runs.models import Run
from farfield_web.runs.submit import submit
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import entered_where_seen

FILTERS = {
    "benchmark": "benchmark",
    "method": "method_name",
    "track": "track",
    "tier": "tier",
}
OWNER, TEAM = "owner", "team"
KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same key with the same body gives the first submission again, so a request is safe to repeat.",
)


def readable() -> QuerySet[Submission]:
    """Submissions with all that their JSON shows; reading is public."""
    runs = Run.objects.select_related("submission").prefetch_related("scores")
    whole = Submission.objects.select_related("owner", "method", "phase", "upload__content", WITH_TEAM)
    return whole.prefetch_related(Prefetch("runs", runs), "figures", "digests", "rulings", "changes")


def listed() -> QuerySet[Submission]:
    """Submissions with what lists show: of hundreds of runs only what a status and labels are made of."""
    runs = Run.objects.only("submission", "status", "probes").order_by()
    return Submission.objects.select_related("owner", "method", "phase", "upload__content", WITH_TEAM).prefetch_related(
        Prefetch("runs", runs), "rulings", "changes"
    )


def body_of(request: Request, number: uuid.UUID) -> Mapping[str, Any]:
    """A submission as its answer has it, for who asks. Raises Http404."""
    return SubmissionBody(get_object_or_404(readable(), pk=number), context={"request": request}).data


class Submissions(PublicView, ListAPIView[Submission]):
    """All submissions."""

    parameters = frozenset([OWNER, TEAM, *FILTERS])

    serializer_class = SubmissionSummary

    def get_queryset(self) -> QuerySet[Submission]:
        asked = {where: self.request.query_params.get(name) for name, where in FILTERS.items()}
        viewer, owner = viewer_of(self.request), self.request.query_params.get(OWNER)
        seen = listed().filter(entered_where_seen(viewer), authored(owner, viewer) if owner else Q())
        team = self.request.query_params.get(TEAM)
        found = seen.filter(team_entry__team__name=team, anonymous_since=None) if team else seen
        return found.filter(**{where: value for where, value in asked.items() if value})

    @extend_schema(
        parameters=[OpenApiParameter(name, str) for name in (OWNER, TEAM, *FILTERS)], operation_id="submissions_list"
    )
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """Submissions, newest first."""
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request=NewSubmission,
        parameters=[KEY],
        responses={
            201: SubmissionBody,
            400: ErrorBody,
            401: ErrorBody,
            409: ErrorBody,
            429: ErrorBody,
            503: ErrorBody,
        },
        operation_id="submissions_create",
    )
    def post(self, request: Request) -> Response:
        """Submit to a track of a benchmark: a configuration, a package, predictions, or a container image."""
        form = NewSubmission(data=request.data)
        form.is_valid(raise_exception=True)
        key = request.headers.get("Idempotency-Key", "")
        made = submit(caller(request), form.wanted(), key)
        return Response(body_of(request, made.pk), status=201)


class EntryChanges(StrictSerializer):
    """What an author may change of an entry. `anonymous` hides its owner from all but its owner and operators."""

    title = serializers.CharField(required=False, allow_blank=True)
    note = serializers.CharField(required=False, allow_blank=True)
    anonymous = serializers.BooleanField(required=False)


class OneSubmission(PublicView):
    """One submission."""

    @extend_schema(responses={200: SubmissionBody, 404: ErrorBody}, operation_id="submissions_read")
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """A submission with its runs."""
        return Response(body_of(request, number))

    @extend_schema(
        request=EntryChanges,
        responses={200: SubmissionBody, 400: ErrorBody, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody},
        operation_id="submissions_edit",
    )
    def patch(self, request: Request, number: uuid.UUID) -> Response:
        """Give your entry another title or note, or hide whose it is; what is left out stays."""
        form = EntryChanges(data=request.data)
        form.is_valid(raise_exception=True)
        submission, person = get_object_or_404(Submission, pk=number), caller(request)
        texts = dict(form.validated_data)
        hide = texts.pop("anonymous", None)
        with transaction.atomic():
            entries.edit(submission, person, **texts)
            if hide is not None:
                entries.hide_author(submission, person, hide=hide)
        return Response(body_of(request, number))


class Records(PublicView):
    """The evidence of an entry's runs."""

    @extend_schema(
        responses={(200, "application/zip"): OpenApiTypes.BINARY, 404: ErrorBody}, operation_id="submissions_records"
    )
    def get(self, request: Request, number: uuid.UUID) -> HttpResponseBase:
        """That of all finished runs, in files as the benchmark's plan makes them, as a zip.

        For DomainBed these are its own sweep's folders: `farfield score domainbed --records` on them gives the figures
        of the board; before the sweep is finished, with `--partial`.
        """
        submission = get_object_or_404(Submission, pk=number)
        benchmark = submission.known_benchmark
        if benchmark is None or not (benchmark.plan.selections or has_files(submission)):
            raise Http404
        return as_download(submission)


_ACTION = {200: SubmissionBody, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody, 409: ErrorBody}


class Cancel(PublicView):
    """Cancelling."""

    takes_body = False

    permission_classes = [IsAuthenticated]

    @extend_schema(request=None, responses=_ACTION, operation_id="submissions_cancel")
    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Stop what has not ended; before anything was started, the quota is given back."""
        verbs.cancel(get_object_or_404(Submission, pk=number), caller(request))
        return Response(body_of(request, number))


class Retry(PublicView):
    """Retrying."""

    takes_body = False

    permission_classes = [IsAuthenticated]

    @extend_schema(request=None, responses={**_ACTION, 429: ErrorBody}, operation_id="submissions_retry")
    def post(self, request: Request, number: uuid.UUID) -> Response:
        """Run again what failed or was cancelled; it counts like a new submission."""
        verbs.retry(get_object_or_404(Submission, pk=number), caller(request))
        return Response(body_of(request, number))
