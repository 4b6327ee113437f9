"""Making an account; the page and the API share it."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from farfield_web.accounts import names
from farfield_web.accounts.models import User
from farfield_web.errors import AccountError


def sign_up(username: str, password: str, email: str = "") -> User:
    """A new person, whose address is to be confirmed yet. Raises AccountError with the field at fault.

    It says nothing of whether the address is another person's: only its owner can confirm it.
    """
    user = User(username=_checked(username), email=User.objects.normalize_email(email))
    _check_password(user, password)
    _check_email(user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            if user.email:
                EmailAddress.objects.create(user=user, email=user.email.lower(), primary=True, verified=False)
    except names.NameRefused as error:
        raise _refused(error) from error
    except IntegrityError:
        raise _refused(names.taken(user.username)) from None
    return user


def ask_to_confirm(request: HttpRequest, user: User) -> None:
    """Send the letter by which a new account's address is confirmed; nothing where it has none."""
    address = EmailAddress.objects.filter(user=user, verified=False).first()
    if address is not None:
        address.send_confirmation(request, signup=True)


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
    if settings.EMAIL_REQUIRED and not user.email:
        raise AccountError("account.no_email", "An account here needs an e-mail address.", "email")
    try:
        user.clean_fields(exclude=[field.name for field in User._meta.fields if field.name != "email"])
    except ValidationError as error:
        raise AccountError("account.bad_email", " ".join(error.messages), "email") from error
