"""The hosts' page, and what others see of it on the forms."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from tests.unit.pages.content import BOARD, Site

from farfield_web.hosting.change import add_phase, change
from farfield_web.hosting.models import Hosting, Phase
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]
PAGE = f"/benchmarks/{BOARD}/hosting/"
FORM = f"/submit/{BOARD}/with/constant/"
CODE = {"key": "code", "title": "Where is the code?", "required": True}


@pytest.fixture
def host(site: Site) -> Client:
    site.grace.is_staff = True
    site.grace.save()
    client = Client()
    client.force_login(site.grace)
    return client


def test_only_hosts_have_it(ada: Client, client: Client, host: Client) -> None:
    assert ada.get(PAGE).status_code == 403
    assert client.get(PAGE).status_code == 302
    assert PAGE in host.get(f"/benchmarks/{BOARD}/").content.decode()
    assert PAGE not in ada.get(f"/benchmarks/{BOARD}/").content.decode()


def test_the_rules_are_saved_and_told_before_the_form(host: Client, ada: Client) -> None:
    values = {"do": "rules", "intake": "paused", "sentence": "Back on Monday.", "questions": "", "keep_days": ""}
    assert host.post(PAGE, values).status_code == 302
    for address in (f"/benchmarks/{BOARD}/", f"/submit/{BOARD}/", FORM, f"/submit/{BOARD}/bring/package/"):
        assert "Back on Monday." in ada.get(address).content.decode(), address
    sent = ada.post(FORM, {"track": "open", "again": "on"})
    assert sent.status_code == 422
    assert "Back on Monday." in sent.content.decode()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"do": "rules", "intake": "ajar", "questions": ""}, "Select a valid choice"),
        ({"do": "rules", "intake": "open", "questions": "[{"}, "This is not JSON"),
        ({"do": "rules", "intake": "open", "questions": '[{"key": "X", "title": "x"}]'}, "lower-case"),
        ({"do": "rules", "intake": "open", "sentence": "a\u202eb"}, "cannot be seen"),
        ({"do": "phase", "title": "", "opens_at": "", "most": "0"}, "This field is required"),
        ({"do": "phase", "title": "R", "opens_at": "2030-01-02T00:00", "closes_at": "2030-01-01T00:00", "most": "0"},
         "closes after it opens"),
    ],
)  # fmt: skip
def test_what_cannot_be_saved_is_told_beside_its_field(host: Client, values: dict[str, str], says: str) -> None:
    answer = host.post(PAGE, values)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Hosting.objects.exclude(intake="open", sentence="").exists()
    assert not Phase.objects.exists()


def test_phases_are_added_and_closed(host: Client, ada: Client) -> None:
    now = timezone.now()
    values = {"do": "phase", "title": "Round 1", "opens_at": f"{now - timedelta(days=1):%Y-%m-%dT%H:%M}", "most": "2"}
    assert host.post(PAGE, values).status_code == 302
    assert "<strong>Round 1</strong> is open" in ada.get(FORM).content.decode()
    assert "2 entries in it" in ada.get(FORM).content.decode()
    assert host.post(PAGE, {"close": "round-1"}).status_code == 302
    assert "The last phase of" in ada.get(FORM).content.decode()
    assert host.post(PAGE, {"close": "round-9"}).status_code == 404


def test_questions_are_on_both_forms_and_kept_with_the_entry(site: Site, ada: Client) -> None:
    change(BOARD, {"questions": [CODE, {"key": "own", "title": "Own data?", "kind": "yes-no"}]}, by=None)
    for address in (FORM, f"/submit/{BOARD}/bring/package/"):
        assert "Where is the code?" in ada.get(address).content.decode(), address
    before = Submission.objects.count()
    assert ada.post(FORM, {"track": "open", "again": "on"}).status_code == 422
    assert Submission.objects.count() == before
    ada.post(FORM, {"track": "open", "again": "on", "answer-code": "example.org", "answer-own": "no"})
    assert Submission.objects.latest("created_at").answers == {"code": "example.org", "own": False}


def test_a_phase_shows_what_is_to_come(host: Client) -> None:
    add_phase(BOARD, "Later", timezone.now() + timedelta(days=9), by=None)
    assert "to come" in host.get(PAGE).content.decode()
