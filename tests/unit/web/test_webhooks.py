"""Webhooks: signed, to the open network alone, tried again, given up; and letters, which end by their link."""

import datetime
import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core import mail
from django.test import Client
from django.utils import timezone
from tests.unit.web.conftest import api_error

from farfield_web.accounts import letters
from farfield_web.accounts.models import User
from farfield_web.people import deliveries, outside, signing, webhooks
from farfield_web.people.models import Choice, Delivery, Webhook
from farfield_web.people.notices import FAILED, FINISHED, KINDS, Notice, tell

pytestmark = [pytest.mark.services, pytest.mark.django_db]
DOCUMENT = Path(__file__).parents[3] / "docs" / "notifications.md"
HOST = "hook.example.org"
NOTICE = Notice(kind=FINISHED, subject="done", text="It is done.", path="/submissions/1/", facts={"runs": 1})


@dataclass
class Listener:
    """A server of somebody's, and what it was sent."""

    port: int
    certificate: Path
    answer: int = 204
    slow: bool = False  # answers when it is told that it was left
    left: threading.Event = field(default_factory=threading.Event)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def listener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    """Found under HOST, with a certificate that is believed here alone."""
    certificate, key = self_signed(tmp_path)
    found = Listener(port=0, certificate=certificate)
    server = HTTPServer(("127.0.0.1", 0), handler_for(found))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    monkeypatch.setattr(outside, "PORT", server.server_address[1])
    monkeypatch.setattr(outside, "resolved", lambda host: "127.0.0.1")
    monkeypatch.setattr(outside, "trusted", lambda: ssl.create_default_context(cafile=str(certificate)))
    yield found
    found.left.set()
    server.shutdown()
    server.server_close()


