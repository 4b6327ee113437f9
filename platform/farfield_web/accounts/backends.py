"""How a name and a password become a person: the same for the page, the API and whatever asks Django."""

import unicodedata
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.http import HttpRequest

from farfield_web import storable
from farfield_web.accounts import guesses
from farfield_web.accounts.models import User


class NameAndPassword(ModelBackend):
    """Finds the name as it was given, else as it is kept, else whatever its case: no two accounts differ by that only.

    A closed account's person is found too, and is told so by whoever would let them in: every door asks `is_active`.
    Raises TooMany past the limits of `guesses`, where a request says who asks. A password costs the same time to
    refuse whether the name exists or not.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> User | None:
        if username is None or password is None:
            return None
        if request is None:
            return self._verified(username, password)
        with guesses.attempt(request, username) as attempt:
            user = self._verified(username, password)
            attempt.right = user is not None
        return user

    def _verified(self, name: str, password: str) -> User | None:
        user = _find(name)
        if user is None:
            User().set_password(password)  # takes as long as looking at a password
            return None
        return user if user.check_password(password) else None


def _find(name: str) -> User | None:
    """One query, whoever is found: the time tells nothing."""
    if not storable.is_text(name):
        return None
    normal = unicodedata.normalize("NFKC", name.strip())
    lower = User.objects.alias(lower=Lower("username"))
    found = list(lower.filter(Q(username=name) | Q(lower=Lower(Value(normal)))))
    return next((user for user in found if user.username == name), next(iter(found), None))
