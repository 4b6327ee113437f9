"""What people are told of a benchmark's intake before they fill in a form."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from farfield_web.hosting.models import Phase
from farfield_web.hosting.rules import rules_of


@dataclass(frozen=True, kw_only=True)
class Intake:
    """`refusal` is why nothing is taken now, empty where entries are; `phase` the one that is open."""

    refusal: str
    phase: Phase | None
    phases: Sequence[Phase]


def intake_of(benchmark: str) -> Intake:
    """As of now."""
    rules, now = rules_of(benchmark), timezone.now()
    refused = rules.why_refused(now)
    return Intake(refusal=refused.message if refused else "", phase=rules.phase_at(now), phases=rules.phases)
