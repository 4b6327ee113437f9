"""What the operator decides about a benchmark's intake, from the command line."""

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from farfield.errors import UnknownName
from farfield_evaluators.catalog import find
from farfield_web.errors import HostingError
from farfield_web.hosting.change import add_phase, change, close_phase
from farfield_web.hosting.models import Phase
from farfield_web.hosting.rules import INTAKES, Rules, rules_of

EVER, NOW = "ever", "now"


class Command(BaseCommand):
    """`manage.py hosting show|set|phase|close BENCHMARK`."""

    help = "Show or change a benchmark's intake: open, paused or closed, phases, questions, retention."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=CommandParser)
        shown = verbs.add_parser("show", help="print its rules")
        setting = verbs.add_parser("set", help="change what is given, and print all")
        setting.add_argument("--intake", choices=list(INTAKES))
        setting.add_argument("--sentence", help="why the intake is not open; people read it")
        setting.add_argument("--keep-days", type=_days, help="for files of ended entries; or: ever")
        setting.add_argument("--questions", type=json.loads, help="a JSON list, as the page of hosts has it")
        setting.add_argument("--hide-scores-until", type=_until, help="such as 2027-03-01T00:00+00:00; or: now")
        setting.add_argument("--authors-see", choices=["yes", "no"], help="whether authors see their own meanwhile")
        phase = verbs.add_parser("phase", help="add a phase")
        phase.add_argument("title")
        phase.add_argument("--opens", type=_date, required=True, help="such as 2027-03-01T00:00+00:00")
        phase.add_argument("--closes", type=_date)
        phase.add_argument("--most", type=int, default=0, help="entries of a person in it; 0 is no limit of its own")
        closing = verbs.add_parser("close", help="close a phase now")
        closing.add_argument("phase", help="its name")
        for each in (shown, setting, phase, closing):
            each.add_argument("--benchmark", required=True)

    def handle(self, *args: Any, **options: Any) -> str:
        try:
            benchmark = find(options["benchmark"]).name
            _VERBS[options["verb"]](benchmark, options)
        except UnknownName as error:
            raise CommandError(str(error)) from error
        except HostingError as error:
            raise CommandError(f"{error.message} ({error.code})") from error
        return _told(rules_of(benchmark))


def _set(benchmark: str, options: dict[str, Any]) -> None:
    given = {name: options[name] for name in ("intake", "sentence", "questions") if options[name] is not None}
    if options["keep_days"] is not None:
        given["keep_days"] = None if options["keep_days"] == EVER else options["keep_days"]
    if options["hide_scores_until"] is not None:
        given["hidden_until"] = None if options["hide_scores_until"] == NOW else options["hide_scores_until"]
    if options["authors_see"] is not None:
        given["authors_see"] = options["authors_see"] == "yes"
    change(benchmark, given, by=None)


def _phase(benchmark: str, options: dict[str, Any]) -> None:
    add_phase(benchmark, options["title"], options["opens"], options["closes"], options["most"], by=None)


def _close(benchmark: str, options: dict[str, Any]) -> None:
    phase = Phase.objects.filter(benchmark=benchmark, name=options["phase"]).first()
    if phase is None:
        names = ", ".join(Phase.objects.filter(benchmark=benchmark).values_list("name", flat=True)) or "none"
        raise CommandError(f"{benchmark} has no phase {options['phase']!r}; it has: {names}.")
    close_phase(phase, by=None)


_VERBS = {"show": lambda *_: None, "set": _set, "phase": _phase, "close": _close}


def _date(text: str) -> datetime:
    date = datetime.fromisoformat(text)
    return date if timezone.is_aware(date) else timezone.make_aware(date)


def _until(text: str) -> datetime | str:
    return text if text == NOW else _date(text)


def _days(text: str) -> int | str:
    return text if text == EVER else int(text)


def _told(rules: Rules) -> str:
    lines = [f"{rules.benchmark}: {rules.intake}, {INTAKES[rules.intake]}"]
    lines += [f"  says: {rules.sentence}"] if rules.sentence else []
    lines += [f"  files of ended entries are kept {rules.keep_days} days"] if rules.keep_days else []
    lines += [f"  {_hidden(rules)}"] if rules.hidden_until else []
    lines += [f"  asks {question.key}: {question.title}" for question in rules.questions]
    lines += [f"  phase {phase.name}: {_span(phase)}" for phase in rules.phases]
    return "\n".join(lines)


def _hidden(rules: Rules) -> str:
    authors = "authors see their own" if rules.authors_see else "from authors, too"
    return f"scores are hidden until {rules.hidden_until:%Y-%m-%d %H:%M} UTC, {authors}"


def _span(phase: Phase) -> str:
    ends = f"{phase.closes_at:%Y-%m-%d %H:%M}" if phase.closes_at else "on"
    return f"from {phase.opens_at:%Y-%m-%d %H:%M} {'to ' if phase.closes_at else ''}{ends} UTC"
