"""For somebody who lost their authenticator and their recovery codes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from farfield_web.accounts import second_factor
from farfield_web.accounts.models import User


class Command(BaseCommand):
    """`manage.py second_factor NAME [--remove]`: whether an account has one; or it goes."""

    help = "Say whether signing in as NAME asks for a second factor; --remove takes it away."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="a user name")
        parser.add_argument("--remove", action="store_true", help="once you know that it is really its owner who asks")

    def handle(self, *args: Any, **options: Any) -> str:
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no person called {options['name']!r}.")
        if options["remove"]:
            second_factor.remove(user)
        has = "has a second factor" if second_factor.has_second_factor(user) else "has no second factor"
        return f"{user.username} {has}."
