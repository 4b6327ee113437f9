"""Every command of the page on hosting prints what the page says."""

import shlex
from io import StringIO

import pytest
from django.core.management import call_command
from tests.docs.test_documents import blocks

pytestmark = [pytest.mark.django_db, pytest.mark.services]
MANAGE = "$ python manage.py "


def test_the_commands_print_what_the_page_says() -> None:
    commands = [block.text for block in blocks("console") if block.document == "docs/hosting.md"]
    assert len(commands) == 4
    for text in commands:
        command, _, printed = text.strip().partition("\n")
        out = StringIO()
        call_command(*shlex.split(command.removeprefix(MANAGE)), stdout=out)
        assert out.getvalue().strip() == printed.strip()
