"""People and tokens."""

import pytest

from farfield_web.accounts.models import ApiToken, User
from farfield_web.accounts.sign_up import sign_up
from farfield_web.accounts.tokens import MAX_TOKENS, create_token, find_token, revoke_token
from farfield_web.errors import AccountError

pytestmark = [pytest.mark.services, pytest.mark.django_db]
PASS = "a long pass phrase"


def test_sign_up(db: None) -> None:
    user = sign_up("ada", PASS, "Ada@EXAMPLE.org")
    assert user.check_password(PASS)
    assert user.email == "Ada@example.org"


@pytest.mark.parametrize(
    ("username", "password", "email", "code", "field"),
    [
        ("ADA", PASS, "", "account.taken", "username"),
        ("", PASS, "", "account.bad_username", "username"),
        ("two words", PASS, "", "account.bad_username", "username"),
        ("x" * 151, PASS, "", "account.bad_username", "username"),
        ("grace", "12345", "", "account.bad_password", "password"),
        ("grace", PASS, "nonsense", "account.bad_email", "email"),
    ],
)
def test_sign_up_refusals(person: User, username: str, password: str, email: str, code: str, field: str) -> None:
    with pytest.raises(AccountError) as caught:
        sign_up(username, password, email)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert User.objects.count() == 1


def test_a_token_is_kept_as_a_hash_only(person: User) -> None:
    token, text = create_token(person, " laptop ")
    assert (token.name, token.prefix) == ("laptop", text[:10])
    assert text not in str(ApiToken.objects.values().get())
    assert find_token(text) == token


def test_use_is_noted(person: User) -> None:
    token, text = create_token(person, "laptop")
    find_token(text)
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_revoked_and_unknown_tokens_and_those_of_closed_accounts_do_nothing(person: User) -> None:
    token, text = create_token(person, "one")
    revoke_token(token)
    revoke_token(token)
    assert find_token(text) is None
    assert find_token("ff_\udcff") is None
    _, second = create_token(person, "two")
    person.is_active = False
    person.save()
    assert find_token(second) is None


def test_limits(person: User) -> None:
    with pytest.raises(AccountError, match="Name the token"):
        create_token(person, " ")
    ApiToken.objects.bulk_create(
        ApiToken(owner=person, name="x", prefix="x", digest=str(number)) for number in range(MAX_TOKENS)
    )
    with pytest.raises(AccountError, match="revoke one"):
        create_token(person, "more")
