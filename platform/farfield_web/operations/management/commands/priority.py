"""Put the open runs of a person or a submission before or behind those of others."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from farfield_web.errors import UserError
from farfield_web.operations.deeds.perform import perform


class Command(BaseCommand):
    """`manage.py priority USER|SUBMISSION N`: higher is claimed first, whatever is fair; 0 is where all start."""

    help = "Set the priority of the open runs of a person or a submission; higher is claimed first, 0 is usual."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("whose", help="a user name, or the number of a submission as its address has it")
        parser.add_argument("priority", type=int, help="a whole number; negative to put them behind the others")

    def handle(self, *args: Any, **options: Any) -> str:
        whose, priority = options["whose"], options["priority"]
        try:
            if _is_number(whose):
                return perform(None, "priority", {"entry": whose, "priority": priority})
            return perform(None, "priority-of-person", {"person": whose, "priority": priority})
        except UserError as error:
            raise CommandError(error.message) from error


def _is_number(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
