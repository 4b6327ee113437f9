"""The page on the API: its curl commands and its Python are sent to the site, and none is refused."""

import base64
import shlex
from collections.abc import Iterator

import httpx
import pytest
from tests.docs.test_documents import blocks
from tests.insite import answer_of_the_site
from tests.unit.web.conftest import announced, asked_to_compare, everything, person, safe_settings, var, wakes  # noqa: F401

from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]
PAGE = "docs/api/http.md"
PASSWORD = "correct horse battery staple"


def commands() -> Iterator[list[str]]:
    for block in blocks("console"):
        if block.document == PAGE:
            yield from (shlex.split(line.removeprefix("$ ")) for line in block.text.splitlines())


def sent(words: list[str], token: str) -> httpx.Response:
    """What curl would send."""
    program, *rest = words
    assert program == "curl"
    headers, body, verb = dict[str, str](), "", "GET"
    options = iter(rest)
    address = ""
    for word in options:
        if word == "-H":
            name, _, value = next(options).partition(": ")
            headers[name] = value.replace("$TOKEN", token)
        elif word == "--json":
            body, verb = next(options), "POST"
            headers["Content-Type"] = "application/json"
        elif word == "-X":
            verb = next(options)
        elif word == "-u":
            headers["Authorization"] = "Basic " + base64.b64encode(f"{next(options)}:{PASSWORD}".encode()).decode()
        else:
            address = word
    return answer_of_the_site(httpx.Request(verb, address, headers=headers, content=body))


def test_what_the_page_sends_is_taken(
    everything: None,  # noqa: F811
    person: User,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person.set_password(PASSWORD)
    person.save()
    token = create_token(person, "page")[1]
    answers = [sent(words, token) for words in commands()]
    assert [answer.status_code for answer in answers] == [200, 200, 201, 200, 201, 200, 204]
    assert Submission.objects.count() == 1
    client = httpx.Client
    transport = httpx.MockTransport(answer_of_the_site)
    monkeypatch.setattr(httpx, "Client", lambda **options: client(**options, transport=transport))
    (text,) = [block.text for block in blocks("python") if block.document == PAGE]
    exec(compile(text, PAGE, "exec"), {"__name__": "documented"})
