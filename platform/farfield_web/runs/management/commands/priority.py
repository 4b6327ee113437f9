"""Put the open runs of a person or a submission before or behind those of others."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from farfield_web.accounts.models import User
from farfield_web.runs.models import Run
from farfield_web.runs.status import OPEN
from farfield_web.submissions.models import Submission

# PostgreSQL's integer.
_LOWEST, _HIGHEST = -(2**31), 2**31 - 1


class Command(BaseCommand):
    """`manage.py priority USER|SUBMISSION N`: higher is claimed first, whatever is fair; 0 is where all start."""

    help = "Set the priority of the open runs of a person or a submission; higher is claimed first, 0 is usual."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("whose", help="a user name, or the number of a submission as its address has it")
        parser.add_argument("priority", type=int, help="a whole number; negative to put them behind the others")

    def handle(self, *args: Any, **options: Any) -> str:
        priority = options["priority"]
        if not _LOWEST <= priority <= _HIGHEST:
            raise CommandError(f"The priority must lie in {_LOWEST}..{_HIGHEST}.")
        changed = _runs_of(options["whose"]).filter(status__in=OPEN).update(priority=priority)
        return f"{changed} open run{'' if changed == 1 else 's'} of {options['whose']} now have priority {priority}."


def _runs_of(whose: str) -> Any:
    try:
        return _of_submission(uuid.UUID(whose))
    except ValueError:
        pass
    person = User.objects.filter(username=whose).first()
    if person is None:
        raise CommandError(f"There is no person called {whose!r}, and it is no submission's number.")
    return Run.objects.filter(submission__owner=person)


def _of_submission(number: uuid.UUID) -> Any:
    if not Submission.objects.filter(pk=number).exists():
        raise CommandError(f"There is no submission {number}.")
    return Run.objects.filter(submission=number)
