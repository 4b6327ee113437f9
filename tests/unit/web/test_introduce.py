"""What a worker found in a package: whose the name is, what may enter, and that it happens once."""

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from tests.unit.web.conftest import BOARD, board_data, described, found_in, package, report_of, sent, wanted
from tests.wheelhouse import make_wheel

from farfield_web.accounts.models import User
from farfield_web.errors import LeaseError, PluginRefused
from farfield_web.leaderboards.queries import board
from farfield_web.runs import lease, verbs
from farfield_web.runs.announce import announce
from farfield_web.runs.introduce import introduce
from farfield_web.runs.models import Run
from farfield_web.runs.offer import Offer
from farfield_web.runs.status import Status
from farfield_web.runs.submit import submit
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Method, Submission, Upload

pytestmark = [pytest.mark.services, pytest.mark.django_db]
ALL = Offer(accepts=frozenset(Kind), methods=frozenset({"constant"}))


def claimed(resource: str = "cpu") -> Run:
    run = lease.claim("worker-1", resource, ALL)
    assert run is not None
    return run


def refusal(run: Run, **changes: Any) -> PluginRefused:
    before = list(Method.objects.values())
    with pytest.raises(PluginRefused) as caught:
        introduce(run.pk, run.token, found_in(**changes))
    assert list(Method.objects.values()) == before
    run.submission.refresh_from_db()
    return caught.value


@pytest.fixture
def taken(entered_package: Submission) -> Run:
    """The run of the package, held by a worker."""
    return claimed()


def test_the_method_is_made_and_linked(taken: Run, person: User, wheel: Upload) -> None:
    found = introduce(taken.pk, taken.token, found_in())
    assert (found.method, found.requeue) == ("toy-method", False)
    method = Method.objects.get(name="toy-method")
    assert (method.origin, method.owner, method.upload, method.available) == ("package", person, wheel, True)
    assert (method.distribution, method.version, method.plugin) == ("toy-method", "1.0", "toy-method")
    submission = Submission.objects.get()
    assert (submission.method, submission.method_name, submission.method_version) == (method, "toy-method", "1.0")
    assert submission.config == {"rate": 0.5, "head": "a"}
    assert Run.objects.get().state is Status.PREPARING


def test_introducing_twice_changes_nothing(taken: Run) -> None:
    introduce(taken.pk, taken.token, found_in())
    before = list(Method.objects.values()), list(Submission.objects.values())
    assert introduce(taken.pk, taken.token, found_in(summary="Other.")).method == "toy-method"
    assert (list(Method.objects.values()), list(Submission.objects.values())) == before
    assert refusal(taken, name="another").code == "plugin.which_method"


def test_introducing_after_the_lease_is_lost(taken: Run, person: User) -> None:
    for token in ("", "wrong"):
        with pytest.raises(LeaseError):
            introduce(taken.pk, token, found_in())
    with pytest.raises(LeaseError):
        introduce(uuid.uuid4(), taken.token, found_in())
    verbs.cancel(taken.submission, person)
    with pytest.raises(LeaseError) as caught:
        introduce(taken.pk, taken.token, found_in())
    assert caught.value.code == "run.cancelled"
    assert not Method.objects.filter(name="toy-method").exists()


def test_the_operators_names_are_not_for_people(taken: Run) -> None:
    assert refusal(taken, name="constant").code == "plugin.name_taken"


def test_an_installed_distribution_is_not_for_people(everything: None, person: User, tmp_path: Path) -> None:
    announce("worker-1", [described(), described("second", distribution="Toy_Method")], {}, accepts=list(Kind))
    from farfield_web.errors import SubmissionError

    with pytest.raises(SubmissionError) as caught:
        submit(person, package(sent(person, make_wheel(tmp_path, "toy-method"))))
    assert (caught.value.code, caught.value.field) == ("plugin.name_taken", "upload")


def test_a_name_belongs_to_who_had_it_first(taken: Run, other: User, tmp_path: Path) -> None:
    introduce(taken.pk, taken.token, found_in())
    theirs = sent(other, make_wheel(tmp_path, "their-package"))
    submit(other, package(theirs))
    run = claimed()
    error = refusal(run, distribution="their-package")
    assert error.code == "plugin.name_taken"
    assert "of ada" in error.message
    assert introduce(run.pk, run.token, found_in("their-method", distribution="their-package")).method == "their-method"


