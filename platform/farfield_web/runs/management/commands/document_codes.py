"""`manage.py document_codes`: brings the column of docs/failure-codes.md that says what a failure costs up to date."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from farfield_web.runs.documented import with_quota

PAGE = Path("docs/failure-codes.md")


class Command(BaseCommand):
    """A test holds the page to what this writes."""

    help = "Write what each failure code does to the quota into docs/failure-codes.md."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("page", nargs="?", type=Path, default=PAGE)

    def handle(self, *args: Any, page: Path, **options: Any) -> None:
        page.write_text(with_quota(page.read_text(encoding="utf-8")), encoding="utf-8")
