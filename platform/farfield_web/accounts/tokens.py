"""API tokens: shown once, kept as a hash, revocable."""

import hashlib
import secrets
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from farfield_web.accounts.models import ApiToken, User
from farfield_web.errors import AccountError

PREFIX = "ff_"
MAX_TOKENS = 50
# Writing the time of every single use would turn each read into a write.
USE_IS_NOTED_EVERY = timedelta(minutes=1)


def create_token(owner: User, name: str) -> tuple[ApiToken, str]:
    """A new token and its text, which cannot be had again. Raises AccountError past the limit."""
    if not name.strip():
        raise AccountError("token.no_name", "Name the token after the place that will use it.", "name")
    if owner.tokens.filter(revoked_at=None).count() >= MAX_TOKENS:
        raise AccountError("token.limit", f"You have {MAX_TOKENS} tokens; revoke one that you no longer use.")
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(owner=owner, name=name.strip()[:100], prefix=text[:10], digest=_digest(text))
    return token, text


def find_token(text: str) -> ApiToken | None:
    """The live token with this text, of a person whose account is active."""
    live = ApiToken.objects.filter(digest=_digest(text), revoked_at=None, owner__is_active=True)
    token = live.select_related("owner").first()
    if token is not None:
        _note_use(token)
    return token


def revoke_token(token: ApiToken) -> None:
    """It stops working at once; doing it again changes nothing."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_IS_NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def _digest(text: str) -> str:
    # The text has 256 random bits, so a fast hash is as good as a slow one.
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
