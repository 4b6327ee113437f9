"""Score a benchmark's entries again from what was kept of them, or say what would drift."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from farfield.errors import UnknownName
from farfield_evaluators.catalog import find
from farfield_web.errors import UserError
from farfield_web.leaderboards import rescoring
from farfield_web.leaderboards.reading import tier_of
from farfield_web.operations.deeds.perform import perform


class Command(BaseCommand):
    """`manage.py rescore BENCHMARK [--tier TIER] [--dry-run | --reason TEXT]`: prints the drift, entry by entry."""

    help = "Score a benchmark's entries again without running anything; the board as it was is frozen first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("benchmark", help="its name")
        parser.add_argument("--tier", default="", help="one of its tiers (default: the first)")
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--dry-run", action="store_true", help="only print what would drift, and what waits")
        how.add_argument("--reason", help="why, in a sentence or two, public")

    def handle(self, *args: Any, **options: Any) -> str:
        name, tier = options["benchmark"], options["tier"]
        try:
            if options["dry_run"]:
                benchmark = find(name)
                found = rescoring.rescore(benchmark, tier_of(benchmark, tier), dry_run=True)
                return "\n".join(rescoring.table(found)) or "nothing drifts"
            return perform(None, "rescore", {"benchmark": name, "tier": tier, "reason": options["reason"]})
        except (UnknownName, KeyError) as error:
            raise CommandError(str(error)) from error
        except UserError as error:
            raise CommandError(f"{error.message} {error.hint or ''}".strip()) from error
