"""Whether the credentials in the head of a request are somebody's: looked up before a large body is read."""

import secrets
from collections.abc import Mapping
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http.cookie import parse_cookie

from farfield_web.accounts.tokens import find_token
from farfield_web.bodies import Credential


def is_known(credential: Credential, headers: Mapping[str, str]) -> bool:
    """Whether somebody stands behind it. What they may do is the site's to say, once it has the request."""
    if credential is Credential.SESSION:
        return _has_session(parse_cookie(headers.get("COOKIE", "")).get(settings.SESSION_COOKIE_NAME, ""))
    text = headers.get("AUTHORIZATION", "").partition(" ")[2].strip()
    if credential is Credential.WORKER:
        expected = settings.WORKER_TOKEN
        return bool(expected) and secrets.compare_digest(text.encode(errors="replace"), expected.encode())
    return credential is Credential.BEARER and find_token(text) is not None


def _has_session(key: str) -> bool:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return bool(key) and SESSION_KEY in store(session_key=key).load()
