"""Configuration that is not safe to serve: `manage.py check --deploy` lists it, and wsgi.py refuses to start."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured

SECRET = Error(
    "FARFIELD_SECRET_KEY is not set.",
    hint="Set it to at least 50 random characters, the same for every process of the site; or, on your own "
    "machine only, set FARFIELD_DEBUG=1.",
    id="farfield.E001",
)
SHORT_SECRET = Error(
    "FARFIELD_SECRET_KEY is too short to be safe.",
    hint="Use at least 32 random characters: python -c 'import secrets; print(secrets.token_urlsafe(50))'",
    id="farfield.E002",
)
WORKER = Error(
    "FARFIELD_WORKER_TOKEN is not set, so no worker can report a result.",
    hint="Set it to a long random string, the same for the site and for every worker.",
    id="farfield.E003",
)
BROKER = Error(
    "FARFIELD_BROKER_URL is not set, so workers are never woken.",
    hint="Set it to the queue's address: amqp://user:password@host/vhost or redis+socket:///path/to/socket.",
    id="farfield.E004",
)

PROXIES = checks.Warning(
    "FARFIELD_HTTPS is on and FARFIELD_PROXIES is 0: the site speaks no TLS itself, so something in front of it does.",
    hint="Say how many proxies are in front. Otherwise all people count as one address, and one who guesses passwords "
    "keeps everybody from signing in.",
    id="farfield.W001",
)


@register(Tags.security, deploy=True)
def production_is_configured(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """No default secret: each installation sets its own, or does not start."""
    if settings.DEBUG:
        return []
    secret = _secret()
    problems: list[tuple[bool, CheckMessage]] = [
        (not secret, SECRET),
        (0 < len(secret) < 32, SHORT_SECRET),
        (not settings.WORKER_TOKEN, WORKER),
        (not settings.BROKER_URL, BROKER),
    ]
    return [message for wrong, message in problems if wrong]


@register(Tags.security, deploy=True)
def people_can_be_told_apart(app_configs: Sequence[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
    """Nothing that keeps the site from being served: a warning."""
    return [PROXIES] if settings.HTTPS and not settings.DEBUG and not settings.PROXIES else []


def _secret() -> str:
    try:
        return str(settings.SECRET_KEY)
    except ImproperlyConfigured:  # how Django answers the question for an empty key
        return ""


def refuse_unsafe() -> None:
    """Raises ImproperlyConfigured with every problem and its remedy."""
    found = production_is_configured()
    if found:
        raise ImproperlyConfigured("\n".join(f"{message.msg} {message.hint}" for message in found))
