"""When a name and a password are not enough to be let in, for the doors that can ask for nothing more."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings

from farfield_web.accounts.models import User

ASKED_FOR = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_second_factor(user: User) -> bool:
    """Whether signing in asks for a code or a key."""
    return bool(Authenticator.objects.filter(user=user, type__in=ASKED_FOR).exists())


def why_not_by_password_alone(user: User) -> str:
    """A sentence; empty when the password will do."""
    if has_second_factor(user):
        return "This account has a second factor: sign in on the site, and make a token on the account's page."
    if settings.EMAIL_REQUIRED and not EmailAddress.objects.filter(user=user, verified=True).exists():
        return "The e-mail address of this account is not confirmed yet: follow the link in the letter."
    return ""


def remove(user: User) -> int:
    """Take all that signing in asks for beside the password away; how many there were."""
    return int(Authenticator.objects.filter(user=user).delete()[0])
