"""What was filled in when a session had ended: it is handed through the sign-in page, and the form comes back with it.

It travels in the page, signed, and is kept by the site only once somebody has signed in, until the form is shown again.
Files do not: they must be chosen again.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from farfield_web.accounts.forms import SignInForm

FIELD, SESSION_KEY = "draft", "draft"
MOST_CHARACTERS = 64 * 1024
SECONDS = 24 * 3600
NOT_KEPT = ("csrfmiddlewaretoken", "idempotency_key", "upload")
_SALT = "farfield.draft"
View = Callable[..., HttpResponse]


def sign_in_first(view: View) -> View:
    """As `login_required`, but who sends a form without being signed in gets it back afterwards."""
    guarded = login_required(view)

    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "POST" or request.user.is_authenticated:
            return guarded(request, *args, **kwargs)
        context = {
            "section": "sign-in",
            "form": SignInForm(request=request),
            "next": request.path,
            "draft": _packed(request),
        }
        return render(request, "pages/sign_in.html", context)

    return handle


def keep(request: HttpRequest) -> None:
    """After somebody has signed in: what came with it is kept for the form it is of."""
    try:
        draft = signing.loads(request.POST.get(FIELD, ""), salt=_SALT, max_age=SECONDS)
    except signing.BadSignature:
        return
    request.session[SESSION_KEY] = draft


def take(request: HttpRequest) -> QueryDict | None:
    """What was filled into the form at this address before signing in, once."""
    draft = request.session.get(SESSION_KEY)
    if draft is None or draft["path"] != request.path:
        return None
    del request.session[SESSION_KEY]
    messages.info(request, "You are signed in. What you filled in is here; it was not sent yet. Choose a file anew.")
    return QueryDict(draft["fields"])


def _packed(request: HttpRequest) -> str:
    fields = request.POST.copy()
    for name in NOT_KEPT:
        fields.pop(name, None)
    text = fields.urlencode()
    if not text or len(text) > MOST_CHARACTERS:
        return ""
    return signing.dumps({"path": request.path, "fields": text}, salt=_SALT, compress=True)
