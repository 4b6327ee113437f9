"""Doing a deed: whoever asks, by page, command or API, it is checked, done and recorded here, in one transaction."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import transaction

from farfield_web.accounts.models import User
from farfield_web.operations import audit
from farfield_web.operations.deeds import boards, corrections, entered, names, people, results, site, workers
from farfield_web.operations.deeds.base import Deed, OperateError

DEEDS: Mapping[str, Deed] = {
    deed.name: deed
    for area in (corrections, entered, results, people, names, workers, site, boards)
    for deed in area.DEEDS
}


def may_operate(viewer: User | AnonymousUser | None) -> bool:
    """Whether this person runs the site."""
    return isinstance(viewer, User) and viewer.is_active and viewer.is_staff


def perform(actor: User | None, name: str, given: Mapping[str, Any], *, role: str = audit.OPERATOR) -> str:
    """Do it, and say what was done. `actor` is None for a command on the site's machine, which may do everything.

    Raises OperateError `operate.forbidden` for anybody else than an operator, `operate.unknown_deed`, and what the deed
    raises; then nothing was done, and nothing recorded.
    """
    if actor is not None and not may_operate(actor):
        raise OperateError("operate.forbidden", "Only the operators of this site may do that.")
    if name not in DEEDS:
        raise OperateError("operate.unknown_deed", f"There is no deed {name[:40]!r}; there are: {', '.join(DEEDS)}.")
    deed = DEEDS[name]
    with transaction.atomic():
        values = deed.read(given)
        done = deed.do({**values, "role": role})
        audit.record(actor, name, done.what, str(values.get("reason") or ""), role=role, **done.facts)
    return done.said
