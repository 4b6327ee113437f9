"""What an API token may do, of what its owner may: a short list, so that a program is given no more than it needs."""

from collections.abc import Sequence

from farfield_web.accounts.models import ApiToken, User
from farfield_web.errors import AccountError

READ, SUBMIT, MANAGE, OPERATE = "read", "submit", "manage", "operate"
WHAT = {
    READ: "read what you may see, private boards too",
    SUBMIT: "send files and entries, and cancel, retry and change them",
    MANAGE: "change your account: tokens, teams, notifications",
    OPERATE: "do what operators do",
}
SCOPES = tuple(WHAT)
# Of a new token, where nobody says more.
USUAL = (READ, SUBMIT)


def of(token: ApiToken) -> frozenset[str]:
    """The scopes of a token; all, where it is from before there were any."""
    return frozenset(SCOPES if token.scopes is None else token.scopes)


def chosen(owner: User, wanted: Sequence[str]) -> list[str]:
    """Those of a new token, in order. Raises AccountError with what is wrong."""
    unknown = next((name for name in wanted if name not in WHAT), None)
    if unknown is not None:
        raise AccountError(
            "token.scopes", f"There is no scope {unknown[:40]!r}; there are {', '.join(WHAT)}.", "scopes"
        )
    if not wanted:
        raise AccountError("token.scopes", "A token that may do nothing is none: choose a scope.", "scopes")
    if OPERATE in wanted and not owner.is_staff:
        raise AccountError("token.scopes", "Only operators have tokens that operate.", "scopes")
    return [name for name in SCOPES if name in wanted]


def given_on(token: ApiToken | None, wanted: Sequence[str]) -> Sequence[str]:
    """What a token may be made with by another: no more than that has. Raises AccountError."""
    more = set() if token is None else set(wanted) - of(token)
    if more:
        raise AccountError("token.scopes", f"Your token has no {', '.join(sorted(more))} itself.", "scopes")
    return wanted
