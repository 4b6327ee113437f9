"""Changing a benchmark's hosting: the one place for page, API and command; whole, and with a line in the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.text import slugify

from farfield.packaging.plain import text_problem
from farfield_evaluators.catalog import benchmarks
from farfield_web.accounts.models import User
from farfield_web.changed import changed
from farfield_web.errors import HostingError
from farfield_web.hosting.models import Hosting, Phase
from farfield_web.hosting.questions import read_questions
from farfield_web.hosting.rules import INTAKES
from farfield_web.operations.audit import OPERATOR, record

LONGEST_SENTENCE, LONGEST_TITLE, MOST_DAYS, MOST_PHASES = 500, 100, 36_500, 50
HOST = "host"
FIELDS = ("intake", "sentence", "keep_days", "questions", "hidden_until", "authors_see")
_OF_SCORES = frozenset({"hidden_until", "authors_see"})


def change(benchmark: str, given: Mapping[str, Any], *, by: User | None) -> Hosting:
    """Change what is given, of FIELDS. Raises HostingError and changes nothing.

    by: who does it, None for a command on the site's machine.
    """
    values = {name: _CHECKS[name](value) for name, value in given.items()}
    with transaction.atomic():
        row, _ = Hosting.objects.get_or_create(benchmark=benchmark, defaults={"changed_at": timezone.now()})
        row = Hosting.objects.select_for_update().get(pk=row.pk)
        was = {name: getattr(row, name) for name in values}
        for name, value in values.items():
            setattr(row, name, value)
        row.changed_at = timezone.now()
        row.save()
        if not _OF_SCORES.isdisjoint(values):
            _forget_pages(benchmark)
        _record(by, "change hosting", benchmark, was=_plain(was), now=_plain(values))
    return row


def _forget_pages(benchmark: str) -> None:
    """What was made of its boards is made anew: pages that are kept would tell what is hidden now."""
    tiers = {tier.name for each in benchmarks() if each.name == benchmark for tier in each.plan.tiers}
    for tier in sorted(tiers or {""}):
        changed(benchmark, tier, compare=False, lines=False)


def add_phase(
    benchmark: str, title: str, opens_at: datetime, closes_at: datetime | None = None, most: int = 0, *, by: User | None
) -> Phase:
    """A further phase, called by its title in addresses. Raises HostingError, above all where two would overlap."""
    named = _text("title", title, LONGEST_TITLE)
    name = slugify(named)[:40]
    if not name:
        raise HostingError("hosting.bad_phase", "A phase has a title with letters or digits.", "title")
    if closes_at is not None and closes_at <= opens_at:
        raise HostingError("hosting.bad_phase", "A phase closes after it opens.", "closes_at")
    with transaction.atomic():
        _one_at_a_time(benchmark)
        phases = Phase.objects.filter(benchmark=benchmark)
        if phases.count() >= MOST_PHASES:
            raise HostingError("hosting.too_many_phases", f"A benchmark has at most {MOST_PHASES} phases.")
        if phases.filter(name=name).exists():
            raise HostingError("hosting.bad_phase", f"There is a phase {name} already.", "title")
        _refuse_overlap(benchmark, opens_at, closes_at)
        phase = Phase.objects.create(
            benchmark=benchmark, name=name, title=named, opens_at=opens_at, closes_at=closes_at, most=_count(most)
        )
        closes = closes_at.isoformat() if closes_at else None
        _record(by, "add phase", benchmark, phase=name, opens_at=opens_at.isoformat(), closes_at=closes, most=most)
        return phase


def close_phase(phase: Phase, *, by: User | None) -> None:
    """End it now, or take it away where it has not begun. Closing what is closed changes nothing."""
    now = timezone.now()
    with transaction.atomic():
        if phase.opens_at >= now:
            _record(by, "remove phase", phase.benchmark, phase=phase.name)
            phase.delete()
        elif phase.closes_at is None or phase.closes_at > now:
            _record(by, "close phase", phase.benchmark, phase=phase.name)
            phase.closes_at = now
            phase.save(update_fields=["closes_at"])


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _record(by: User | None, verb: str, benchmark: str, **facts: Any) -> None:
    role = OPERATOR if by is None or by.is_staff else HOST
    record(by, verb, f"benchmark {benchmark}", role=role, **facts)


def _one_at_a_time(benchmark: str) -> None:
    """Until the transaction ends nobody else adds a phase here: two at once could overlap."""
    Hosting.objects.get_or_create(benchmark=benchmark, defaults={"changed_at": timezone.now()})
    Hosting.objects.select_for_update().get(benchmark=benchmark)


def _refuse_overlap(benchmark: str, opens_at: datetime, closes_at: datetime | None) -> None:
    ends_after = Q(closes_at=None) | Q(closes_at__gt=opens_at)
    others = Phase.objects.filter(ends_after, benchmark=benchmark)
    other = (others if closes_at is None else others.filter(opens_at__lt=closes_at)).first()
    if other is not None:
        text = f"It would overlap with {other.title}; an entry is of one phase."
        raise HostingError("hosting.bad_phase", text, "opens_at", "Close that one first, or choose other dates.")


def _text(name: str, value: object, most: int) -> str:
    problem = text_problem(value, most)
    if problem:
        raise HostingError("text.invalid", f"The {name} cannot be kept: {problem}.", name)
    return str(value).strip()


def _intake(value: object) -> str:
    if value not in INTAKES:
        raise HostingError("hosting.bad_intake", f"The intake is one of: {', '.join(INTAKES)}.", "intake")
    return str(value)


def _days(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_DAYS:
        raise HostingError("hosting.bad_days", f"Days are a whole number from 1 to {MOST_DAYS}.", "keep_days")
    return value


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 10_000:
        raise HostingError("hosting.bad_phase", "Entries of a person are a whole number up to 10,000.", "most")
    return value


def _questions(value: object) -> list[dict[str, Any]]:
    return [question.as_json() for question in read_questions(value)]


def _until(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, datetime) or timezone.is_naive(value):
        text = "Scores are hidden until a date with its time zone."
        raise HostingError("hosting.bad_date", text, "hidden_until")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise HostingError("hosting.bad_flag", "Whether authors see their scores is true or false.", "authors_see")
    return value


_CHECKS = {
    "intake": _intake,
    "sentence": lambda value: _text("sentence", value, LONGEST_SENTENCE),
    "keep_days": _days,
    "questions": _questions,
    "hidden_until": _until,
    "authors_see": _flag,
}
