"""The commands of the operator guide, as they are written there, on a site where each has something to do."""

import re
import shlex
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from farfield_web.accounts.models import User
from farfield_web.operations.deeds.perform import DEEDS
from farfield_web.operations.models import AuditLine
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
GUIDE = Path(__file__).parents[3] / "docs" / "operator-guide.md"
NUMBER = "5f0c8f3e-0000-4000-8000-000000000000"
OURS = "$ python manage.py "
COMMANDS = ("operate", "method_name", "rescore", "freeze")


def commands() -> Iterator[tuple[str, str]]:
    """(the heading above it, the command) of each that is an operator's."""
    heading = ""
    for line in GUIDE.read_text(encoding="utf-8").splitlines():
        if re.match("#+ ", line):
            heading = line.lstrip("# ")
        elif line.startswith(OURS) and line.split()[3] in COMMANDS:
            yield heading, line.removeprefix(OURS)


def test_every_command_of_the_guide_does_what_it_says(
    finished: Callable[..., Submission], person: User, entered: Submission
) -> None:
    from farfield_web.runs import verbs

    verbs.cancel(entered, person)  # so that what is finished is what is claimed
    numbers = {"Corrections": finished(person, 0.5), "A result that changes": finished(person, 0.7)}
    done = []
    for heading, command in commands():
        if heading == "Runs" and heading not in numbers:
            verbs.retry(entered, person)
            numbers[heading] = entered
        number = str(numbers[heading].pk) if heading in numbers else NUMBER
        out = StringIO()
        call_command(*shlex.split(command.replace(NUMBER, number)), stdout=out)
        assert out.getvalue(), command
        done.append(command.split()[1])
    assert set(DEEDS) - {"rescore"} <= {*done}, "each deed has its command in the guide"
    assert AuditLine.objects.count() >= len(DEEDS) - 1
