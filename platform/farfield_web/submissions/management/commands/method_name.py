"""Say whose a method's name is, free one that nobody should hold, or settle who may have it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from farfield_web.accounts.models import User
from farfield_web.submissions import names
from farfield_web.submissions.models import Method, NameRule


class Command(BaseCommand):
    """`manage.py method_name show|free|dispute|settle NAME`: the operator's word about a name."""

    help = "Show whose a method's name is, free it, dispute it, or settle whose it is. What was entered stays."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        for action, about in _ACTIONS.items():
            chosen = actions.add_parser(action, help=about)
            chosen.add_argument("name", help="a method's name")
            if action == "dispute":
                chosen.add_argument("--reason", default="", help="shown to who tries to use it")
            if action == "settle":
                chosen.add_argument("holder", help="a user name")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> str:
        names.one_at_a_time()
        name = options["name"]
        if not names.is_name(name):
            raise CommandError(f"{name!r} is no name for a method.")
        if options["action"] == "dispute":
            names.dispute(name, _checked(options["reason"]))
        elif options["action"] == "settle":
            _refuse_installed(name)
            _say_former(self, names.settle(name, _person(options["holder"])))
        elif options["action"] == "free":
            _refuse_installed(name)
            _say_former(self, names.free(name))
        return _told(name)


_ACTIONS = {
    "show": "whose the name is",
    "free": "make it nobody's: whoever brings a method of this name next has it",
    "dispute": "let nobody enter anything under it until it is settled or freed",
    "settle": "make it this person's, whoever had it before",
}


def _refuse_installed(name: str) -> None:
    if name in names.reserved():
        raise CommandError(f"A worker has {name!r} installed; uninstall it there and restart the worker first.")


def _person(username: str) -> User:
    person = User.objects.filter(username=username).first()
    if person is None:
        raise CommandError(f"There is no person called {username!r}.")
    return person


def _checked(reason: str) -> str:
    if len(reason) > 200 or not reason.isprintable():
        raise CommandError("The reason must be one line of at most 200 characters.")
    return reason


def _say_former(command: Command, former: Method | None) -> None:
    if former is not None:
        command.stdout.write(f"What was entered before stays, as entries of {former.name!r}.")


def _told(name: str) -> str:
    rule = NameRule.objects.filter(name=name).select_related("holder").first()
    if rule is not None and rule.holder is None:
        return f"{name!r} is disputed: nobody enters anything under it."
    if rule is not None and rule.holder is not None:
        return f"{name!r} is {rule.holder.username}'s, by the operator's word."
    reason = names.why_taken(None, name, "")
    if reason:
        return f"{reason.partition(';')[0]}."
    held = f"{name!r} is the operator's: a worker has it installed."
    return held if name in names.reserved() else f"{name!r} is nobody's."
