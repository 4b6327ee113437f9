"""Take an entry off the boards, with a reason that everybody can read."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from farfield_web.errors import UserError
from farfield_web.operations.deeds.perform import perform

MAX_ROLE = 60  # as long as its column


class Command(BaseCommand):
    """`manage.py invalidate SUBMISSION --reason TEXT`: off the boards, with its figures; the reason stands there."""

    help = "Take a submission off the boards. Its page and the boards give the reason; `restore` puts it back."
    deed = "invalidate"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("submission", help="its number, as its address has it")
        parser.add_argument("--reason", required=True, help="one or two sentences, public")
        parser.add_argument("--role", default="operator", help="as whom you do it (default: operator); public")

    def handle(self, *args: Any, **options: Any) -> str:
        given, role = {name: options[name] for name in ("submission", "reason")}, options["role"]
        if len(role) > MAX_ROLE:
            raise CommandError(f"A role may have {MAX_ROLE} characters.")
        try:
            return perform(None, self.deed, given, role=role)
        except UserError as error:
            raise CommandError(error.message) from error
