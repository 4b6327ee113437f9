"""The same submission sent again is said before it runs: it costs quota, and says nothing new."""

from pathlib import Path
from typing import Any

import pytest
from tests.unit.web.conftest import (
    BOARD,
    api_error,
    board_data,
    described,
    found_in,
    npz,
    package,
    report_of,
    sent,
    wanted,
)
from tests.wheelhouse import make_wheel

from farfield_web.accounts.models import User
from farfield_web.runs import lease, verbs
from farfield_web.runs.announce import announce
from farfield_web.runs.introduce import introduce
from farfield_web.runs.models import Run
from farfield_web.runs.offer import Offer
from farfield_web.runs.repeats import Repeated
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission, Upload
from farfield_web.submissions.request import Claims, Request

pytestmark = [pytest.mark.services, pytest.mark.django_db]
BODY = {"benchmark": BOARD, "method": "constant", "track": "open"}


def once(**changes: Any) -> Request:
    return wanted(again=False, **changes)


def repeats(person: User, request: Request) -> Submission:
    """The earlier submission that is named; nothing is written."""
    before = Submission.objects.count()
    with pytest.raises(Repeated) as caught:
        submit(person, request)
    assert Submission.objects.count() == before
    return caught.value.earlier


def test_a_repeat_is_refused_with_the_earlier_one_and_runs_when_it_is_meant(
    announced: None, call: Any, person: User
) -> None:
    made = call("post", "submissions", BODY, person=person).json()
    answer = call("post", "submissions", BODY, person=person)
    assert api_error(answer) == (409, "submission.repeated")
    error = answer.json()["error"]
    assert f"/submissions/{made['id']}/" in error["hint"]
    assert '"again": true' in error["hint"]
    again = call("post", "submissions", {**BODY, "again": True}, person=person)
    assert again.status_code == 201
    assert again.json()["id"] != made["id"]


def test_a_repeated_key_is_the_first_submission_as_before(announced: None, call: Any, person: User) -> None:
    made = [call("post", "submissions", BODY, person=person, Idempotency_Key="k").json()["id"] for _ in range(2)]
    meant = call("post", "submissions", {**BODY, "again": True}, person=person, Idempotency_Key="k").json()["id"]
    assert made == [meant, meant]


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"title": "other words", "note": "n"}, True),
        ({"config": {"bias": 0.5}}, True),
        ({"config": {"bias": 0.25}}, False),
        ({"track": "scratch"}, False),
    ],
)
def test_what_makes_it_the_same(announced: None, person: User, changes: dict[str, Any], same: bool) -> None:
    announce("worker-1", [described(claims={"backbone": "none", "pretraining": [], "extra_data": []})], {})
    first = submit(person, once())
    if same:
        assert repeats(person, once(**changes)) == first
    else:
        assert submit(person, once(**changes)) != first


def test_it_is_the_same_persons_only(announced: None, person: User, other: User) -> None:
    submit(person, once())
    submit(other, once())


def test_what_ended_badly_may_be_sent_again(announced: None, person: User) -> None:
    verbs.cancel(submit(person, once()), person)
    submit(person, once())


def test_on_new_data_or_in_a_new_version_it_is_another(announced: None, person: User) -> None:
    submit(person, once())
    run = lease.claim("worker-1", "cpu")
    assert run is not None
    store_report(report_of(run))
    assert repeats(person, once()).runs.get() == run
    announce("worker-1", [described()], {BOARD: board_data("e" * 64)})
    second = submit(person, once())
    assert repeats(person, once()) == second
    announce("worker-1", [described(version="2.0")], {BOARD: board_data("e" * 64)})
    submit(person, once())


def test_a_package_before_and_after_it_is_introduced(everything: None, person: User, wheel: Upload) -> None:
    first = submit(person, package(wheel, again=False))
    assert repeats(person, package(wheel, again=False)) == first
    run = lease.claim("worker-1", "cpu", Offer(accepts=frozenset(Kind), methods=frozenset()))
    assert run is not None
    introduce(run.pk, run.token, found_in())
    for same in ({}, {"method": "toy-method"}, {"config": {"rate": 0.5}}):
        assert repeats(person, package(wheel, again=False, **same)) == first
    submit(person, package(wheel, again=False, config={"rate": 0.75}))
    Run.objects.update(status="failed")


def test_another_content_is_another(everything: None, person: User, wheel: Upload, tmp_path: Path) -> None:
    submit(person, package(wheel, again=False))
    newer = sent(person, make_wheel(tmp_path / "newer", "toy-method", "2.0"))
    submit(person, package(newer, again=False))


def test_the_same_predictions(everything: None, person: User, tmp_path: Path) -> None:
    def of(path: Path) -> Request:
        upload = sent(person, path)
        claims = Claims(backbone="none")
        return Request(
            benchmark=BOARD, kind="predictions", track="open", method="mine", summary="S.", claims=claims,
            upload=upload.sha256,
        )  # fmt: skip

    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    one.write_bytes(npz())
    two.write_bytes(npz(other=[1]))
    first = submit(person, of(one))
    assert repeats(person, of(one)) == first
    one.rename(tmp_path / "renamed.npz")
    assert repeats(person, of(tmp_path / "renamed.npz")) == first
    submit(person, of(two))
