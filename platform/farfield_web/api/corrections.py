"""What operators said of an entry, as the API gives it."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from farfield_web import published
from farfield_web.operations.models import Decision, Result, Verdict
from farfield_web.submissions.models import Ruling, Submission


class RulingBody(serializers.ModelSerializer[Ruling]):
    """Why an entry is off the boards, by whose word and since when."""

    class Meta:
        model = Ruling
        fields = ("role", "reason", "at")


class CorrectionBody(serializers.ModelSerializer[Ruling]):
    """A correction: `invalidate` took the entry off the boards, `restore` put it back, `note` says something of it."""

    class Meta:
        model = Ruling
        fields = ("verb", "role", "reason", "at")


class ChangeBody(serializers.Serializer[Any]):
    """A figure that is not what it was, rounded; null where there was none, or is none now."""

    metric = serializers.CharField()
    domain = serializers.CharField()
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)


class ResultBody(serializers.Serializer[Any]):
    """How a finished entry's figures agree with the accepted ones of the same method version, settings and data.

    `against` is the entry that those are of; `decision` is what an operator made of a change, empty before.
    """

    verdict = serializers.ChoiceField(choices=Verdict.choices)
    against = serializers.UUIDField(source="against_id", allow_null=True)
    changes = serializers.SerializerMethodField()
    decision = serializers.ChoiceField(choices=Decision.choices, allow_blank=True)
    reason = serializers.CharField(allow_blank=True)

    @extend_schema_field(ChangeBody(many=True))
    def get_changes(self, result: Result) -> list[dict[str, Any]]:
        return [_rounded(change) for change in result.changes]


def _rounded(change: dict[str, Any]) -> dict[str, Any]:
    """As it may leave the site."""
    sides = {side: published.figure(change[side]) for side in ("before", "after")}
    return {name: change[name] for name in ("metric", "domain")} | sides


def result_of(submission: Submission) -> dict[str, Any] | None:
    """The body of an entry's result; None until it is finished."""
    result = Result.objects.filter(submission=submission).first()
    return dict(ResultBody(result).data) if result else None
