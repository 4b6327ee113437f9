"""What people do with their webhooks and their choice of letters. Pages and API share it."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from farfield_web.accounts.models import User
from farfield_web.errors import UserError
from farfield_web.people import outside
from farfield_web.people.models import Choice, Webhook, new_secret
from farfield_web.people.notices import KINDS

MOST_WEBHOOKS = 5


class WebhookError(UserError):
    """Why a webhook, or a choice, cannot be so."""


def add(person: User, url: str, kinds: Sequence[str]) -> Webhook:
    """A new one; its secret is to be shown once. Raises WebhookError with the field at fault."""
    if person.webhooks.count() >= MOST_WEBHOOKS:
        raise WebhookError("webhook.limit", f"You have {MOST_WEBHOOKS} webhooks; take one away first.")
    problem = outside.why_not(url) or _why_not_called(url)
    if problem:
        raise WebhookError("webhook.bad_url", problem, "url")
    return Webhook.objects.create(owner=person, url=url, kinds=_known(kinds))


def rotate(hook: Webhook) -> str:
    """Another secret, from now on; also tries an address anew that had been given up."""
    hook.secret, hook.failures, hook.disabled_because = new_secret(), 0, ""
    hook.save(update_fields=["secret", "failures", "disabled_because"])
    return hook.secret


def choose(person: User, kinds: Sequence[str]) -> Choice:
    """What somebody is told by mail from now on. Raises WebhookError for kinds that there are not."""
    return Choice.objects.update_or_create(user=person, defaults={"kinds": _known(kinds)})[0]


def unsubscribe(key: str) -> bool:
    """End all letters of who has this key in them; whether somebody has."""
    return bool(Choice.objects.filter(key=key).update(kinds=[]))


def _why_not_called(url: str) -> str:
    try:
        outside.resolved(str(urlsplit(url).hostname))
    except outside.Unreachable as error:
        return str(error)
    return ""


def _known(kinds: Sequence[str]) -> list[str]:
    unknown = next((kind for kind in kinds if kind not in KINDS), None)
    if unknown is not None:
        raise WebhookError("webhook.kinds", f"There is no {unknown[:40]!r}; there are {', '.join(KINDS)}.", "kinds")
    return [kind for kind in KINDS if kind in kinds]
