"""API tokens: shown once, kept as a hash, revocable."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from farfield_web.accounts import scopes
from farfield_web.accounts.models import ApiToken, User
from farfield_web.errors import AccountError

PREFIX = "ff_"
MAX_TOKENS = 50
# Writing the time of every single use would turn each read into a write.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


def create_token(
    owner: User, name: str, wanted: Sequence[str] | None = None, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new token and its text, which cannot be had again; without scopes named it may do all that its owner may.

    Raises AccountError past the limit, and for scopes and times that cannot be.
    """
    if not name.strip():
        raise AccountError("token.no_name", "Name the token after the place that will use it.", "name")
    chosen = None if wanted is None else scopes.chosen(owner, wanted)
    if expires_at is not None and expires_at <= timezone.now():
        raise AccountError("token.expired", "The token would be at its end before it began.", "expires_at")
    if live_tokens(owner).count() >= MAX_TOKENS:
        raise AccountError("token.limit", f"You have {MAX_TOKENS} tokens; revoke one that you no longer use.")
    text = PREFIX + secrets.token_urlsafe(32)
    values = {"name": name.strip()[:100], "prefix": text[:10], "digest": _digest(text)}
    token = ApiToken.objects.create(owner=owner, scopes=chosen, expires_at=expires_at, **values)
    return token, text


def find_token(text: str) -> ApiToken | None:
    """The live token with this text, of a person whose account is active."""
    held = ApiToken.objects.filter(_live(), digest=_digest(text), owner__is_active=True)
    token = held.select_related("owner").first()
    if token is not None:
        _note_use(token)
    return token


def owner_of(text: str) -> User | None:
    """Whose unrevoked token this is, also of an account that may not come in."""
    token = ApiToken.objects.filter(digest=_digest(text), revoked_at=None).select_related("owner").first()
    return token.owner if token else None


def revoke_token(token: ApiToken) -> None:
    """It stops working at once; doing it again changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def live_tokens(owner: User) -> QuerySet[ApiToken]:
    """Those that work now, newest first."""
    return owner.tokens.filter(_live())


def _live() -> Q:
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def _digest(text: str) -> str:
    # The text has 256 random bits, so a fast hash is as good as a slow one.
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
