"""Scores that are hidden until a date: from whom, as one query that every list of entries and every door asks.

While they are hidden a board is there for its hosts and the operators alone, and so is each entry, but for its author,
who may see its figures where the hosts let authors see them, and never its rank, which tells of the others.
"""

from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Now

from farfield_evaluators.catalog import benchmarks
from farfield_web.accounts.models import User
from farfield_web.hosting.models import Hosting
from farfield_web.hosting.rules import hosts_of


def may_host(person: object, name: str) -> bool:
    """Whether somebody hosts the benchmark of that name: an operator, or who its file names as owner."""
    return operates(person) or name in _hosted(person)


def operates(person: object) -> bool:
    """Whether this person is an operator of the site."""
    return isinstance(person, User) and person.is_active and person.is_staff


def hidden_from(viewer: object) -> QuerySet[Hosting]:
    """The rules of the benchmarks whose scores this person may not see now; to be joined, or asked."""
    if operates(viewer):
        return Hosting.objects.none()
    return Hosting.objects.filter(hidden_until__gt=Now()).exclude(benchmark__in=_hosted(viewer))


def names_hidden_from(viewer: object) -> frozenset[str]:
    """Their names, in one query; none for an operator."""
    return frozenset() if operates(viewer) else frozenset(hidden_from(viewer).values_list("benchmark", flat=True))


def hidden_now(benchmark: str) -> bool:
    """Whether the scores of a benchmark are hidden from the public now."""
    return Hosting.objects.filter(benchmark=benchmark, hidden_until__gt=Now()).exists()


def sentence(title: str, until: datetime | None) -> str:
    """What is said in place of scores."""
    when = f" until {until:%Y-%m-%d %H:%M} UTC" if until else ""
    return f"The scores of {title} are hidden{when}: its hosts have set so."


def _hosted(person: object) -> list[str]:
    if not isinstance(person, User) or not person.is_active:
        return []
    return [each.name for each in benchmarks() if person.get_username() in hosts_of(each)]
