"""Say whose a method's name is, free one that nobody should hold, or settle who may have it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from farfield_web.errors import UserError
from farfield_web.operations.deeds.perform import perform
from farfield_web.submissions import names
from farfield_web.submissions.models import NameRule

REASON = "by a command on the site's machine"


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

    def handle(self, *args: Any, **options: Any) -> str:
        name, action = options["name"], options["action"]
        if not names.is_name(name):
            raise CommandError(f"{name!r} is no name for a method.")
        if action == "show":
            return _told(name)
        given = {field: options[field] for field in ("name", "reason", "holder") if options.get(field)}
        try:
            return perform(None, f"{action}-name", {"reason": REASON, **given} if action != "dispute" else given)
        except UserError as error:
            raise CommandError(error.message) from error


_ACTIONS = {
    "show": "whose the name is",
    "free": "make it nobody's: whoever brings a method of this name next has it",
    "dispute": "let nobody enter anything under it until it is settled or freed",
    "settle": "make it this person's, whoever had it before",
}


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
