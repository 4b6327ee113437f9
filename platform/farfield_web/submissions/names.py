"""Whose a method's name is: who had it first, the operator while a worker announces it, or whom the operator says."""

import re
from datetime import datetime

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from farfield.method import MAX_NAME, NAME
from farfield_web.accounts.models import User
from farfield_web.submissions.models import Method, NameRule, Submission, Worker

# Any constant will do, as long as nothing else in this database takes the same advisory lock.
_NAMES = 0x6661_726E
ELSE = "somebody else"


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
    ruled = why_ruled_out(owner, name)
    if ruled:
        return ruled
    held = _holder(name) if name else None
    if held is not None and held.owner != owner:
        return f"the name {name!r} belongs to {_whose(held)}; choose another name for your method"
    other = _of_another(owner, distribution) if distribution else None
    if other is not None:
        return f"the distribution {distribution!r} belongs to {_whose(other)}; give your package another name"
    return ""


def why_ruled_out(owner: User | None, name: str) -> str:
    """Why the operator's word keeps the name from this person; empty when there is none, or it is theirs."""
    rule = NameRule.objects.filter(name=name).select_related("holder").first() if name else None
    if rule is None:
        return ""
    if rule.holder is None:
        because = f" ({rule.reason})" if rule.reason else ""
        return f"the name {name!r} is disputed{because}; until this site's operator decides, nobody enters under it"
    whose = ELSE if Submission.objects.filter(_hidden(rule.holder), method_name=name).exists() else rule.holder.username
    return "" if rule.holder == owner else f"the name {name!r} belongs to {whose}; choose another name"


def reserved() -> frozenset[str]:
    """The names of methods that are the operator's, because a worker has them installed.

    One that is silent keeps its names until another of the same resource has announced itself since: a machine may be
    down for a day, and is often known by another name when it comes back.
    """
    said = list(Worker.objects.values_list("resource", "announced_at", "seen_at", "methods"))
    newest: dict[str, datetime] = {}
    for resource, announced_at, _, _ in said:
        newest[resource] = max(announced_at, newest.get(resource, announced_at))
    present = timezone.now() - settings.WORKER_SEEN_WITHIN
    return frozenset(
        name for resource, _, seen, names in said if seen > present or seen >= newest[resource] for name in names
    )


def make_way(name: str) -> Method | None:
    """Give up a name: what was entered under it stays, with its method under another name; returns that method.

    A method without any entry is forgotten. To be called in a transaction, after `one_at_a_time`.
    """
    method = Method.objects.select_for_update(of=("self",)).filter(name=name).first()
    if method is None:
        return None
    if not method.submissions.exists():
        method.delete()
        return None
    method.name, method.available = _free_name(f"{name[: MAX_NAME - 12].rstrip('-')}-former"), False
    method.former = True
    method.save(update_fields=["name", "available", "former"])
    return method


def take(owner: User, name: str) -> None:
    """Make room for a person's method of this name, which `why_taken` allowed: a former one of the operator's goes.

    To be called in a transaction, after `one_at_a_time`.
    """
    held = Method.objects.filter(name=name).first()
    if held is not None and held.owner != owner:
        make_way(name)


def free(name: str) -> Method | None:
    """The operator's word: the name is nobody's, and whoever comes next may have it. As `make_way`."""
    NameRule.objects.filter(name=name).delete()
    return make_way(name)


def dispute(name: str, reason: str) -> None:
    """The operator's word: until it is settled nobody enters anything under this name, its holder included."""
    NameRule.objects.update_or_create(name=name, defaults={"holder": None, "reason": reason, "made_at": timezone.now()})


def settle(name: str, holder: User) -> Method | None:
    """The operator's word: the name is this person's. Another's method makes way, and is returned."""
    NameRule.objects.update_or_create(name=name, defaults={"holder": holder, "reason": "", "made_at": timezone.now()})
    held = Method.objects.filter(name=name).first()
    return make_way(name) if held is not None and held.owner != holder else None


def normalised(distribution: str) -> str:
    """A distribution's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def _holder(name: str) -> Method | None:
    """Who has the name; none where it was the operator's and no worker announces it any more."""
    held = Method.objects.filter(name=name).select_related("owner").first()
    return held if held is None or _is_held(held, reserved()) else None


def _of_another(owner: User | None, distribution: str) -> Method | None:
    wanted = normalised(distribution)
    announced = reserved()
    others = Method.objects.exclude(distribution="").select_related("owner").order_by("pk")
    same = (m for m in others if m.owner != owner and normalised(m.distribution) == wanted)
    return next((m for m in same if _is_held(m, announced)), None)


def _is_held(method: Method, announced: frozenset[str]) -> bool:
    """Whether its names are taken by it. One that made way holds nothing any more."""
    if method.owner is None:
        return method.name in announced
    return not method.former


def _free_name(wanted: str) -> str:
    candidates = (f"{wanted}-{number}" if number else wanted for number in range(10_000))
    return next(name for name in candidates if not Method.objects.filter(name=name).exists())


def _whose(method: Method) -> str:
    if method.owner is None:
        return f"the method {method.name!r} that is installed here"
    whose = ELSE if method.submissions.filter(_hidden(method.owner)).exists() else method.owner.username
    return f"the method {method.name!r} of {whose}"


def _hidden(person: User) -> Q:
    """This person's entries that do not tell whose they are."""
    return Q(owner=person, anonymous_since__isnull=False)
