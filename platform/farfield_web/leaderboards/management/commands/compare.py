"""`manage.py compare`: compare the entries of all boards now, instead of within minutes."""

from typing import Any

from django.core.management.base import BaseCommand

from farfield_web.leaderboards.comparing import compare_all


class Command(BaseCommand):
    """Says how many columns of boards were compared anew."""

    help = "Compare the entries of all boards with one another where something changed. Safe to run at any time."

    def handle(self, *args: Any, **options: Any) -> None:
        count = compare_all()
        self.stdout.write(f"{count} column{'' if count == 1 else 's'} of boards compared anew.")
