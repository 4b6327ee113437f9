"""What I am told: by mail, and by webhooks; and how letters end."""

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from farfield_web.accounts import throttle
from farfield_web.accounts.models import User
from farfield_web.address import address_of
from farfield_web.pages.people import person_of
from farfield_web.people import webhooks
from farfield_web.people.models import Choice, Webhook
from farfield_web.people.notices import KINDS
from farfield_web.people.webhooks import WebhookError


class MailForm(forms.Form):
    """What comes by mail."""

    kinds = forms.MultipleChoiceField(
        label="Write to me when", choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple, required=False
    )


class WebhookForm(forms.Form):
    """A new address that is told."""

    url = forms.CharField(
        max_length=500, label="Address", help_text="https:// only.", widget=forms.URLInput(attrs={"inputmode": "url"})
    )
    kinds = forms.MultipleChoiceField(
        label="Tell it when", choices=list(KINDS.items()), widget=forms.CheckboxSelectMultiple, initial=list(KINDS)
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Both forms; each is told from the other by its button. A new secret is on this answer only."""
    person, sent = person_of(request), request.POST
    choice = Choice.objects.filter(user=person).first()
    mail = MailForm(sent if "mail" in sent else None, initial={"kinds": choice.kinds if choice else []})
    hook = WebhookForm(sent if "webhook" in sent else None, prefix="hook")
    secret = ""
    if request.method == "POST":
        _count(person)
        if mail.is_bound and mail.is_valid():
            webhooks.choose(person, mail.cleaned_data["kinds"])
            messages.success(request, "Kept.")
            return redirect("notifications")
        secret = _added(person, hook) if hook.is_bound and hook.is_valid() else ""
    return _page(request, person, mail, WebhookForm(prefix="hook") if secret else hook, secret)


@never_cache
@login_required
@require_POST
def change_webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one of one's own away, or give it another secret, which is on this answer only."""
    person = person_of(request)
    hook = get_object_or_404(Webhook, pk=pk, owner=person)
    _count(person)
    if request.POST.get("deed") == "rotate":
        return _page(request, person, MailForm(), WebhookForm(prefix="hook"), webhooks.rotate(hook))
    if request.POST.get("deed") == "remove":
        hook.delete()
        messages.success(request, f"{hook.url} is told nothing any more.")
    return redirect("notifications")


@csrf_exempt  # mail programs press the button themselves, without our page; the key in the address is what counts
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, key: str) -> HttpResponse:
    """What the link in letters leads to: a button, because programs look at links too."""
    throttle.take("mailed keys", f"address {address_of(request)}", "Very many links of letters were tried.")
    known = Choice.objects.filter(key=key).exists()
    ended = request.method == "POST" and webhooks.unsubscribe(key)
    return render(request, "pages/unsubscribe.html", {"known": known, "ended": ended, "key": key})


def _added(person: User, form: WebhookForm) -> str:
    try:
        return webhooks.add(person, form.cleaned_data["url"], form.cleaned_data["kinds"]).secret
    except WebhookError as error:
        form.add_error(error.field, error.message)
        return ""


def _page(request: HttpRequest, person: User, mail: MailForm, hook: WebhookForm, secret: str) -> HttpResponse:
    choice = Choice.objects.filter(user=person).first()
    if not mail.is_bound:
        mail.initial = {"kinds": choice.kinds if choice else []}
    context = {
        "section": "account",
        "mail": mail,
        "form": hook,
        "secret": secret,
        "address": EmailAddress.objects.filter(user=person, verified=True, primary=True).first(),
        "hooks": [
            {"hook": each, "when": [KINDS[kind] for kind in each.kinds], "waiting": each.deliveries.count()}
            for each in person.webhooks.all()
        ],
    }
    return render(request, "pages/notifications.html", context, status=422 if hook.errors or mail.errors else 200)


def _count(person: User) -> None:
    throttle.take("account changes", f"person {person.pk}", "You have changed very much within the hour.")
