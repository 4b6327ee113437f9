"""Whose a method's name is. It belongs to who had it first; an installed one is the operator's for good."""

import re

from django.db import connection

from farfield.method import MAX_NAME, NAME
from farfield_web.accounts.models import User
from farfield_web.submissions.models import Method

# Any constant will do, as long as nothing else in this database takes the same advisory lock.
_NAMES = 0x6661_726E


def one_at_a_time() -> None:
    """Until the transaction ends, nobody else gives a name to a method: of two at once, one sees the other's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_NAMES])


def is_name(text: str) -> bool:
    """Whether a method may be called so."""
    return len(text) <= MAX_NAME and NAME.fullmatch(text) is not None


def why_taken(owner: User | None, name: str, distribution: str) -> str:
    """Why this person, or the operator for None, may not introduce such a method; empty when they may.

    An empty name or distribution takes nothing.
    """
    held = Method.objects.filter(name=name).first() if name else None
    if held is not None and held.owner != owner:
        return f"the name {name!r} belongs to {_whose(held)}; choose another name for your method"
    other = _of_another(owner, distribution) if distribution else None
    if other is not None:
        return f"the distribution {distribution!r} belongs to {_whose(other)}; give your package another name"
    return ""


def normalised(distribution: str) -> str:
    """A distribution's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _of_another(owner: User | None, distribution: str) -> Method | None:
    wanted = normalised(distribution)
    others = Method.objects.exclude(distribution="").select_related("owner")
    return next((m for m in others if m.owner != owner and normalised(m.distribution) == wanted), None)


def _whose(method: Method) -> str:
    if method.owner is None:
        return f"the method {method.name!r} that is installed here"
    return f"the method {method.name!r} of {method.owner.username}"
