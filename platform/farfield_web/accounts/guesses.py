"""What bounds the guessing of passwords, at every door that takes one.

Each attempt is counted before the password is looked at, against the address and against the name, and given back when
the password was right. For a name there are two counts: one for each address that signed in as it lately, and one for
all other addresses together. So whoever guesses at a name from elsewhere shuts out strangers, and not its owner at
home; and a name that does not exist is counted like one that does.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.http import HttpRequest

from farfield_web.accounts import names, throttle
from farfield_web.address import address_of

BY_ADDRESS, BY_NAME, AT_HOME = "wrong passwords by address", "wrong passwords by name", "wrong passwords at home"
MESSAGE = "Too many wrong passwords."


@dataclass
class Attempt:
    """One attempt; set `right` when the password was."""

    right: bool = False


@contextmanager
def attempt(request: HttpRequest, name: str) -> Iterator[Attempt]:
    """Count an attempt to give a password for a name. Raises TooMany."""
    account, address = names.skeleton(name[: 2 * names.MAX_LENGTH]), address_of(request)
    limits = [(BY_ADDRESS, address), _by_name(account, address)]
    for limit, who in limits:
        throttle.take(limit, who, MESSAGE)
    made = Attempt()
    yield made
    if made.right:
        throttle.know(account, address)
        for limit, who in limits:
            throttle.give_back(limit, who)


def _by_name(account: str, address: str) -> tuple[str, str]:
    return (AT_HOME, f"{account} {address}") if throttle.is_known(account, address) else (BY_NAME, account)
