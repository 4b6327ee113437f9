"""Who is asking."""

from django.http import HttpRequest

from farfield_web.accounts.models import User


def person_of(request: HttpRequest) -> User:
    """The signed-in person. To be called behind `login_required`; raises TypeError without it."""
    if not isinstance(request.user, User):
        raise TypeError("this view must be behind login_required")
    return request.user
