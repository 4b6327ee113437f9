"""The commands that talk to a site: each reads words, calls `farfield.client.Site`, and prints what came of it."""

from typing import Any

from farfield.client.commands.account import add_login, add_logout, add_whoami
from farfield.client.commands.boards import add_compare, add_leaderboard, add_results
from farfield.client.commands.entering import add_submit
from farfield.client.commands.following import add_watch
from farfield.client.commands.saving import add_export


def add_all(commands: Any) -> None:
    """Add them to the subparsers."""
    for add in (add_login, add_logout, add_whoami, add_submit, add_watch):
        add(commands)
    for add in (add_results, add_leaderboard, add_compare, add_export):
        add(commands)
