"""Making an account; the page and the API share it."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from farfield_web.accounts import names
from farfield_web.accounts.models import User
from farfield_web.errors import AccountError


def sign_up(username: str, password: str, email: str = "") -> User:
    """A new person. Raises AccountError with the field at fault."""
    user = User(username=_checked(username), email=User.objects.normalize_email(email))
    _check_password(user, password)
    _check_email(user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except names.NameRefused as error:
        raise _refused(error) from error
    except IntegrityError:
        raise _refused(names.taken(user.username)) from None
    return user


def _checked(username: str) -> str:
    try:
        return names.checked(username)
    except names.NameRefused as error:
        raise _refused(error) from error


def _refused(error: names.NameRefused) -> AccountError:
    return AccountError(f"account.{error.code}", " ".join(error.messages), "username")


def _check_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise AccountError("account.bad_password", " ".join(error.messages), "password") from error


def _check_email(user: User) -> None:
    try:
        user.clean_fields(exclude=[field.name for field in User._meta.fields if field.name != "email"])
    except ValidationError as error:
        raise AccountError("account.bad_email", " ".join(error.messages), "email") from error
