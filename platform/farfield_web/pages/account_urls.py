"""Addresses below /account/: our pages, and those of django-allauth that we route, under the names that it asks for."""

from allauth.account import views as allauth
from allauth.mfa.base import views as second_factor
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as elsewhere
from allauth.usersessions import views as sessions
from django.urls import include, path, register_converter
from django.views.decorators.http import require_http_methods

from farfield_web.pages.converters import Base36
from farfield_web.pages.notices import views as notices
from farfield_web.pages.submissions import views as submissions
from farfield_web.pages.views import account, places

register_converter(Base36, "base36")

# Forms: whatever else a view of theirs would answer to, nobody meant.
_form = require_http_methods(["GET", "HEAD", "POST"])
_SIGN_IN, _SIGN_OUT = _form(account.SignIn.as_view()), account.SignOut.as_view()
_CHANGE = account.ChangePassword.as_view()

urlpatterns = [
    path("", account.overview, name="account"),
    path("submissions/", submissions.mine, name="my-submissions"),
    path("tokens/<int:pk>/revoke/", account.revoke_token, name="revoke-token"),
    path("notifications/", notices.overview, name="notifications"),
    path("webhooks/<int:pk>/", notices.change_webhook, name="change-webhook"),
    path("letters/<str:key>/", notices.unsubscribe, name="unsubscribe"),
    path("sign-up/", account.sign_up, name="sign-up"),
    path("sign-in/", _SIGN_IN, name="sign-in"),
    path("sign-out/", _SIGN_OUT, name="sign-out"),
    path("password/", _CHANGE, name="password"),
    # The same under the names by which allauth finds them.
    path("sign-up/", account.sign_up, name="account_signup"),
    path("sign-in/", _SIGN_IN, name="account_login"),
    path("sign-out/", _SIGN_OUT, name="account_logout"),
    path("password/", _CHANGE, name="account_change_password"),
    path("closed/", _form(allauth.account_inactive), name="account_inactive"),
    path("again/", _form(allauth.reauthenticate), name="account_reauthenticate"),
    path("email/", _form(allauth.email), name="account_email"),
    path("email/sent/", _form(allauth.email_verification_sent), name="account_email_verification_sent"),
    path("email/confirm/<str:key>/", _form(allauth.confirm_email), name="account_confirm_email"),
    path("password/set/", _form(allauth.password_set), name="account_set_password"),
    path("password/reset/", _form(allauth.password_reset), name="account_reset_password"),
    path("password/reset/sent/", _form(allauth.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/<base36:uidb36>-<str:key>/",
        _form(allauth.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/", _form(allauth.password_reset_from_key_done), name="account_reset_password_from_key_done"
    ),
    path("second-factor/", _form(second_factor.index), name="mfa_index"),
    path("second-factor/code/", _form(second_factor.authenticate), name="mfa_authenticate"),
    path("second-factor/again/", _form(second_factor.reauthenticate), name="mfa_reauthenticate"),
    path("second-factor/app/", _form(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/app/off/", _form(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/recovery/", _form(recovery_codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "second-factor/recovery/new/", _form(recovery_codes.generate_recovery_codes), name="mfa_generate_recovery_codes"
    ),
    path(
        "second-factor/recovery/codes.txt",
        _form(recovery_codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("second-factor/keys/", _form(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("second-factor/keys/add/", _form(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path("second-factor/keys/again/", _form(webauthn.reauthenticate_webauthn), name="mfa_reauthenticate_webauthn"),
    path("second-factor/keys/<int:pk>/name/", _form(webauthn.edit_webauthn), name="mfa_edit_webauthn"),
    path("second-factor/keys/<int:pk>/remove/", _form(webauthn.remove_webauthn), name="mfa_remove_webauthn"),
    path("sessions/", _form(sessions.list_usersessions), name="usersessions_list"),
    path("places/", _form(elsewhere.connections), name="socialaccount_connections"),
    path("places/sign-up/", _form(elsewhere.signup), name="socialaccount_signup"),
    path("places/cancelled/", _form(elsewhere.login_cancelled), name="socialaccount_login_cancelled"),
    path("places/error/", _form(elsewhere.login_error), name="socialaccount_login_error"),
    path("places/github/", places.GITHUB_LOGIN, name="github_login"),
    path("places/github/back/", places.GITHUB_BACK, name="github_callback"),
    path("places/orcid/", places.ORCID_LOGIN, name="orcid_login"),
    path("places/orcid/back/", places.ORCID_BACK, name="orcid_callback"),
    path(
        "places/oidc/<slug:provider_id>/",
        include(
            [
                path("", places.OIDC_LOGIN, name="openid_connect_login"),
                path("back/", places.OIDC_BACK, name="openid_connect_callback"),
            ]
        ),
    ),
]
