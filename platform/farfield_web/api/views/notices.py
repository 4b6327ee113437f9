"""What the caller is told: their choice of letters, and their webhooks."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.accounts import scopes, throttle
from farfield_web.api.notice_serializers import NewWebhook, Notifications, WebhookBody, WebhookWithSecret
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.api.views.accounts import caller
from farfield_web.people import webhooks
from farfield_web.people.models import Choice, Webhook

_REFUSED = {400: ErrorBody, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody, 429: ErrorBody}


class Mail(PublicView):
    """What comes by mail."""

    scope = scopes.MANAGE
    permission_classes = [IsAuthenticated]

    @extend_schema(responses={200: Notifications, 401: ErrorBody}, operation_id="notifications_read")
    def get(self, request: Request) -> Response:
        """Of what I am told by mail."""
        choice = Choice.objects.filter(user=caller(request)).first()
        return Response({"kinds": choice.kinds if choice else []})

    @extend_schema(request=Notifications, responses={200: Notifications, **_REFUSED}, operation_id="notifications_set")
    def put(self, request: Request) -> Response:
        """Choose of what I am told by mail; it goes to my confirmed address."""
        form = Notifications(data=request.data)
        form.is_valid(raise_exception=True)
        _count(request)
        return Response({"kinds": webhooks.choose(caller(request), form.validated_data["kinds"]).kinds})


class Webhooks(PublicView):
    """My webhooks."""

    scope = scopes.MANAGE
    permission_classes = [IsAuthenticated]

    @extend_schema(responses={200: WebhookBody(many=True), 401: ErrorBody}, operation_id="webhooks_list")
    def get(self, request: Request) -> Response:
        """My webhooks, without their secrets."""
        return Response(WebhookBody(caller(request).webhooks.all(), many=True).data)

    @extend_schema(request=NewWebhook, responses={201: WebhookWithSecret, **_REFUSED}, operation_id="webhooks_create")
    def post(self, request: Request) -> Response:
        """Make a webhook; the secret that signs its messages is shown only now."""
        form = NewWebhook(data=request.data)
        form.is_valid(raise_exception=True)
        _count(request)
        hook = webhooks.add(caller(request), form.validated_data["url"], form.validated_data["kinds"])
        return Response(WebhookWithSecret(hook).data, status=201)


class OneWebhook(PublicView):
    """One of my webhooks."""

    takes_body = False
    scope = scopes.MANAGE
    permission_classes = [IsAuthenticated]

    @extend_schema(request=None, responses={200: WebhookWithSecret, **_REFUSED}, operation_id="webhooks_rotate")
    def post(self, request: Request, number: int) -> Response:
        """Give a webhook a new secret, shown only now; the old one ends. One that was given up is tried again."""
        _count(request)
        hook = get_object_or_404(Webhook, pk=number, owner=caller(request))
        webhooks.rotate(hook)
        return Response(WebhookWithSecret(hook).data)

    @extend_schema(responses={204: None, **_REFUSED}, operation_id="webhooks_remove")
    def delete(self, request: Request, number: int) -> Response:
        """Take a webhook away."""
        get_object_or_404(Webhook, pk=number, owner=caller(request)).delete()
        return Response(status=204)


def _count(request: Request) -> None:
    throttle.take("account changes", f"person {caller(request).pk}", "You have changed very much within the hour.")