def handler_for(found: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append((self.path, dict(self.headers), body))
            if found.slow:
                found.left.wait(60)
            self.send_response(found.answer)
            self.send_header("Location", "https://elsewhere.example/")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    return Handler


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)]), datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = (
        made.serial_number(1).not_valid_before(now - datetime.timedelta(1)).not_valid_after(now + datetime.timedelta(1))
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
    signed = made.sign(key, hashes.SHA256())
    files = folder / "hook.pem", folder / "hook.key"
    files[0].write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files[1].write_bytes(key.private_bytes(*form))
    return files


def documented() -> Any:
    """The function that the document tells people to use."""
    block = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    names: dict[str, Any] = {}
    exec(block[1], names)
    return names["is_ours"]


@pytest.fixture
def hook(listener: Listener, person: User) -> Webhook:
    return Webhook.objects.create(owner=person, url=f"https://{HOST}/farfield?x=1", kinds=[FINISHED])


def make_due() -> None:
    Delivery.objects.update(due_at=timezone.now())


def test_a_message_arrives_and_the_documented_check_believes_it(
    hook: Webhook, listener: Listener, person: User
) -> None:
    tell(person, NOTICE)
    assert deliveries.send_due() == 1
    ((path, headers, body),) = listener.got
    told = json.loads(body)
    assert (path, told["event"], told["message"], told["runs"]) == ("/farfield?x=1", FINISHED, "It is done.", 1)
    assert told["id"] == headers["Farfield-Delivery"]
    is_ours, header = documented(), headers[signing.HEADER]
    assert is_ours(hook.secret, header, body)
    assert not is_ours(hook.secret, header, body + b" ")
    assert not is_ours("another", header, body)
    assert not is_ours(hook.secret, signing.signature(hook.secret, body, int(time.time()) - 301), body)
    assert not is_ours(hook.secret, "nonsense", body)
    assert Delivery.objects.count() == 0


def test_only_what_was_asked_for_is_told(hook: Webhook, person: User, other: User) -> None:
    tell(person, Notice(kind=FAILED, subject="x", text="x", path="/"))
    tell(other, NOTICE)
    person.is_active = False
    tell(person, NOTICE)
    assert Delivery.objects.count() == 0


def test_what_is_not_taken_comes_again_and_ends(hook: Webhook, listener: Listener, person: User) -> None:
    listener.answer = 503
    tell(person, NOTICE)
    for n in range(deliveries.TRIES):
        make_due()
        assert deliveries.send_due() == 0
        assert deliveries.send_due() == 0, "it is not due again at once"
        assert Delivery.objects.count() == (n < deliveries.TRIES - 1)
    assert len(listener.got) == deliveries.TRIES
    assert len({json.loads(body)["id"] for _, _, body in listener.got}) == 1


def test_redirects_are_not_followed(hook: Webhook, listener: Listener, person: User) -> None:
    listener.answer = 302
    tell(person, NOTICE)
    assert deliveries.send_due() == 0
    assert len(listener.got) == 1


def test_a_slow_server_is_left(
    hook: Webhook, listener: Listener, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "SECONDS", 0.4)
    listener.slow = True
    tell(person, NOTICE)
    assert deliveries.send_due() == 0, "its answer, which is a minute away, was not waited for"
    assert len(listener.got) == 1


def test_an_address_that_takes_nothing_is_given_up_and_a_new_secret_tries_it_again(
    hook: Webhook, listener: Listener, person: User, client: Client
) -> None:
    listener.answer = 500
    Webhook.objects.update(failures=deliveries.MOST_FAILURES - 1)
    tell(person, NOTICE)
    deliveries.send_due()
    hook.refresh_from_db()
    assert "It answered 500." in hook.disabled_because
    tell(person, NOTICE)
    assert Delivery.objects.count() == 0
    client.force_login(person)
    assert "It answered 500." in client.get("/account/notifications/").content.decode()
    before = hook.secret
    page = client.post(f"/account/webhooks/{hook.pk}/", {"deed": "rotate"}).content.decode()
    hook.refresh_from_db()
    assert hook.secret != before
    assert hook.secret in page
    assert hook.disabled_because == ""


def test_a_certificate_of_somebody_else_is_not_believed(
    hook: Webhook, listener: Listener, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside, "trusted", ssl.create_default_context)
    tell(person, NOTICE)
    assert deliveries.send_due() == 0
    assert listener.got == []


PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::",
    "64:ff9b::a00:1", "ff02::1", "255.255.255.255",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_of_ours_is_called(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not outside.is_public(address)
    answers = [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (address, 443))]
    monkeypatch.setattr(outside.socket, "getaddrinfo", lambda *args, **options: answers)
    with pytest.raises(outside.Unreachable):
        outside.resolved("hook.example.org")


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example.org/", "https://", "https://hook.example.org:22/", "https://u:p@hook.example.org/",
        "ftp://hook.example.org/", "https://hook.example.org/#x", "https://hook.example.org/\r\nX: y",
        "https://[::1/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_addresses_that_are_not_called(url: str) -> None:
    assert outside.why_not(url)
    with pytest.raises(outside.Unreachable):
        outside.post(url, b"", {})


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f.1", "2130706433"])
def test_names_of_this_machine_are_refused_when_a_webhook_is_made(person: User, host: str) -> None:
    with pytest.raises(webhooks.WebhookError) as caught:
        webhooks.add(person, f"https://{host}/", [FINISHED])
    assert caught.value.code == "webhook.bad_url"


def test_the_page_shows_a_secret_once(listener: Listener, person: User, client: Client) -> None:
    client.force_login(person)
    form = {"webhook": "1", "hook-url": "https://hook.example.org/", "hook-kinds": [FINISHED]}
    page = client.post("/account/notifications/", form).content.decode()
    made = Webhook.objects.get()
    assert made.secret in page
    assert made.secret not in client.get("/account/notifications/").content.decode()
    refused = client.post("/account/notifications/", {**form, "hook-url": "http://x.org/"})
    assert "must begin with https" in refused.content.decode()


def test_strangers_change_nothing(hook: Webhook, other: User, client: Client, call: Any) -> None:
    client.force_login(other)
    assert client.post(f"/account/webhooks/{hook.pk}/", {"deed": "remove"}).status_code == 404
    assert call("delete", f"webhooks/{hook.pk}", {}, person=other).status_code == 404
    assert Webhook.objects.count() == 1


def test_the_api(listener: Listener, person: User, call: Any) -> None:
    made = call("post", "webhooks", {"url": "https://hook.example.org/"}, person=person)
    assert (made.status_code, made.json()["kinds"]) == (201, list(KINDS))
    (listed,) = call("get", "webhooks", person=person).json()
    assert "secret" not in listed
    rotated = call("post", f"webhooks/{listed['id']}", person=person).json()
    assert rotated["secret"] != made.json()["secret"]
    assert call("delete", f"webhooks/{listed['id']}", {}, person=person).status_code == 204
    assert call("put", "notifications", {"kinds": [FAILED]}, person=person).json() == {"kinds": [FAILED]}
    assert call("get", "notifications", person=person).json() == {"kinds": [FAILED]}
    assert api_error(call("put", "notifications", {"kinds": ["x"]}, person=person)) == (400, "request.invalid")
    refused = call("post", "webhooks", {"url": "https://localhost:1/"}, person=person)
    assert api_error(refused) == (400, "webhook.bad_url")


class TestLetters:
    """What comes by mail."""

    @pytest.fixture
    def asked(self, person: User) -> Choice:
        EmailAddress.objects.create(user=person, email="ada@example.org", primary=True, verified=True)
        return webhooks.choose(person, [FINISHED])

    def test_a_letter_comes_and_ends_by_its_link(self, asked: Choice, person: User, client: Client) -> None:
        tell(person, NOTICE)
        assert letters.send_due() == 1
        (letter,) = mail.outbox
        assert "It is done." in letter.body
        link = re.search(r"<https?://[^/]+(/\S+)>", letter.extra_headers["List-Unsubscribe"])
        assert link is not None
        assert link[1] in letter.body
        assert "Shall letters" in client.get(link[1]).content.decode()
        assert Choice.objects.get().kinds == [FINISHED], "looking ends nothing"
        assert Client(enforce_csrf_checks=True).post(link[1]).status_code == 200
        tell(person, NOTICE)
        assert letters.send_due() == 0

    def test_an_address_that_is_not_confirmed_gets_none(self, asked: Choice, person: User) -> None:
        EmailAddress.objects.update(verified=False)
        tell(person, NOTICE)
        assert letters.send_due() == 0

    def test_the_page_keeps_the_choice(self, asked: Choice, person: User, client: Client) -> None:
        client.force_login(person)
        client.post("/account/notifications/", {"mail": "1", "kinds": [FAILED]})
        assert Choice.objects.get().kinds == [FAILED]
        assert "ada@example.org" in client.get("/account/notifications/").content.decode()
        assert client.get("/account/letters/x/").status_code == 200
