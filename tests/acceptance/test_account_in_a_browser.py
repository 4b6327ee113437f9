"""An account's way in a real browser: made, confirmed by a letter, a new password, a code, and a security key."""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import Browser, Page, expect
from tests.services import safe_settings

from farfield_web.accounts import letters
from farfield_web.accounts.models import Letter

os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # as in `filled`
__all__ = ["safe_settings"]
pytestmark = [pytest.mark.browser, pytest.mark.services, pytest.mark.django_db(transaction=True)]
KEY = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True,
       "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip
FIRST, SECOND = "a fine long password", "another fine long one"


def last_link(folder: Path) -> str:
    """Send what waits, as the site worker does, and read the newest letter's link from its file."""
    assert Letter.objects.count() > 0
    letters.send_due()
    newest = max(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    (link, *_) = re.findall(r"^https?://\S+$", newest.read_text(encoding="utf-8"), re.MULTILINE)[-1:]
    return str(link)


def code_of(secret: str, steps: int = 0) -> str:
    counter = next(iter(totp.yield_hotp_counters_from_time())) + steps
    return str(totp.format_hotp_value(totp.hotp_value(secret, counter)))


def fill(page: Page, button: str, **fields: str) -> None:
    for name, value in fields.items():
        page.locator(f"main input[name={name}]").fill(value)
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def test_sign_up_confirm_reset_and_sign_in_with_a_code_and_a_key(
    browser: Browser, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    settings.SITE_URL, settings.CSRF_TRUSTED_ORIGINS = live_server.url, [live_server.url]
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = mail = tmp_path / "mail"
    page = browser.new_page(base_url=live_server.url, viewport={"width": 390, "height": 844})
    violations: list[str] = []
    page.on("console", lambda message: violations.append(message.text) if message.type == "error" else None)
    page.goto("/account/sign-up/")
    fill(page, "Sign up", username="ada", email="ada@example.org", password1=FIRST, password2=FIRST)
    page.goto(last_link(mail))
    fill(page, "Yes, it is")
    page.goto("/account/email/")
    expect(page.get_by_role("main")).to_contain_text("ada@example.org")
    page.get_by_role("button", name="Sign out").click()

    page.goto("/account/sign-in/")
    page.get_by_role("link", name="Forgotten the password?").click()
    fill(page, "Send me a link", email="ada@example.org")
    page.goto(last_link(mail))
    fill(page, "Set it", password1=SECOND, password2=SECOND)
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    fill(page, "Sign in", username="ada", password=SECOND)

    page.goto("/account/second-factor/")
    page.get_by_role("link", name="Turn it on").click()
    fill(page, "Go on", password=SECOND)
    expect(page.locator("img.qr")).to_be_visible()
    secret = page.locator("main code").inner_text()
    fill(page, "Turn it on", code=code_of(secret))
    expect(page.get_by_role("main")).to_contain_text("Each signs you in once")
    page.get_by_role("button", name="Sign out").click()

    page.goto("/account/sign-in/?next=/account/")
    fill(page, "Sign in", username="ada", password=SECOND)
    expect(page.get_by_role("heading", level=1)).to_have_text("A code, please")
    fill(page, "Sign in", code=code_of(secret, 1))
    expect(page.get_by_role("main")).to_contain_text("Signed in as ada")

    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.goto("/account/second-factor/keys/add/")
    fill(page, "Go on", password=SECOND)
    fill(page, "Add it", name="my key")
    expect(page.get_by_role("main")).to_contain_text("You have 1.")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/sign-in/?next=/account/")
    fill(page, "Sign in", username="ada", password=SECOND)
    page.get_by_role("button", name="Use a security key").click()
    expect(page.get_by_role("main")).to_contain_text("Signed in as ada")
    page.close()
    assert violations == []
