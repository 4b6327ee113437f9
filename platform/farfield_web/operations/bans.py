"""Who may not come in, and why: asked at every door."""

from farfield_web.accounts.models import User
from farfield_web.operations.models import OPEN, Ban


def ban_of(person: User) -> Ban | None:
    """The ban that holds now."""
    return Ban.objects.filter(OPEN, person=person).first()


def why_banned(person: User) -> str:
    """A sentence for the person, with the operator's reason; empty where there is no ban."""
    ban = None if person.is_active else ban_of(person)
    return f"This account is banned by the operator of this site: {ban.reason}" if ban else ""
