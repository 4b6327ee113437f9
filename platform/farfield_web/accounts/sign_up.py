"""Making an account; the page and the API share it."""

from collections.abc import Callable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from farfield_web.accounts.models import User
from farfield_web.errors import AccountError


def sign_up(username: str, password: str, email: str = "") -> User:
    """A new person. Raises AccountError with the field at fault."""
    user = User(username=username, email=User.objects.normalize_email(email))
    _check("password", lambda: validate_password(password, user))
    user.set_password(password)
    _check("username", lambda: user.clean_fields(exclude=["email", "password"]))
    _check("email", lambda: user.clean_fields(exclude=["username", "password"]))
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        raise AccountError("account.taken", f"The name {username!r} is taken; choose another.", "username") from None
    return user


def _check(field: str, validate: Callable[[], None]) -> None:
    try:
        validate()
    except ValidationError as error:
        raise AccountError(f"account.bad_{field}", " ".join(error.messages), field) from error
