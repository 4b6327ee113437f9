"""The forms of django-allauth that are ours in part: what they are called, and how guesses at codes are counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.socialaccount.forms import SignupForm
from django import forms

from farfield_web.accounts import names, throttle
from farfield_web.accounts.models import User

WRONG_CODES = "wrong codes"


class SignInForm(LoginForm):  # type: ignore[misc] # allauth has no types
    """A name and a password; the fields are called as browsers and programs know them of old."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # The backend looks for the name as it was typed too: accounts from before there was a rule may be kept so.
        self.fields["login"] = forms.CharField(
            max_length=150,
            label="Username",
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
        )
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs.pop("placeholder", None)
        self.order_fields(["login", "password"])

    def add_prefix(self, field_name: str) -> str:
        return str(super().add_prefix("username" if field_name == "login" else field_name))

    def clean_login(self) -> str:
        """As it was typed."""
        return str(self.cleaned_data["login"])


class ResetForm(ResetPasswordForm):  # type: ignore[misc]
    """An address, and no word of whether it is anybody's."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].label = "E-mail address"
        self.fields["email"].widget.attrs.pop("placeholder", None)

    def clean_email(self) -> str:
        """Raises TooMany: a mailbox gets so many letters, whoever asks for them."""
        address = str(super().clean_email())
        throttle.take("letters to a mailbox", address.casefold(), "Very many letters were asked for at this address.")
        return address


class SocialSignUpForm(SignupForm):  # type: ignore[misc]
    """The name that somebody from another place takes here, by the rule of all names."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields[
            "username"
        ].help_text = (
            f"Shown beside your entries. Letters, digits and @ . + - _; at most {names.MAX_LENGTH} characters."
        )
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)

    def validate_unique_email(self, value: str) -> str:
        """Any address may be given, and only its owner can confirm it; so the form tells nothing of others."""
        return value


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """A code at signing in."""

    def clean_code(self) -> str:
        """Raises TooMany."""
        with counted(self.user):
            return str(super().clean_code())


class CodeAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """A code from somebody who is signed in."""

    def clean_code(self) -> str:
        """Raises TooMany."""
        with counted(self.user):
            return str(super().clean_code())


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    """The code by which an authenticator shows that it has the secret."""

    def clean_code(self) -> str:
        """Raises TooMany."""
        with counted(self.user):
            return str(super().clean_code())


@contextmanager
def counted(user: User) -> Iterator[None]:
    """A guess at a code of somebody; given back when it was right. Raises TooMany."""
    who = f"person {user.pk}"
    throttle.take(WRONG_CODES, who, "Too many wrong codes.")
    yield
    throttle.give_back(WRONG_CODES, who)
