"""What is kept of runs example by example: where a run's file lies, and removing what need not be kept."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from farfield_web.runs import example_outcomes
from farfield_web.runs.models import Run


class Command(BaseCommand):
    """`manage.py outcomes path RUN` for `farfield score --outcomes`, and `manage.py outcomes prune`."""

    help = "Say where the outcomes of a run lie, example by example, or remove those that need not be kept."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True, parser_class=CommandParser)
        path = verbs.add_parser("path", help="print the path of a run's file, for `farfield score --outcomes`")
        path.add_argument("run", type=uuid.UUID, help="the number of a run as its address has it")
        prune = verbs.add_parser("prune", help="remove what FARFIELD_OUTCOMES_DAYS lets go; safe while runs write")
        prune.add_argument("--dry-run", action="store_true", help="only say what would be removed")

    def handle(self, *args: Any, **options: Any) -> str:
        return _prune(options["dry_run"]) if options["verb"] == "prune" else _path(options["run"])


def _path(number: uuid.UUID) -> str:
    run = Run.objects.filter(pk=number).first()
    if run is None:
        raise CommandError(f"There is no run {number}.")
    path = example_outcomes.path_of(run)
    if path is None:
        raise CommandError(f"No outcomes are kept of run {number}.")
    return str(path)


def _prune(dry_run: bool) -> str:
    gone = example_outcomes.prune(timezone.now(), dry_run=dry_run)
    verb = "would be removed" if dry_run else "removed"
    return f"{verb}: the outcomes of {gone.records} attempts; {gone.files} files of {gone.size / 2**20:.1f} MiB"
