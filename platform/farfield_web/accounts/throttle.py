"""The one throttle of all doors: so many times within so many seconds, for an address, a person or a name.

Each pair of a limit and somebody is one row, which holds when the limit will be whole again ("generic cell rate
algorithm"). Taking is one statement, so that requests at once, in however many processes, cannot take the same twice.
"""

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from farfield_web.accounts.models import Allowance
from farfield_web.errors import TooMany

# Who signs in successfully makes their address one from which others' failures do not keep them.
KNOWN_FOR = timedelta(days=30)

_TAKE = """
INSERT INTO accounts_allowance AS had (key, until) VALUES (%(key)s, clock_timestamp() + make_interval(secs => %(each)s))
ON CONFLICT (key) DO UPDATE SET until = GREATEST(had.until, clock_timestamp()) + make_interval(secs => %(each)s)
WHERE GREATEST(had.until, clock_timestamp()) <= clock_timestamp() + make_interval(secs => %(within)s - %(each)s)
RETURNING EXTRACT(EPOCH FROM until - clock_timestamp())
"""
_WAIT = """
SELECT EXTRACT(EPOCH FROM until - clock_timestamp()) + %(each)s - %(within)s FROM accounts_allowance WHERE key = %(key)s
"""
_GIVE_BACK = "UPDATE accounts_allowance SET until = until - make_interval(secs => %(each)s) WHERE key = %(key)s"


@dataclass(frozen=True, kw_only=True)
class Limit:
    """`number` times within `within`; what is used comes back bit by bit."""

    name: str
    number: int
    within: timedelta

    @property
    def each(self) -> timedelta:
        return self.within / self.number


@dataclass(frozen=True, kw_only=True)
class Left:
    """What is left of a limit: how many times, and after how many seconds it is whole again."""

    limit: Limit
    times: int
    seconds: float


def limit(name: str) -> Limit | None:
    """The limit of that name in settings.THROTTLES; None when the operator has set it to 0, which is no limit."""
    number, seconds = settings.THROTTLES[name]
    return Limit(name=name, number=number, within=timedelta(seconds=seconds)) if number else None


def take(name: str, who: str, message: str) -> Left | None:
    """Use up one of a limit; returns what is left, None where there is none. Raises TooMany: when to try again."""
    wanted = limit(name)
    if wanted is None:
        return None
    values = _values(wanted, who)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, values)
        taken = cursor.fetchone()
        if taken is not None:
            return _left(wanted, float(taken[0]))
        cursor.execute(_WAIT, values)
        row = cursor.fetchone()
    raise TooMany(message, float(row[0]) if row else 1.0)


def give_back(name: str, who: str) -> None:
    """Undo one `take`: what it counted against did not happen."""
    wanted = limit(name)
    if wanted is not None:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_allowance SET until = until - make_interval(secs => %(each)s) WHERE key = %(key)s",
                _values(wanted, who),
            )


def forget() -> int:
    """Remove what says nothing any more; how many rows. Safe to run at any time."""
    return Allowance.objects.filter(until__lt=timezone.now()).delete()[0]


def is_known(account: str, address: str) -> bool:
    """Whether this account was signed in from this address lately."""
    return Allowance.objects.filter(key=_key("known", f"{account} {address}"), until__gt=timezone.now()).exists()


def know(account: str, address: str) -> None:
    """The account was signed in from this address."""
    key, until = _key("known", f"{account} {address}"), timezone.now() + KNOWN_FOR
    Allowance.objects.update_or_create(key=key, defaults={"until": until})


def _left(wanted: Limit, used: float) -> Left:
    """Of a limit of which so many seconds are used."""
    times = math.floor((wanted.within.total_seconds() - used) / wanted.each.total_seconds() + 1e-6)
    return Left(limit=wanted, times=max(0, times), seconds=max(0.0, used))


def _values(wanted: Limit, who: str) -> Mapping[str, str | float]:
    return {"key": _key(wanted.name, who), "each": wanted.each.total_seconds(), "within": wanted.within.total_seconds()}


def _key(name: str, who: str) -> str:
    return hashlib.sha256(f"{name}\0{who}".encode(errors="replace")).hexdigest()
