"""Take an entry off the boards, with a reason that everybody can read."""

import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from farfield_web.errors import SubmissionError
from farfield_web.submissions import rulings
from farfield_web.submissions.models import Submission

MAX_REASON, MAX_ROLE = 500, 60  # as long as their columns


class Command(BaseCommand):
    """`manage.py invalidate SUBMISSION --reason TEXT`: off the boards, with its figures; the reason stands there."""

    help = "Take a submission off the boards. Its page and the boards give the reason; `restore` puts it back."
    rule = staticmethod(rulings.invalidate)
    done = "is off the boards"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("submission", type=uuid.UUID, help="its number, as its address has it")
        parser.add_argument("--reason", required=True, help="one or two sentences, public")
        parser.add_argument("--role", default="operator", help="as whom you do it (default: operator); public")

    def handle(self, *args: Any, **options: Any) -> str:
        submission = Submission.objects.filter(pk=options["submission"]).first()
        if submission is None:
            raise CommandError(f"There is no submission {options['submission']}.")
        if len(options["reason"]) > MAX_REASON or len(options["role"]) > MAX_ROLE:
            raise CommandError(f"A reason may have {MAX_REASON} characters, and a role {MAX_ROLE}.")
        try:
            ruling = self.rule(submission, options["reason"], options["role"])
        except SubmissionError as error:
            raise CommandError(error.message) from error
        return f"{submission.pk} {self.done}: {ruling.reason}"
