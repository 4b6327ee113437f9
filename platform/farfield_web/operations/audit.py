"""The audit log: one line for each deed of an operator or a host, written in the transaction of the deed."""

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from farfield_web import storable
from farfield_web.accounts.models import User
from farfield_web.operations.models import AuditLine

OPERATOR = "operator"
COMMAND_LINE = "command line"


def record(
    actor: User | None, verb: str, what: str, reason: str = "", *, role: str = OPERATOR, **facts: Any
) -> AuditLine:
    """Add a line. To be called in the transaction of the deed, so that neither is there without the other.

    actor: who did it; None for a command on the site's machine. facts: whatever JSON has.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a deed and its line in the audit log belong in one transaction")
    return AuditLine.objects.create(
        at=timezone.now(),
        actor=actor.get_username() if actor else "",
        role=storable.text(role)[:60],
        verb=verb[:40],
        what=storable.text(what)[:300],
        reason=storable.text(reason)[:500],
        facts=storable.json(facts),
    )


def lines(text: str = "") -> QuerySet[AuditLine]:
    """Those in which every word of the text stands, newest first."""
    chosen = AuditLine.objects.all()
    for word in text.split():
        fields = ("actor", "role", "verb", "what", "reason")
        of_word = Q(actor="") if word in COMMAND_LINE.split() else Q()
        for field in fields:
            of_word |= Q(**{f"{field}__icontains": storable.text(word)})
        chosen = chosen.filter(of_word)
    return chosen
