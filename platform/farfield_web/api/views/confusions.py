"""Which classes an entry took for which: sent by the worker that holds a run, told as far as labels stay hidden."""

import uuid
from typing import Any

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.api.figures import FigureField
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.api.views.workers import WorkerView
from farfield_web.entries import confusions
from farfield_web.runs import lease
from farfield_web.submissions.models import Submission

_Numbers = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=2**53))


class DomainForm(serializers.Serializer[Any]):
    """The counts of one test domain."""

    domain = serializers.CharField(max_length=100)
    classes = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=2**31))
    counts = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=2**53))
    hits = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=2**53))
    said = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=2**53))
    pairs = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField(), max_length=3))


class ConfusionsForm(serializers.Serializer[Any]):
    """Those of all test domains of a run."""

    domains = DomainForm(many=True)


class SentConfusions(WorkerView):
    """Which classes a run took for which."""

    def put(self, request: Request, number: uuid.UUID) -> Response:
        """Keep them; 409 tells the worker to stop."""
        form = ConfusionsForm(data=request.data)
        form.is_valid(raise_exception=True)
        domains = form.validated_data["domains"]
        with transaction.atomic():
            run = lease.held_run(number, request.headers.get("Farfield-Run-Token", ""), "submission__method")
            confusions.receive(run, domains)
        return Response({"domains": len(domains)})


class ClassResultBody(serializers.Serializer[Any]):
    """A class; `recall` is null where too few test examples are of it, `examples` where labels are hidden."""

    name = serializers.CharField()
    recall = FigureField(allow_null=True)
    examples = serializers.IntegerField(allow_null=True)


class MistakeBody(serializers.Serializer[Any]):
    """Test examples of `label` that were predicted as `said`: their share of the class."""

    label = serializers.CharField()  # type: ignore[assignment] # a field, not the property of this name
    said = serializers.CharField()
    share = FigureField()
    count = serializers.IntegerField(allow_null=True)


class ConfusionBody(serializers.Serializer[Any]):
    """What was taken for what on these test domains together, over the runs that have succeeded.

    Where labels are hidden `exact` is false: shares are in steps of 0.05, and of classes with 20 test examples or more.
    """

    domains = serializers.ListField(child=serializers.CharField())
    exact = serializers.BooleanField()
    classes = ClassResultBody(many=True)
    mistakes = MistakeBody(many=True)
    matrix = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField()),
        allow_null=True,
        help_text="Rows are classes, columns what was said; null for many classes, and where labels are hidden.",
    )


class Confusions(PublicView):
    """Which classes an entry took for which."""

    parameters = frozenset({"domain"})

    @extend_schema(
        parameters=[OpenApiParameter("domain", str, description="One test domain; all of them when left out.")],
        responses={200: ConfusionBody, 404: ErrorBody},
        operation_id="submissions_classes",
    )
    def get(self, request: Request, number: uuid.UUID) -> Response:
        """Per class, and what was confused, of an entry of classifiers; 404 where nothing is kept."""
        submission = get_object_or_404(Submission, pk=number)
        benchmark, known = submission.known_benchmark, confusions.domains_of(submission)
        wanted = request.query_params.get("domain")
        chosen = [name for name in known if wanted in (None, "", name)]
        found = confusions.told(submission, benchmark, chosen) if benchmark else None
        if found is None:
            raise Http404("Nothing is kept of what it took for what there.")
        return Response(ConfusionBody(found).data)
