"""What authors do with entries after they were sent: edited words, withdrawn entries, hidden names."""

from functools import partial
from typing import Any

import pytest
from tests.unit.web.conftest import BOARD, api_error, report_of

from farfield_web.accounts.models import User
from farfield_web.entries import verbs
from farfield_web.entries.models import Change
from farfield_web.entries.names import authored, hidden_methods, shown_author, shown_holder
from farfield_web.entries.withdrawn import withdrawn
from farfield_web.errors import SubmissionError
from farfield_web.runs import lease
from farfield_web.runs.models import Run
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.models import Method, Submission
from farfield_web.submissions.names import why_taken

pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture
def ranked(run: Run) -> Submission:
    taken = lease.claim("w", "cpu")
    assert taken is not None
    store_report(report_of(taken))
    return run.submission


@pytest.fixture
def mine(call: Any, person: User) -> Any:
    """Calls the API as the owner."""
    return partial(call, person=person)


def row_of(call: Any) -> dict[str, Any]:
    (row,) = call("get", f"leaderboards/{BOARD}").json()["rows"]
    return dict(row)


def test_words_are_edited_and_what_they_replaced_is_kept(
    ranked: Submission, call: Any, mine: Any, person: User
) -> None:
    answer = mine("patch", f"submissions/{ranked.pk}", {"title": " A better title ", "note": ""}).json()
    assert (answer["title"], answer["note"]) == ("A better title", "")
    assert row_of(call)["title"] == "A better title"
    (change,) = Change.objects.all()
    assert (change.verb, change.before, change.by) == ("edit", {"title": ""}, person)
    mine("patch", f"submissions/{ranked.pk}", {"title": "A better title"})
    assert Change.objects.count() == 1, "nothing changed"
    with pytest.raises(TypeError, match="add another"):
        change.save()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"title": "T" * 101}, "title.too_long"),
        ({"title": "a\u202eb"}, "text.invalid"),
        ({"note": "n" * 2001}, "note.too_long"),
        ({"benchmark": "another/one"}, "request.unknown_key"),
    ],
)
def test_words_that_cannot_be_kept_are_refused(ranked: Submission, mine: Any, body: Any, code: str) -> None:
    assert api_error(mine("patch", f"submissions/{ranked.pk}", body)) == (400, code)
    assert not Change.objects.exists()


def test_a_withdrawn_entry_has_no_rank_until_it_is_taken_back(
    ranked: Submission, call: Any, mine: Any, client: Any
) -> None:
    before, address = row_of(call), f"submissions/{ranked.pk}/withdrawal"
    answer = mine("post", address, {"reason": "A wrong checkpoint."})
    assert answer.json()["withdrawn"]["reason"] == "A wrong checkpoint."
    row = row_of(call)
    assert (row["rank"], set(row["figures"])) == (None, {None})
    assert row["reason"].startswith("withdrawn by its author on")
    assert row["reason"].endswith("A wrong checkpoint.")
    assert answer.json()["unranked"] == row["reason"]
    for page in (f"/boards/{BOARD}/", f"/submissions/{ranked.pk}/"):
        assert "A wrong checkpoint." in client.get(page).content.decode()
    assert set(withdrawn([ranked])) == {ranked.pk}
    assert api_error(mine("post", address, {"reason": "again"})) == (409, "submission.no_change")
    assert mine("delete", address).json()["withdrawn"] is None
    assert row_of(call) == before
    assert api_error(mine("delete", address)) == (409, "submission.no_change")


def test_nothing_is_withdrawn_without_a_reason_or_while_it_runs(run: Run, mine: Any) -> None:
    address = f"submissions/{run.submission_id}/withdrawal"
    assert api_error(mine("post", address, {"reason": " x " * 200})) == (400, "reason.too_long")
    assert mine("post", address, {"reason": " "}).status_code == 400
    assert api_error(mine("post", address, {"reason": "x"})) == (409, "submission.under_way")
    assert not Change.objects.exists()


def test_all_of_it_is_the_owners_alone(ranked: Submission, other: User) -> None:
    for deed in (
        lambda: verbs.edit(ranked, other, title="mine"),
        lambda: verbs.withdraw(ranked, other, "mine"),
        lambda: verbs.take_back(ranked, other),
        lambda: verbs.hide_author(ranked, other, hide=True),
    ):
        with pytest.raises(SubmissionError, match="Only the person who submitted it") as refused:
            deed()
        assert refused.value.code == "submission.not_yours"
    assert not Change.objects.exists()


def test_a_hidden_name_is_its_owners_and_the_operators(
    ranked: Submission, person: User, other: User, call: Any, mine: Any
) -> None:
    operator = User.objects.create_user("boss", is_staff=True)
    assert shown_author(ranked) == person.username
    answer = mine("patch", f"submissions/{ranked.pk}", {"anonymous": True}).json()
    assert (answer["owner"], answer["anonymous"]) == (person.username, True)
    ranked.refresh_from_db()
    assert shown_author(ranked) == shown_author(ranked, other) == "anonymous"
    assert shown_author(ranked, person) == shown_author(ranked, operator) == person.username
    assert row_of(call)["owner"] == "anonymous"
    name = person.username
    for viewer, asked, count in ((other, name, 0), (other, "anonymous", 1), (person, name, 1), (operator, name, 1)):
        assert Submission.objects.filter(authored(asked, viewer)).count() == count
    mine("patch", f"submissions/{ranked.pk}", {"anonymous": False})
    assert row_of(call)["owner"] == person.username
    assert [change.verb for change in Change.objects.all()] == ["hide-author", "show-author"]


def test_a_brought_method_does_not_tell_the_name_either(ranked: Submission, person: User, other: User) -> None:
    Method.objects.update(owner=person, distribution="brought")
    method = Method.objects.get(pk=ranked.method_id)
    assert shown_holder(method, other) == person.username
    verbs.hide_author(ranked, person, hide=True)
    assert hidden_methods(other) == {method.pk}
    assert (shown_holder(method, other), shown_holder(method, person)) == ("anonymous", person.username)
    for taken in (why_taken(other, method.name, ""), why_taken(other, "x", "brought")):
        assert "of somebody else" in taken
        assert person.username not in taken
