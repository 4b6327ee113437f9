"""Telling people what they asked to be told: by mail, and by webhooks of their own.

Called within the transaction of what it tells of, so that nothing is told that did not happen; it only writes down what
is to be sent.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from farfield_web.accounts import letters
from farfield_web.accounts.models import User
from farfield_web.people import deliveries
from farfield_web.people.models import Choice, Delivery, Webhook

FINISHED, FAILED, OVERTAKEN, CORRECTED = "entry-finished", "entry-failed", "entry-overtaken", "entry-corrected"
KINDS: Mapping[str, str] = {
    FINISHED: "an entry of mine has finished",
    FAILED: "an entry of mine has failed",
    OVERTAKEN: "an entry of mine was overtaken on a board",
    CORRECTED: "an operator has corrected an entry of mine",
}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What happened: a line, a few sentences, the page to look at, and facts for programs."""

    kind: str
    subject: str
    text: str
    path: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"{settings.SITE_URL}{self.path}"


def wants(person: User, *kinds: str) -> bool:
    """Whether somebody asked to be told of any of these, by whichever way."""
    choices = Choice.objects.filter(user=OuterRef("pk"), kinds__has_any_keys=kinds)
    hooks = Webhook.objects.filter(owner=OuterRef("pk"), kinds__has_any_keys=kinds, disabled_because="")
    return User.objects.filter(Exists(choices) | Exists(hooks), pk=person.pk).exists()


def wishers(kind: str) -> set[int]:
    """The keys of all who asked to be told of this."""
    choices = Choice.objects.filter(kinds__contains=kind)
    hooks = Webhook.objects.filter(kinds__contains=kind, disabled_because="")
    return {*choices.values_list("user", flat=True), *hooks.values_list("owner", flat=True)}


def tell(person: User, notice: Notice) -> None:
    """Write down what is to be sent to somebody; nothing to who did not ask, or whose account is closed."""
    if not person.is_active:
        return
    _by_mail(person, notice)
    hooks = [hook for hook in person.webhooks.filter(disabled_because="") if notice.kind in hook.kinds]
    for hook in hooks:
        key = uuid.uuid4()
        Delivery.objects.create(id=key, webhook=hook, body=_body(key, notice), due_at=timezone.now())
    if hooks:
        transaction.on_commit(deliveries.wake)


def _by_mail(person: User, notice: Notice) -> None:
    choice = Choice.objects.filter(user=person).first()
    address = EmailAddress.objects.filter(user=person, verified=True, primary=True).first()
    if choice is None or address is None or notice.kind not in choice.kinds:
        return
    end = f"{settings.SITE_URL}{reverse('unsubscribe', args=[choice.key])}"
    headers = {"List-Unsubscribe": f"<{end}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    text = f"{notice.text}\n\n{notice.address}\n\n-- \nFarfield, {settings.SITE_URL}\nNo more of these letters: {end}\n"
    letters.post(EmailMessage(notice.subject, text, to=[address.email], headers=headers))


def _body(key: uuid.UUID, notice: Notice) -> str:
    told = {"id": str(key), "event": notice.kind, "at": timezone.now().isoformat(), "message": notice.text}
    return json.dumps({**told, "url": notice.address, **notice.facts}, ensure_ascii=False)
