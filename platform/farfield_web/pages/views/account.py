"""Signing up, in and out, and what belongs to an account."""

from datetime import timedelta
from typing import Any, cast

from allauth.account.signals import password_changed
from allauth.account.utils import complete_signup
from allauth.account.views import LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LogoutView, PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from farfield_web.accounts import scopes, throttle
from farfield_web.accounts.models import ApiToken, User
from farfield_web.accounts.sign_up import sign_up as make_account
from farfield_web.accounts.tokens import create_token, live_tokens
from farfield_web.accounts.tokens import revoke_token as revoke
from farfield_web.address import address_of
from farfield_web.errors import AccountError
from farfield_web.operations.bans import why_banned
from farfield_web.pages.forms import ChangePasswordForm, SignUpForm, TokenForm
from farfield_web.pages.people import person_of
from farfield_web.pages.submit import drafts
from farfield_web.submissions.quota import Quota, quotas_of
from farfield_web.submissions.visibility import visible

# The text of a new token on its way to the page that shows it, so that a reload makes no second one. It is the
# person's own, and leaves no trace in the database.
NEW_TOKEN, NEW_TOKEN_SECONDS = "farfield-new-token", 120


class SignIn(LoginView):  # type: ignore[misc] # allauth has no types
    """Name and password; whoever has a second factor is asked for it next."""

    http_method_names = ["get", "post", "options"]
    template_name = "pages/sign_in.html"

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        sent, person = self.request.POST, self.request.user
        back = sent.get("next", self.request.GET.get("next", ""))
        return {
            **super().get_context_data(**context),
            "section": "sign-in",
            "draft": sent.get(drafts.FIELD, ""),
            "next": back,
            "again": bool(back) and person.is_authenticated and not person.has_usable_password(),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        """Who is banned is told why: only their password leads here."""
        if reason := why_banned(form.user):
            form.add_error(None, reason)
            return cast(HttpResponse, self.form_invalid(form))
        response = super().form_valid(form)
        drafts.keep(self.request)
        return cast(HttpResponse, response)


class SignOut(LogoutView):
    """Django's: by POST only, then home. Whoever comes here by a link finds the button."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("account")


class ChangePassword(PasswordChangeView):
    """Django's, on our page."""

    http_method_names = ["get", "post", "options"]
    template_name = "pages/password.html"
    success_url = reverse_lazy("account")
    form_class = ChangePasswordForm
    extra_context = {"section": "account"}

    def get_form(self, form_class: Any = None) -> Any:
        form: Any = super().get_form(form_class)
        form.request = self.request
        return form

    def form_valid(self, form: Any) -> HttpResponse:
        tokens = form.user.tokens.filter(revoked_at=None).count()
        response = super().form_valid(form)
        password_changed.send(sender=User, request=self.request, user=form.user)
        messages.success(self.request, _changed(tokens, kept=form.cleaned_data["keep_tokens"]))
        return response


@never_cache
@sensitive_post_parameters("password1", "password2")
@require_http_methods(["GET", "POST"])
def sign_up(request: HttpRequest) -> HttpResponse:
    """A new account, signed in at once unless its address is to be confirmed first, and back to where it was needed."""
    form = SignUpForm(request.POST or None)
    if request.method == "POST":
        throttle.take(
            "sign-ups", address_of(request), "Very many accounts were made from your address within the hour."
        )
    if request.method == "POST" and form.is_valid():
        user = _made(form)
        if user is not None:
            return _first_sign_in(request, user)
    context = {"section": "sign-up", "form": form, "next": request.POST.get("next", request.GET.get("next", ""))}
    return render(request, "pages/sign_up.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Quota and API tokens; a POST makes a token, whose text is on the next page only."""
    person = person_of(request)
    form = TokenForm(request.POST or None, person=person)
    if request.method == "POST" and form.is_valid():
        secret = _new_token(person, form)
        if secret:
            return _shown_once(request, secret)
    context = {
        "section": "account",
        "form": form,
        "secret": request.get_signed_cookie(NEW_TOKEN, "", salt=_salt(request), max_age=NEW_TOKEN_SECONDS),
        "tokens": [{"token": token, "may": ", ".join(sorted(scopes.of(token)))} for token in live_tokens(person)],
        **_quotas(person),
    }
    response = render(request, "pages/account.html", context, status=422 if form.errors else 200)
    response.delete_cookie(NEW_TOKEN, path=request.path)
    return response


@login_required
@require_http_methods(["GET", "POST"])
def revoke_token(request: HttpRequest, pk: int) -> HttpResponse:
    """End one's own token; another person's is not found. A GET changes nothing."""
    if request.method != "POST":
        return redirect("account")
    token = get_object_or_404(ApiToken, pk=pk, owner=request.user.pk)
    revoke(token)
    messages.success(request, f"The token {token.name} was revoked. It no longer works.")
    return redirect("account")


def quota_left(quota: Quota) -> str:
    """What is left of a quota, in a sentence."""
    text = f"{quota.remaining} of {quota.limit} submissions left in {quota.window_hours:g} hours."
    return f"{text} The next is possible at {quota.next_at:%Y-%m-%d %H:%M} UTC." if quota.next_at else text


def _quotas(person: User) -> dict[str, Any]:
    """Those that were drawn on, and all others, which say the same."""
    seen = visible(person)
    every = zip(seen, quotas_of(person, [benchmark.name for benchmark in seen]), strict=True)
    told = [{"benchmark": shown, "sentence": quota_left(quota), "used": quota.used} for shown, quota in every]
    return {"quotas": [each for each in told if each["used"]], "others": [each for each in told if not each["used"]]}


def _new_token(person: User, form: TokenForm) -> str:
    throttle.take("tokens", f"person {person.pk}", "You have made very many tokens within the hour.")
    made = form.cleaned_data
    end = timezone.now() + timedelta(days=int(made["days"])) if int(made["days"]) else None
    try:
        return create_token(person, made["name"], made["scopes"], end)[1]
    except AccountError as error:
        form.add_error(error.field, error.message)
        return ""


def _shown_once(request: HttpRequest, secret: str) -> HttpResponse:
    response = redirect("account")
    response.set_signed_cookie(
        NEW_TOKEN,
        secret,
        salt=_salt(request),
        max_age=NEW_TOKEN_SECONDS,
        path=request.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _salt(request: HttpRequest) -> str:
    return f"new-token-{request.user.pk}"


def _changed(tokens: int, *, kept: bool) -> str:
    text = "The password was changed. Other sessions of yours were signed out."
    if not tokens:
        return text
    if tokens == 1:
        return f"{text} Your API token still works." if kept else f"{text} Your API token was revoked."
    return f"{text} Your {tokens} API tokens " + ("still work." if kept else "were revoked.")


def _made(form: SignUpForm) -> User | None:
    try:
        return make_account(*(form.cleaned_data[name] for name in ("username", "password1", "email")))
    except AccountError as error:
        form.add_error({"password": "password1"}.get(error.field or "", error.field or "username"), error.message)
        return None


def _first_sign_in(request: HttpRequest, user: User) -> HttpResponse:
    how = settings.ACCOUNT_EMAIL_VERIFICATION
    return cast(HttpResponse, complete_signup(request, user, how, _next(request)))


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if safe else resolve_url("home")
