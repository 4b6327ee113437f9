"""What is promised of false claims: taken off by the operator, with the reason where the entry stood."""

import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from tests.unit.web.conftest import BOARD, report_of

from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Ruling, Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
REASON = "Trained on the test images."


def command(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def ranked(run: Run) -> Submission:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    store_report(report_of(taken))
    return run.submission


def row_of(call: Any) -> dict[str, Any]:
    (row,) = call("get", f"leaderboards/{BOARD}").json()["rows"]
    return dict(row)


def test_an_entry_is_taken_off_with_its_reason_and_put_back(ranked: Submission, call: Any, client: Client) -> None:
    number = str(ranked.pk)
    before = row_of(call)
    assert before["rank"] == 1
    assert "is off the boards" in command("invalidate", number, "--reason", REASON)
    row = row_of(call)
    assert (row["rank"], row["reason"]) == (None, f"taken off by the operator: {REASON}")
    assert set(row["figures"]) == {None}
    for page in (f"/boards/{BOARD}/", f"/submissions/{number}/"):
        assert REASON in client.get(page).content.decode()
    told = call("get", f"submissions/{number}").json()["taken_off"]
    assert (told["role"], told["reason"]) == ("operator", REASON)
    command("restore", number, "--reason", "A mistake.", "--role", "host")
    assert row_of(call) == before
    assert call("get", f"submissions/{number}").json()["taken_off"] is None
    page = client.get(f"/submissions/{number}/").content.decode()
    assert "put back later" in page
    assert "A mistake." in page
    assert [(one.verb, one.role) for one in Ruling.objects.all()] == [("invalidate", "operator"), ("restore", "host")]


def test_what_cannot_be_ruled_is_told(ranked: Submission) -> None:
    number = str(ranked.pk)
    for name, arguments, said in (
        ("restore", (number, "--reason", "x"), "not off the boards"),
        ("invalidate", (number, "--reason", " "), "reason is needed"),
        ("invalidate", (number, "--reason", "x" * 501), "500 characters"),
        ("invalidate", (str(uuid.UUID(int=1)), "--reason", "x"), "no submission"),
    ):
        with pytest.raises(CommandError, match=said):
            command(name, *arguments)
    command("invalidate", number, "--reason", REASON)
    with pytest.raises(CommandError, match="already"):
        command("invalidate", number, "--reason", REASON)


def test_rulings_are_only_ever_added(ranked: Submission) -> None:
    command("invalidate", str(ranked.pk), "--reason", REASON)
    ruling = Ruling.objects.get()
    ruling.reason = "another"
    with pytest.raises(TypeError, match="add another"):
        ruling.save()
    with pytest.raises(TypeError, match="add another"):
        ruling.delete()