def test_a_distribution_belongs_to_who_had_it_first(taken: Run, other: User, tmp_path: Path, wheel: Upload) -> None:
    theirs = sent(other, make_wheel(tmp_path, "toy-method", "2.0"))
    submit(other, package(theirs, method="other-name"))
    introduce(taken.pk, taken.token, found_in())
    assert refusal(claimed(), name="other-name").code == "plugin.name_taken"


def test_what_the_code_says_does_not_beat_the_archive(taken: Run) -> None:
    assert refusal(taken, distribution="farfield-toy").code == "plugin.no_method"
    assert introduce(taken.pk, taken.token, found_in(version="99", distribution="Toy_Method")).method
    assert Method.objects.get(name="toy-method").version == "1.0"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"family": "ood-detection"}, "plugin.wrong_family"),
        ({"claims": {"backbone": ""}}, "plugin.bad_spec"),
        ({"family": "none"}, "plugin.bad_spec"),
        ({"name": "Not A Name"}, "plugin.bad_spec"),
        ({"name": 3}, "plugin.bad_spec"),
        ({"summary": "a\x00b"}, "plugin.bad_spec"),
        ({"inputs": {"kind": "sound"}}, "plugin.bad_spec"),
        ({"inputs": {"kind": "images", "size": "big"}}, "plugin.bad_spec"),
        ({"resources": {"gpu": "yes"}}, "plugin.bad_spec"),
        ({"resources": {"minutes": 1e9}}, "plugin.bad_spec"),
        ({"papers": [["x"]]}, "plugin.bad_spec"),
        ({"batch_size": True}, "plugin.bad_spec"),
        ({"stochastic": "perhaps"}, "plugin.bad_spec"),
        ({"code": "javascript:alert(1)"}, "plugin.bad_spec"),
        ({"config_schema": {}}, "plugin.bad_spec"),
        ({"config_schema": {"properties": {"a b": {"type": "string"}}}}, "plugin.bad_spec"),
        ({"config_schema": {"properties": {"a": {"type": "object", "default": {}}}}}, "plugin.bad_spec"),
        ({"config_schema": {"properties": {"a": {"type": "integer", "default": "x"}}}}, "plugin.bad_spec"),
        ({"config_schema": {"properties": {"a": {"type": "number", "default": 2, "maximum": 1}}}}, "plugin.bad_spec"),
        ({"config_schema": {"properties": {"a": {"type": "number", "default": 1, "maximum": "9"}}}}, "plugin.bad_spec"),
        ({"config_schema": {"properties": {str(n): {} for n in range(300)}}}, "plugin.bad_spec"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_hostile_description_is_refused(taken: Run, changes: dict[str, Any], code: str) -> None:
    assert refusal(taken, **changes).code == code


def test_what_is_not_part_of_a_description_is_dropped(taken: Run) -> None:
    introduce(taken.pk, taken.token, found_in(evil="x" * 1000))
    assert "evil" not in Method.objects.get(name="toy-method").spec


def test_a_track_that_does_not_allow_it(everything: None, person: User, wheel: Upload) -> None:
    submit(person, package(wheel, track="scratch"))
    run = claimed()
    claims = {"backbone": "clip", "pretraining": ["laion-2b"], "extra_data": []}
    error = refusal(run, claims=claims)
    assert error.code == "plugin.track_refused"
    assert "laion-2b" in error.message
    assert introduce(run.pk, run.token, found_in()).method


def test_settings_that_do_not_fit(everything: None, person: User, wheel: Upload) -> None:
    submit(person, package(wheel, config={"rate": 7}))
    assert refusal(claimed()).code == "plugin.bad_config"


def test_another_method_than_was_entered(everything: None, person: User, wheel: Upload) -> None:
    submit(person, package(wheel, method="expected"))
    assert refusal(claimed()).code == "plugin.which_method"


def test_a_method_that_needs_a_gpu_goes_back_without_a_loss(taken: Run, wakes: list[str]) -> None:
    found = introduce(taken.pk, taken.token, found_in(resources={"gpu": True, "memory_gib": 4.0, "minutes": 5.0}))
    assert found.requeue
    run = Run.objects.get()
    assert (run.state, run.resource, run.losses, run.attempt, run.token) == (Status.QUEUED, "gpu", 0, 2, "")
    with pytest.raises(LeaseError):
        introduce(taken.pk, taken.token, found_in())
    again = claimed("gpu")
    assert not introduce(again.pk, again.token, found_in()).requeue


def test_a_newer_package_brings_the_method_up_to_date_and_an_older_does_not(
    taken: Run, person: User, tmp_path: Path
) -> None:
    newer = sent(person, make_wheel(tmp_path, "toy-method", "2.0"))
    submit(person, package(newer))
    second = claimed()
    introduce(second.pk, second.token, found_in(summary="Newer."))
    introduce(taken.pk, taken.token, found_in(summary="Older."))
    method = Method.objects.get(name="toy-method")
    assert (method.version, method.upload, method.summary) == ("2.0", newer, "Newer.")
    versions = Submission.objects.order_by("created_at").values_list("method_version", flat=True)
    assert list(versions) == ["1.0", "2.0"]


def test_results_of_different_contents_are_different_entries(taken: Run, person: User, tmp_path: Path) -> None:
    introduce(taken.pk, taken.token, found_in())
    other_code = sent(person, make_wheel(tmp_path, "toy-method", more="Summary: rebuilt\n"))
    submit(person, package(other_code))
    second = claimed()
    introduce(second.pk, second.token, found_in())
    assert len(set(Submission.objects.values_list("identity", flat=True))) == 2
    from farfield_evaluators.catalog import find

    for run in (taken, second):
        store_report(report_of(run))
    assert len(board(find(BOARD)).rows) == 2


def test_others_may_configure_what_a_package_brought(taken: Run, other: User, wheel: Upload) -> None:
    introduce(taken.pk, taken.token, found_in())
    made = submit(other, wanted(method="toy-method", config={"rate": 1}))
    assert (made.upload, made.kind, made.config) == (wheel, "configuration", {"rate": 1, "head": "a"})
    run = claimed()
    assert introduce(run.pk, run.token, found_in()).method == "toy-method"
    assert Method.objects.get(name="toy-method").owner == taken.submission.owner


def test_a_worker_does_not_take_over_a_persons_method(taken: Run, person: User) -> None:
    introduce(taken.pk, taken.token, found_in())
    offered = [described(), described("toy-method"), described("third", distribution="toy.method")]
    refused = announce("worker-2", offered, {BOARD: board_data()})
    assert [one.name for one in refused] == ["toy-method", "third"]
    assert {one.code for one in refused} == {"plugin.name_taken"}
    assert Method.objects.get(name="toy-method").owner == person
    assert not Method.objects.filter(name="third").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_that_introduce_one_name_at_once_one_wins(person: User, other: User, tmp_path: Path) -> None:
    announce("worker-1", [described()], {BOARD: board_data()}, accepts=list(Kind))
    runs = []
    for who, name in ((person, "pack-one"), (other, "pack-two")):
        submit(who, package(sent(who, make_wheel(tmp_path, name))))
        runs.append(claimed())
    results = at_once(
        [
            lambda run=run, name=name: introduce(run.pk, run.token, found_in("same", distribution=name)).method
            for run, name in zip(runs, ("pack-one", "pack-two"), strict=True)
        ]
    )
    assert sorted(results) == ["plugin.name_taken", "same"]
    assert Submission.objects.filter(method__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_trials_introduced_at_once_make_one_method(person: User, tmp_path: Path) -> None:
    from tests.unit.web.conftest import make_run

    announce("worker-1", [described()], {BOARD: board_data()}, accepts=list(Kind))
    made = submit(person, package(sent(person, make_wheel(tmp_path, "toy-method"))))
    make_run(made, 1, Status.QUEUED, token="")
    runs = [claimed(), claimed()]
    assert (
        at_once([lambda run=run: introduce(run.pk, run.token, found_in()).method for run in runs]) == ["toy-method"] * 2
    )
    assert Method.objects.filter(name="toy-method").count() == 1


def at_once(actions: list[Callable[[], str]]) -> list[str]:
    """The results, or codes of refusal, of actions that several threads do at the same moment."""
    ready, results = threading.Barrier(len(actions)), []

    def work(action: Callable[[], str]) -> None:
        ready.wait()
        try:
            results.append(action())
        except PluginRefused as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
