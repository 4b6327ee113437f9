"""What the outbox sends, and the links in it."""

import re

from django.core import mail

from farfield_web.accounts import letters


def letters_to(address: str) -> list[str]:
    """Send what is due; the texts of all letters to an address so far."""
    letters.send_due()
    return [str(letter.body) for letter in mail.outbox if address in letter.to]


def link_in(text: str) -> str:
    """The path of the first link."""
    found = re.search(r"https?://[^/\s]+(/\S+)", text)
    assert found is not None
    return found[1]
