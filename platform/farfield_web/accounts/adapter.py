"""Where django-allauth asks what holds here: names, mail, links and addresses are by our rules at every door."""

import time
from typing import Any, cast

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from farfield_web.accounts import letters, names, throttle
from farfield_web.accounts.models import User
from farfield_web.address import address_of
from farfield_web.errors import TooMany

HAS_ONE = "account/email/account_already_exists"
WRONG = "No account has this user name and password. Passwords distinguish capital letters."


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Names are held to `names`, letters go through the outbox, and links lead to FARFIELD_SITE_URL, whoever asked."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "account_inactive": "This account was closed. Ask the operator of this site.",
        "incorrect_password": "This is not your password.",
        "incorrect_code": "This code is wrong, was used already, or is of another moment.",
    }

    def clean_username(self, username: str, shallow: bool = False) -> str:
        """Raises NameRefused."""
        name = names.checked(username)
        if User.objects.filter(skeleton=names.skeleton(name)).exists():
            raise names.taken(name)
        return name

    def generate_unique_username(self, txts: list[str | None], regex: str | None = None) -> str:
        """Nobody is named by us: a new account is always asked for its name."""
        raise ValueError("an account is named by its person")

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that limits count by too, which fits the field that keeps it."""
        found = address_of(request)
        return found if found.count(".") == 3 or ":" in found else "0.0.0.0"  # noqa: S104 - that of no network

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A page takes as long whether a letter goes out or not: the site worker sends it."""
        letters.post(self._written(template_prefix, email, context))

    def _written(self, template_prefix: str, email: str, context: dict[str, Any]) -> EmailMessage:
        links = {"site_url": settings.SITE_URL, "signup_url": _at("sign-up")}
        if template_prefix == HAS_ONE:
            links["password_reset_url"] = _at("account_reset_password")
        return cast(EmailMessage, self.render_mail(template_prefix, email, {**context, "email": email, **links}))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return _at("account_confirm_email", emailconfirmation.key)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return _at("account_reset_password_from_key", *key.split("-", 1))

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """To an address that is somebody's already, word of that instead; the page looks the same.

        Past the limit of a mailbox nothing is sent at a sign-up, and otherwise raises TooMany.
        """
        address = emailconfirmation.email_address
        if not _takes_another(address.email, told=not signup):
            return
        others = EmailAddress.objects.filter(email__iexact=address.email, verified=True).exclude(user=address.user_id)
        if others.exists():
            self.send_account_already_exists_mail(address.email)
        else:
            super().send_confirmation_mail(request, emailconfirmation, signup)

    def is_safe_url(self, url: str) -> bool:
        """Only this host."""
        request = self.request
        return bool(url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure()))

    def get_email_verification_redirect_url(self, email_address: EmailAddress) -> str:
        return reverse("account" if self.request.user.is_authenticated else "sign-in")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        """The password or a second factor; who has neither signs in again, from where they came."""
        again = {"id": "sign-in", "description": "Sign in again", "url": reverse("sign-in")}
        return super().get_reauthentication_methods(user) or [again]

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Not of somebody who has just signed in from elsewhere, and who has nothing else to be asked for."""
        return bool(super().is_reauthentication_required(app=app, **more)) and not self._has_just_arrived()

    def _has_just_arrived(self) -> bool:
        person = self.request.user
        if get_reauthentication_flows(person):
            return False
        times = [record["at"] for record in get_authentication_records(self.request, person)]
        return bool(times) and time.time() - max(times) < app_settings.REAUTHENTICATION_TIMEOUT

    def add_message(self, request: HttpRequest, level: int, message_template: str | None = None, *rest: Any,
                    **options: Any) -> None:  # fmt: skip
        """Not that somebody signed in or out: their name is on the page, or is not."""
        if message_template not in ("account/messages/logged_in.txt", "account/messages/logged_out.txt"):
            super().add_message(request, level, message_template, *rest, **options)


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Codes are labelled with the name of the account, and with that of the site."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
        "unverified_email": "Confirm your e-mail address first, or take it away.",
    }

    def _get_user_identifier(self, user: User) -> str:
        return user.get_username()


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Places to sign in by are the operator's settings alone, and none of them names an account."""

    def list_apps(self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None) -> Any:
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        """Of what another place knows, the name is proposed and the address is kept; no real name is."""
        kept = {key: data.get(key) for key in ("username", "email")}
        return cast(User, super().populate_user(request, sociallogin, kept))


def _takes_another(mailbox: str, *, told: bool) -> bool:
    try:
        throttle.take("letters to a mailbox", mailbox.casefold(), "Very many letters were asked for at this address.")
    except TooMany:
        if told:
            raise
        return False
    return True


def _at(name: str, *args: str) -> str:
    return f"{settings.SITE_URL}{reverse(name, args=args)}"
