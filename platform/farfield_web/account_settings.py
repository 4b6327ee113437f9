"""The settings of signing in and of mail; `settings` takes them all. The flows themselves are django-allauth's."""

from pathlib import Path
from typing import Any

import environ

env = environ.Env()
VAR = Path(env.str("FARFIELD_VAR", default="var"))
DEBUG = env.bool("FARFIELD_DEBUG", default=False)

# Mail. Without a server named, letters are files below var/mail: nothing leaves the machine, and nothing is lost.
_SMTP = env.str("FARFIELD_EMAIL_HOST", default="")
_DEFAULT_BACKEND = "smtp" if _SMTP else "filebased"
EMAIL_BACKEND = f"django.core.mail.backends.{env.str('FARFIELD_EMAIL_BACKEND', default=_DEFAULT_BACKEND)}.EmailBackend"
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_HOST = _SMTP
EMAIL_PORT = env.int("FARFIELD_EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.str("FARFIELD_EMAIL_USER", default="")
EMAIL_HOST_PASSWORD = env.str("FARFIELD_EMAIL_PASSWORD", default="")
EMAIL_USE_SSL = env.bool("FARFIELD_EMAIL_SSL", default=EMAIL_PORT == 465)
EMAIL_USE_TLS = env.bool("FARFIELD_EMAIL_STARTTLS", default=not EMAIL_USE_SSL)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("FARFIELD_EMAIL_FROM", default="Farfield <farfield@localhost>")
# Whether an account needs an address that was confirmed before anybody signs in with it.
EMAIL_REQUIRED = env.bool("FARFIELD_EMAIL_REQUIRED", default=False)

# Signing in. Our throttle counts in the database, for all processes; allauth's own, which counts by process, is off.
ACCOUNT_ADAPTER = "farfield_web.accounts.adapter.AccountAdapter"
ACCOUNT_RATE_LIMITS = False
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*" if EMAIL_REQUIRED else "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if EMAIL_REQUIRED else "optional"
# Strict: an account may be made with an address that is somebody else's, and nobody but its owner can confirm it. So
# signing up tells nothing of who has an account.
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = {"password", "mfa"}
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_FORMS = {
    "login": "farfield_web.accounts.forms.SignInForm",
    "reset_password": "farfield_web.accounts.forms.ResetForm",
}

MFA_ADAPTER = "farfield_web.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_RATE_LIMITS = False
MFA_TOTP_ISSUER = "Farfield"
# A clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_FORMS = {
    "authenticate": "farfield_web.accounts.forms.CodeForm",
    "reauthenticate": "farfield_web.accounts.forms.CodeAgainForm",
    "activate_totp": "farfield_web.accounts.forms.FirstCodeForm",
}
USERSESSIONS_TRACK_ACTIVITY = False

# Other places to sign in by: only those whose credentials the operator set.
SOCIALACCOUNT_ADAPTER = "farfield_web.accounts.adapter.SocialAdapter"
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_VERIFICATION = ACCOUNT_EMAIL_VERIFICATION
SOCIALACCOUNT_EMAIL_REQUIRED = EMAIL_REQUIRED
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"
SOCIALACCOUNT_FORMS = {"signup": "farfield_web.accounts.forms.SocialSignUpForm"}


def _app(client_id: str, secret: str, **more: Any) -> dict[str, Any]:
    """By the names of the two variables; where the first is not set there is no such place."""
    client = env.str(client_id, default="")
    return {"APPS": [{"client_id": client, "secret": env.str(secret, default=""), **more}] if client else []}


SOCIALACCOUNT_PROVIDERS = {
    "github": {
        **_app("FARFIELD_GITHUB_CLIENT_ID", "FARFIELD_GITHUB_CLIENT_SECRET"),
        "SCOPE": ["read:user", "user:email"],
    },
    "orcid": {
        **_app("FARFIELD_ORCID_CLIENT_ID", "FARFIELD_ORCID_CLIENT_SECRET"),
        "BASE_DOMAIN": env.str("FARFIELD_ORCID_DOMAIN", default="orcid.org"),
    },
    "openid_connect": {
        **_app(
            "FARFIELD_OIDC_CLIENT_ID",
            "FARFIELD_OIDC_CLIENT_SECRET",
            provider_id="sso",
            name=env.str("FARFIELD_OIDC_NAME", default="Single sign-on"),
            settings={"server_url": env.str("FARFIELD_OIDC_URL", default="")},
        ),
        "OAUTH_PKCE_ENABLED": True,
    },
}

ACCOUNT_APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.orcid",
    "allauth.socialaccount.providers.openid_connect",
]
