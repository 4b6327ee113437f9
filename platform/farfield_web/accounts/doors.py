"""How often each address of the account pages may be used, and whom it counts for: a table, so that none is forgotten.

Passwords and codes are counted where they are looked at, by `guesses` and `forms`; here are all others.
"""

from collections.abc import Mapping
from enum import Enum

from django.http import HttpRequest

from farfield_web.accounts import throttle
from farfield_web.address import address_of


class Whose(Enum):
    """Whom a limit counts for."""

    ADDRESS = "address"
    PERSON = "person"


LETTERS = ("letters asked for", Whose.ADDRESS, "Very many letters were asked for from your address.")
KEYS = ("mailed keys", Whose.ADDRESS, "Very many links of letters were tried from your address.")
CHANGES = ("account changes", Whose.PERSON, "You have changed very much about your account within the hour.")
ELSEWHERE = ("sign-ins from elsewhere", Whose.ADDRESS, "Very many sign-ins were begun from your address.")
SIGN_UPS = ("sign-ups", Whose.ADDRESS, "Very many accounts were made from your address within the hour.")
CODES = ("codes tried", Whose.ADDRESS, "Very many codes were tried from your address.")
Rule = tuple[str, Whose, str]

# By the name of the address. Those that read what came by mail, or from another place, count a look as well.
RULES: Mapping[str, Rule] = {
    "account_reset_password": LETTERS,
    "account_email": CHANGES,
    "account_set_password": CHANGES,
    "account_confirm_email": KEYS,
    "account_reset_password_from_key": KEYS,
    "mfa_authenticate": CODES,
    "mfa_reauthenticate": CODES,
    "mfa_activate_totp": CHANGES,
    "mfa_deactivate_totp": CHANGES,
    "mfa_generate_recovery_codes": CHANGES,
    "mfa_add_webauthn": CHANGES,
    "mfa_edit_webauthn": CHANGES,
    "mfa_remove_webauthn": CHANGES,
    "mfa_reauthenticate_webauthn": CODES,
    "usersessions_list": CHANGES,
    "socialaccount_connections": CHANGES,
    "socialaccount_signup": SIGN_UPS,
    "github_login": ELSEWHERE,
    "github_callback": ELSEWHERE,
    "orcid_login": ELSEWHERE,
    "orcid_callback": ELSEWHERE,
    "openid_connect_login": ELSEWHERE,
    "openid_connect_callback": ELSEWHERE,
}
# Counted where the secret is looked at.
COUNTED_INSIDE = frozenset({"sign-in", "sign-up", "sign-out", "password", "account_reauthenticate"})
_LOOKS_TOO = frozenset({"account_confirm_email", "account_reset_password_from_key"}) | frozenset(
    name for name in RULES if name.endswith("_callback")
)


def count(request: HttpRequest, name: str) -> None:
    """Take one use of an address. Raises TooMany."""
    rule = RULES.get(name)
    if rule is None or (request.method not in ("POST", "PUT", "PATCH", "DELETE") and name not in _LOOKS_TOO):
        return
    limit, whose, message = rule
    known = whose is Whose.PERSON and request.user.is_authenticated
    throttle.take(limit, f"person {request.user.pk}" if known else f"address {address_of(request)}", message)
