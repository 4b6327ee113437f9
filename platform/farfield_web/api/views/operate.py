"""What operators see and do, for programs: the same deeds as on their pages and by their commands."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.accounts.models import User
from farfield_web.api.pagination import NewestFirst
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.gate import viewer_of
from farfield_web.operations import audit, overview
from farfield_web.operations.deeds.perform import may_operate, perform
from farfield_web.operations.intake import pause_now
from farfield_web.operations.models import AuditLine
from farfield_web.runs.depth import ABOUT, EXACT, MANY
from farfield_web.words import capitalised

if TYPE_CHECKING:
    from rest_framework.views import APIView


class IsOperator(BasePermission):
    """Only who runs the site."""

    message = "This is for the operators of the site."

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return may_operate(viewer_of(request))


class QueueBody(serializers.Serializer[Any]):
    """What waits for workers of a resource, and what they have."""

    resource = serializers.CharField()
    waiting = serializers.IntegerField(help_text=f"{capitalised(ABOUT)}.")
    under_way = serializers.IntegerField()
    oldest = serializers.DateTimeField(allow_null=True)


class WorkerStateBody(serializers.Serializer[Any]):
    """A worker as it was last heard of."""

    name = serializers.CharField()
    resource = serializers.CharField()
    seen_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=["idle", "at work", "draining", "drained", "silent"])
    drained = serializers.CharField(allow_blank=True, help_text="Why it claims nothing; empty where it does.")
    runs = serializers.IntegerField()
    benchmarks = serializers.ListField(child=serializers.CharField())
    accepts = serializers.ListField(child=serializers.CharField())
    sandbox = serializers.CharField(allow_blank=True)


class DataStateBody(serializers.Serializer[Any]):
    """Where a benchmark's data is."""

    name = serializers.CharField()
    version = serializers.CharField()
    announced = serializers.BooleanField()
    workers = serializers.ListField(child=serializers.CharField())
    waiting = serializers.IntegerField(help_text=f"Runs that wait for it; {MANY:,} where more than {EXACT:,} do.")


class TakenBody(serializers.Serializer[Any]):
    """How much room something takes, in bytes."""

    name = serializers.CharField()
    count = serializers.IntegerField()
    size = serializers.IntegerField()


class OverviewBody(serializers.Serializer[Any]):
    """The state of the site."""

    paused = serializers.CharField(allow_null=True, help_text="Why nothing new is taken; null where it is.")
    queues = QueueBody(many=True)
    workers = WorkerStateBody(many=True)
    benchmarks = DataStateBody(many=True)
    storage = TakenBody(many=True)
    storage_by_person = TakenBody(many=True)


class AuditLineBody(serializers.ModelSerializer[AuditLine]):
    """A deed of an operator. `actor` is empty for a command on the site's machine."""

    class Meta:
        model = AuditLine
        fields = ("id", "at", "actor", "role", "verb", "what", "reason", "facts")


class DeedBody(serializers.Serializer[Any]):
    """The fields of a deed, as `manage.py operate DEED --help` lists them; each is text, a number, or true."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, dict):
            raise serializers.ValidationError({"non_field_errors": ["Send a JSON object."]})
        return data


class SaidBody(serializers.Serializer[Any]):
    """What was done, in a sentence."""

    said = serializers.CharField()


class NewestLines(NewestFirst):
    """Lines of the audit log in their order."""

    ordering = ("-at", "-id")


class Overview(PublicView):
    """The state of the site."""

    permission_classes = [IsOperator]

    @extend_schema(responses={200: OverviewBody, 401: ErrorBody, 403: ErrorBody}, operation_id="operate_overview")
    def get(self, request: Request) -> Response:
        """Queues, workers, data and storage, for operators."""
        pause = pause_now()
        body = {
            "paused": pause.sentence if pause else None,
            "queues": overview.queues(),
            "workers": overview.worker_states(),
            "benchmarks": overview.benchmark_states(),
            "storage": [asdict(one) for one in overview.stored_by_kind()],
            "storage_by_person": overview.stored_by_person(),
        }
        return Response(OverviewBody(body).data)


class AuditLog(PublicView, ListAPIView[AuditLine]):
    """The audit log."""

    permission_classes = [IsOperator]
    parameters = frozenset({"q"})
    serializer_class = AuditLineBody
    pagination_class = NewestLines

    def get_queryset(self) -> QuerySet[AuditLine]:
        return audit.lines(self.request.query_params.get("q", "")[:200])

    @extend_schema(parameters=[OpenApiParameter("q", str)], operation_id="operate_audit")
    def get(self, request: Request, *args: object, **kwargs: object) -> Response:
        """What operators did, newest first; with `q`, the lines that have all of its words."""
        return super().get(request, *args, **kwargs)


class Deeds(PublicView):
    """Doing something."""

    permission_classes = [IsOperator]

    @extend_schema(
        request=DeedBody,
        responses={200: SaidBody, 400: ErrorBody, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody, 409: ErrorBody},
        operation_id="operate_deed",
    )
    def post(self, request: Request, deed: str) -> Response:
        """Do a deed of an operator, such as `invalidate` or `drain`; it is recorded in the audit log."""
        form = DeedBody(data=request.data)
        form.is_valid(raise_exception=True)
        actor = viewer_of(request)
        assert isinstance(actor, User)  # noqa: S101 - for mypy: the permission has seen to it
        said = perform(actor, deed, form.validated_data)
        return Response(SaidBody({"said": said}).data)
