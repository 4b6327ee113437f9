"""Signing in from other places: of those that the operator set up; all others are not there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.github import views as github
from allauth.socialaccount.providers.openid_connect import views as oidc
from allauth.socialaccount.providers.orcid import views as orcid
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

View = Callable[..., HttpResponse]


def _set_up(place: str, view: View) -> View:
    """Only where it has credentials; without, 404."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not get_adapter().list_apps(request, provider=kwargs.get("provider_id", place)):
            raise Http404("Nobody signs in here from there.")
        answer = view(request, *args, **kwargs)
        return _by_a_page(request, answer) if request.method == "POST" and answer.status_code == 302 else answer

    return handle


def _by_a_page(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """On by a page of ours: our content policy lets no form lead elsewhere, not even by a redirect."""
    return render(request, "pages/away.html", {"href": answer["Location"]})


GITHUB_LOGIN, GITHUB_BACK = _set_up("github", github.oauth2_login), _set_up("github", github.oauth2_callback)
ORCID_LOGIN, ORCID_BACK = _set_up("orcid", orcid.oauth2_login), _set_up("orcid", orcid.oauth2_callback)
OIDC_LOGIN, OIDC_BACK = _set_up("sso", oidc.login), _set_up("sso", oidc.callback)
