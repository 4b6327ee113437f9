"""The JSON of notifications."""

from typing import Any

from rest_framework import serializers

from farfield_web.api.strict import StrictSerializer
from farfield_web.people.models import Webhook
from farfield_web.people.notices import KINDS

_EVENTS = [(kind, kind) for kind in KINDS]


class Notifications(StrictSerializer):
    """Of what somebody is told by mail."""

    kinds = serializers.ListField(child=serializers.ChoiceField(_EVENTS), max_length=len(KINDS))


class NewWebhook(StrictSerializer):
    """A new webhook."""

    url = serializers.CharField(max_length=500)
    kinds = serializers.ListField(
        child=serializers.ChoiceField(_EVENTS), required=False, default=list(KINDS), max_length=len(KINDS)
    )


class WebhookBody(serializers.ModelSerializer[Webhook]):
    """A webhook, without its secret."""

    kinds = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = ("id", "url", "kinds", "failures", "disabled_because", "created_at", "told_at")


class WebhookWithSecret(WebhookBody):
    """A webhook; its secret is shown this once."""

    secret: Any = serializers.CharField()

    class Meta(WebhookBody.Meta):
        fields: tuple[str, ...] = (*WebhookBody.Meta.fields, "secret")
