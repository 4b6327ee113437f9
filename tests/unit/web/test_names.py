"""Whose a name is: reserved while a worker announces it, then free again; and the operator has the last word."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from tests.unit.web.conftest import BOARD, board_data, described, found_in, package, sent, wanted
from tests.wheelhouse import make_wheel

from farfield_web.accounts.models import User
from farfield_web.errors import PluginRefused, SubmissionError
from farfield_web.runs import lease
from farfield_web.runs.announce import announce
from farfield_web.runs.introduce import introduce
from farfield_web.runs.models import Run
from farfield_web.runs.offer import Offer
from farfield_web.runs.submit import submit
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Method, Submission, Upload, Worker
from farfield_web.submissions.names import why_taken

pytestmark = [pytest.mark.services, pytest.mark.django_db]
TOY = described("toy-method", distribution="Toy_Method")


def command(*arguments: str) -> str:
    out = StringIO()
    call_command("method_name", *arguments, stdout=out)
    return out.getvalue().strip()


def announced_with(*methods: Any, worker: str = "worker-1", resource: str = "cpu") -> None:
    announce(worker, [described(), *methods], {BOARD: board_data()}, accepts=list(Kind), resource=resource)


def last_heard(worker: str, days: float) -> None:
    then = timezone.now() - timedelta(days=days)
    Worker.objects.filter(name=worker).update(seen_at=then, announced_at=then)


def introduced(person: User, upload: Upload, **changes: Any) -> Method:
    """The method of a package, as a worker finds it."""
    made = submit(person, package(upload))
    run = lease.claim("worker-1", "cpu", Offer(accepts=frozenset(Kind), methods=frozenset()))
    assert run is not None
    introduce(run.pk, run.token, found_in(**changes))
    return Method.objects.get(pk=Submission.objects.get(pk=made.pk).method_id)


def test_names_a_package_that_was_uninstalled_is_its_authors_again(person: User, tmp_path: Path) -> None:
    """Installed into a worker's environment once, a name was its author's no more, for ever."""
    announced_with(TOY)
    wheel = sent(person, make_wheel(tmp_path, "toy-method"))
    with pytest.raises(SubmissionError) as caught:
        submit(person, package(wheel))
    assert (caught.value.code, caught.value.field) == ("plugin.name_taken", "upload")
    announced_with()
    method = introduced(person, wheel)
    assert (method.name, method.owner, method.origin) == ("toy-method", person, "package")
    assert Method.objects.filter(name__startswith="toy-method").count() == 1


def test_names_what_was_entered_before_stays_with_the_former_method(person: User, other: User, tmp_path: Path) -> None:
    announced_with(TOY)
    before = submit(other, wanted(method="toy-method"))
    Run.objects.all().delete()
    announced_with()
    method = introduced(person, sent(person, make_wheel(tmp_path, "toy-method")))
    before.refresh_from_db()
    assert before.method is not None
    assert (before.method.name, before.method.owner, before.method.former) == ("toy-method-former", None, True)
    assert (method.name, method.owner, method.former) == ("toy-method", person, False)


def test_names_of_a_worker_that_is_down_stay_reserved(person: User) -> None:
    announced_with(TOY)
    last_heard("worker-1", days=10)
    assert "installed here" in why_taken(person, "toy-method", "")
    announced_with(worker="gpu-1", resource="gpu")
    assert "installed here" in why_taken(person, "toy-method", "toy-method")


def test_names_of_a_worker_that_came_back_under_another_name_are_free(person: User) -> None:
    announced_with(TOY, worker="host-17")
    announced_with(worker="host-23")
    assert "installed here" in why_taken(person, "toy-method", "")  # both may be running
    last_heard("host-17", days=1)
    assert why_taken(person, "toy-method", "Toy.Method") == ""


def test_names_an_operator_frees_one(person: User, other: User, tmp_path: Path) -> None:
    announced_with()
    introduced(person, sent(person, make_wheel(tmp_path, "toy-method")))
    theirs = sent(other, make_wheel(tmp_path / "theirs", "toy-method", "2.0"))
    assert why_taken(other, "toy-method", "toy-method")
    assert command("show", "toy-method") == "the name 'toy-method' belongs to the method 'toy-method' of ada."
    said = command("free", "toy-method")
    assert said == ("What was entered before stays, as entries of 'toy-method-former'. 'toy-method' is nobody's.")
    assert introduced(other, theirs).owner == other
    assert Method.objects.get(name="toy-method-former").owner == person
    assert why_taken(person, "toy-method", "") != ""


def test_names_an_operator_disputes_and_settles_one(person: User, other: User, tmp_path: Path) -> None:
    announced_with()
    wheel = sent(person, make_wheel(tmp_path, "toy-method"))
    introduced(person, wheel)
    command("dispute", "toy-method", "--reason", "two claim it")
    for who in (person, other):
        assert "is disputed (two claim it)" in why_taken(who, "toy-method", "")
        with pytest.raises(SubmissionError) as caught:
            submit(who, wanted(method="toy-method", title=who.username))
        assert (caught.value.code, caught.value.field) == ("plugin.name_taken", "method")
    with pytest.raises(PluginRefused):
        introduced(person, wheel, name="toy-method")
    assert command("show", "toy-method").startswith("'toy-method' is disputed")
    assert command("settle", "toy-method", "grace").endswith("'toy-method' is grace's, by the operator's word.")
    assert why_taken(other, "toy-method", "") == ""
    assert "belongs to grace" in why_taken(person, "toy-method", "")
    assert "belongs to grace" in why_taken(None, "toy-method", "")
    assert command("free", "toy-method") == "'toy-method' is nobody's."
    assert why_taken(person, "toy-method", "") == ""


def test_names_settled_for_who_has_it_change_nothing(person: User, tmp_path: Path) -> None:
    announced_with()
    method = introduced(person, sent(person, make_wheel(tmp_path, "toy-method")))
    command("dispute", "toy-method")
    command("settle", "toy-method", "ada")
    assert Method.objects.get(name="toy-method") == method
    assert why_taken(person, "toy-method", "toy-method") == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("free", "toy-method"), "A worker has 'toy-method' installed"),
        (("settle", "toy-method", "ada"), "A worker has 'toy-method' installed"),
        (("settle", "other", "nobody"), "There is no person called 'nobody'"),
        (("free", "Not A Name"), "no name for a method"),
        (("dispute", "x", "--reason", "a\nb"), "one line"),
    ],
)
def test_names_what_an_operator_cannot_do_is_told(person: User, arguments: tuple[str, ...], said: str) -> None:
    announced_with(TOY)
    with pytest.raises(CommandError, match=said):
        command(*arguments)


def test_names_a_free_name_is_said_to_be_nobodys(person: User) -> None:
    announced_with()
    assert command("show", "never-heard") == "'never-heard' is nobody's."
    assert command("show", "constant") == "'constant' is the operator's: a worker has it installed."
