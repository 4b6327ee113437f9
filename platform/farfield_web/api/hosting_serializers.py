"""A benchmark's rules of intake in JSON."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from farfield_web.api.strict import StrictSerializer
from farfield_web.hosting.models import Phase
from farfield_web.hosting.questions import KINDS
from farfield_web.hosting.rules import INTAKES, Rules, is_open


class QuestionBody(serializers.Serializer[Any]):
    """What is asked of every entry."""

    key = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    choices = serializers.ListField(child=serializers.CharField())
    required = serializers.BooleanField()  # type: ignore[assignment] # a field of the body, not the option
    on_board = serializers.BooleanField(help_text="Whether the answer stands beside the entry on the board.")


class PhaseBody(serializers.Serializer[Any]):
    """A time in which entries are taken."""

    name = serializers.CharField()
    title = serializers.CharField()
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(allow_null=True)
    most = serializers.IntegerField(help_text="How many entries a person may have in it; 0 is no limit of its own.")
    open = serializers.SerializerMethodField()

    def get_open(self, phase: Phase) -> bool:
        return is_open(phase, timezone.now())


class HostingRulesBody(serializers.Serializer[Any]):
    """Whether entries are taken now and what is asked of them."""

    benchmark = serializers.CharField()
    intake = serializers.ChoiceField(choices=list(INTAKES))
    sentence = serializers.CharField(allow_blank=True)
    takes_entries = serializers.SerializerMethodField()
    why_not = serializers.SerializerMethodField()
    keep_days = serializers.IntegerField(allow_null=True, help_text="How long files of ended entries are kept.")
    questions = QuestionBody(many=True)
    hidden_until = serializers.DateTimeField(
        allow_null=True, help_text="Until when scores are told to hosts and operators alone; null where they are not."
    )
    authors_see = serializers.BooleanField(
        help_text="Whether authors see the figures of their own entries meanwhile; never their ranks."
    )
    phases = PhaseBody(many=True)

    def get_takes_entries(self, rules: Rules) -> bool:
        return rules.why_refused(timezone.now()) is None

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_why_not(self, rules: Rules) -> str | None:
        refused = rules.why_refused(timezone.now())
        return refused.message if refused else None


class RulesChange(StrictSerializer):
    """What is to be changed; what is left out stays."""

    intake = serializers.ChoiceField(choices=list(INTAKES), required=False)
    sentence = serializers.CharField(required=False, allow_blank=True, max_length=500)
    keep_days = serializers.IntegerField(required=False, allow_null=True)
    questions = serializers.ListField(child=serializers.DictField(), required=False)
    hidden_until = serializers.DateTimeField(required=False, allow_null=True)
    authors_see = serializers.BooleanField(required=False)


class NewPhase(StrictSerializer):
    """A further phase. Phases of one benchmark do not overlap."""

    title = serializers.CharField(max_length=100)
    opens_at = serializers.DateTimeField()
    closes_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    most = serializers.IntegerField(required=False, default=0, min_value=0, max_value=10_000)
