"""The forms that are the same for everyone. Fields of a configuration come from `config_form`."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.http import HttpRequest

from farfield_web.accounts import guesses, names, scopes
from farfield_web.accounts.models import User
from farfield_web.hosting.questions import Question
from farfield_web.pages.submit.question_fields import fields_of


class SignUpForm(forms.Form):
    """A new account: a name, a password, and an address. What they must be is `accounts.sign_up`'s to say."""

    username = forms.CharField(
        max_length=150,
        help_text=f"Shown beside your entries. Letters, digits and @ . + - _; at most {names.MAX_LENGTH} characters.",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )
    email = forms.EmailField(
        label="E-mail address",
        help_text="Never shown. For a new password when you forgot yours, and for news that you ask for.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password1 = forms.CharField(
        label="Password",
        strip=False,
        help_text=password_validators_help_text_html(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label="Password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["email"].required = settings.EMAIL_REQUIRED
        if not settings.EMAIL_REQUIRED:
            self.fields["email"].label = "E-mail address, if you like"

    def clean(self) -> dict[str, Any]:
        first, second = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two passwords do not match.")
        return self.cleaned_data


class ChangePasswordForm(PasswordChangeForm):
    """Django's, which also asks what becomes of API tokens; the old password is no cheaper to guess than elsewhere."""

    keep_tokens = forms.BooleanField(
        required=False,
        label="Keep my API tokens",
        help_text="Without it they are all revoked, and programs that use them must be given new ones. Keep them only "
        "if you know that nobody else has one.",
    )
    request: HttpRequest

    def clean_old_password(self) -> str:
        """Raises TooMany."""
        with guesses.attempt(self.request, self.user.get_username()) as attempt:
            password = super().clean_old_password()
            attempt.right = True
        return str(password)

    def save(self, commit: bool = True) -> User:
        """The change; other tokens and sessions end with it."""
        self.user.keeps_tokens = self.cleaned_data["keep_tokens"]
        return super().save(commit)


class TokenForm(forms.Form):
    """A new API token: its name, what it may do, and for how long."""

    name = forms.CharField(max_length=100, label="Name", help_text="What will use it, for example: laptop.")
    scopes = forms.MultipleChoiceField(
        label="It may", widget=forms.CheckboxSelectMultiple, initial=scopes.USUAL, required=False
    )
    days = forms.TypedChoiceField(
        label="For",
        coerce=int,
        empty_value="0",
        required=False,
        choices=[(30, "30 days"), (90, "90 days"), (365, "a year"), (0, "ever")],
        initial=365,
    )

    def __init__(self, *args: Any, person: User, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["scopes"]
        field.choices = [(k, v) for k, v in scopes.WHAT.items() if k != scopes.OPERATE or person.is_staff]

    def clean_scopes(self) -> list[str]:
        """What is usual, from a form of before there was a choice."""
        return list(self.cleaned_data["scopes"] or scopes.USUAL)


class AboutSubmissionForm(forms.Form):
    """What a person may say about a submission, and what its benchmark asks."""

    title = forms.CharField(
        max_length=100, required=False, label="Title", help_text="Optional. A few words to tell it from your others."
    )
    note = forms.CharField(
        max_length=2000,
        required=False,
        label="Note",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional. Anyone can read it.",
    )
    team = forms.CharField(
        max_length=60,
        required=False,
        label="For a team",
        help_text="Optional. The name of a team that you are in; it stands beside yours on the boards.",
    )

    def __init__(self, questions: Sequence[Question], *data: Any) -> None:
        super().__init__(*data)
        self.fields.update(fields_of(questions))
