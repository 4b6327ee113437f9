"""Operating: below /api every error is JSON of one shape, also what REST framework never sees."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.web.conftest import api_error

from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token, find_token

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.mark.parametrize("path", ["/api/", "/api/v2/methods", "/api/v1/none", "/api/worker/v1/none", "/api/x\u0301"])
def test_unknown_addresses(path: str) -> None:
    assert api_error(Client().get(path)) == (404, "request.not_found")


def test_a_body_that_is_too_large(person: User, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    headers = {"Authorization": f"Bearer {create_token(person, 'x')[1]}"}
    answer = Client().post("/api/v1/submissions", {"x": "y" * 200}, content_type="application/json", headers=headers)
    assert api_error(answer) == (413, "request.too_large")


def test_a_foreign_host() -> None:
    assert api_error(Client().get("/api/v1/methods", headers={"Host": "evil.example"})) == (400, "request.invalid")


def test_a_defect_of_ours(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("farfield_web.api.views.methods.MethodList.get", broken)
    answer = Client(raise_request_exception=False).get("/api/v1/methods")
    assert api_error(answer) == (500, "platform.error")
    assert "broken" not in answer.content.decode()


def test_pages_stay_pages() -> None:
    assert "<h1>" in Client().get("/none").content.decode()
    assert Client().get("/apiary").headers["Content-Type"].startswith("text/html")


def test_a_changed_password_ends_tokens_and_sessions_and_says_so(person: User) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.force_login(person)
    _, text = create_token(person, "laptop")
    form = {"old_password": "a long pass phrase", "new_password1": "another phrase", "new_password2": "another phrase"}
    page = here.post("/account/password/", form, follow=True).content.decode()
    assert "Your API token was revoked" in page
    assert find_token(text) is None
    assert elsewhere.get("/account/").status_code == 302
    answer = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {text}"})
    assert api_error(answer) == (401, "token.invalid")
    assert "password" in answer.json()["error"]["message"]


def test_tokens_can_be_kept_by_asking_for_it(person: User) -> None:
    client = Client()
    client.force_login(person)
    _, text = create_token(person, "laptop")
    form = {"old_password": "a long pass phrase", "new_password1": "another phrase", "new_password2": "another phrase"}
    page = client.post("/account/password/", form | {"keep_tokens": "on"}, follow=True).content.decode()
    assert "still works" in page
    assert find_token(text)


def test_a_password_that_the_operator_sets_ends_tokens_too(person: User) -> None:
    _, text = create_token(person, "laptop")
    person.set_password("set by the operator")
    person.save()
    assert find_token(text) is None


def test_a_stronger_hash_of_the_same_password_ends_nothing(person: User, settings: Any) -> None:
    _, text = create_token(person, "laptop")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    assert User.objects.get().check_password("a long pass phrase")
    assert User.objects.get().password.startswith("pbkdf2")
    assert find_token(text)


def test_a_token_is_not_made_again_by_a_reload(person: User) -> None:
    client = Client()
    client.force_login(person)
    made = client.post("/account/", {"name": "laptop"})
    assert made.status_code == 302
    first, again = (client.get(made["Location"]).content.decode() for _ in range(2))
    assert 'class="secret">ff_' in first
    assert 'class="secret">' not in again
    assert person.tokens.count() == 1
