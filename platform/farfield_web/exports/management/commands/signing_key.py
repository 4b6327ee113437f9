"""`manage.py signing_key [--rotate]`: make the key with which the site signs results, or another one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from farfield_web.exports.signing import ensure_key


class Command(BaseCommand):
    """Says which key signs, and prints it in PEM; the private half stays in its file."""

    help = "Make the key with which this site signs results, where it has none. Safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rotate", action="store_true", help="make another; what older ones signed still holds")

    def handle(self, *args: Any, **options: Any) -> None:
        key, made = ensure_key(timezone.now(), rotate=options["rotate"])
        self.stdout.write(f"{'made' if made else 'there already'}: key {key.keyid}, signs since {key.valid_from}")
        self.stdout.write(key.pem)
