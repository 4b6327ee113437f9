"""The forms that are the same for everyone. Fields of a configuration come from `config_form`."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.http import HttpRequest

from farfield_web.accounts import guesses, names
from farfield_web.accounts.models import User
from farfield_web.hosting.questions import Question
from farfield_web.pages.submit.question_fields import fields_of


class SignUpForm(forms.Form):
    """A new account: a name and a password, no more. What they must be is `accounts.sign_up`'s to say."""

    username = forms.CharField(
        max_length=150,
        help_text=f"Shown beside your entries. Letters, digits and @ . + - _; at most {names.MAX_LENGTH} characters.",
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
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

    def clean(self) -> dict[str, Any]:
        first, second = self.cleaned_data.get("password1"), self.cleaned_data.get("password2")
        if first and second and first != second:
            self.add_error("password2", "The two passwords do not match.")
        return self.cleaned_data


class SignInForm(AuthenticationForm):
    """Django's, with a message that says what to do."""

    # The backend looks for the name as it was typed too: accounts from before there was a rule may be kept so.
    username = forms.CharField(
        max_length=150, label="Username", widget=AuthenticationForm.base_fields["username"].widget
    )

    error_messages = {
        "invalid_login": "No account has this user name and password. Passwords distinguish capital letters.",
        "inactive": "This account was closed. Ask the operator of this site.",
    }


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
    """The name of a new API token."""

    name = forms.CharField(max_length=100, label="Name", help_text="What will use it, for example: laptop.")


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

    def __init__(self, questions: Sequence[Question], *data: Any) -> None:
        super().__init__(*data)
        self.fields.update(fields_of(questions))
