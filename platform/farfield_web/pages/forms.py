"""The forms that are the same for everyone. Fields of a configuration come from `config_form`."""

from typing import TYPE_CHECKING

from django import forms
from django.contrib.auth.forms import AuthenticationForm, UserCreationForm

from farfield_web.accounts.models import User

if TYPE_CHECKING:
    SignUpBase = UserCreationForm[User]
else:
    SignUpBase = UserCreationForm


class SignUpForm(SignUpBase):
    """A new account: a name and a password, no more."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = ("username",)
        help_texts = {"username": "Shown beside your entries. Letters, digits and @ . + - _"}


class SignInForm(AuthenticationForm):
    """Django's, with a message that says what to do."""

    error_messages = {
        "invalid_login": "No account has this user name and password. Passwords distinguish capital letters.",
        "inactive": "This account was closed. Ask the operator of this site.",
    }


class TokenForm(forms.Form):
    """The name of a new API token."""

    name = forms.CharField(max_length=100, label="Name", help_text="What will use it, for example: laptop.")


class AboutSubmissionForm(forms.Form):
    """What a person may say about a submission."""

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
