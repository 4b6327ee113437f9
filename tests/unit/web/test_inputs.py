"""A method with several inputs on the site: what an entry of it takes, claims and is called, and what it was before."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.unit.web import sweeps
from tests.unit.web.conftest import BOARD, Json, board_data, described, report_of, wanted

from farfield.choices import described_for, with_choice
from farfield_evaluators.suites.domainbed.sweep import Cell
from farfield_web.accounts.models import User
from farfield_web.errors import PluginRefused, SubmissionError
from farfield_web.runs import lease, reaper
from farfield_web.runs.announce import announce
from farfield_web.runs.models import Run
from farfield_web.runs.queue import expected_seconds, outlook
from farfield_web.runs.reports import store
from farfield_web.runs.submit import submit
from farfield_web.runs.verbs import can_retry
from farfield_web.submissions import description
from farfield_web.submissions.models import Method

pytestmark = [pytest.mark.services, pytest.mark.django_db]
SETTINGS: Json = {"type": "object", "additionalProperties": False, "propertyOrder": ["width"]}
SETTINGS["properties"] = {"width": {"type": "integer", "description": "W.", "default": 3, "minimum": 1, "maximum": 9}}


def several(name: str = "probe", family: str = "classification") -> Json:
    """A method that takes images, with a schema of one setting, or features, with a schema of another."""
    names = ["images", "some"]
    whole = described(name, family=family, inputs={"kind": "images", "size": 32}, batch_size=64)
    first = {**whole["config_schema"], "propertyOrder": ["bias"]}
    part = {
        "config_schema": with_choice(SETTINGS, names, "some"),
        "inputs": {"kind": "features", "backbone": "some-backbone", "dim": 4},
        "claims": {"backbone": "some-backbone", "pretraining": ["imagenet-1k"], "extra_data": []},
        "resources": {"gpu": True, "memory_gib": 1.0, "minutes": 5.0},
        "called": f"some-{name}",
    }
    return {**whole, "config_schema": with_choice(first, names, "images"), "choices": {"some": part}}


@pytest.fixture
def offered(db: None) -> None:
    """What a worker offered before, and the one method that took its place."""
    announce("worker-1", [described("some-probe"), described("other")], {BOARD: board_data()})
    announce("worker-1", [several()], {BOARD: board_data()})


def test_the_entry_is_of_the_chosen_input(offered: None, person: User) -> None:
    made = submit(person, wanted(method="probe", config={"input": "some", "width": 5}))
    assert made.config == {"input": "some", "width": 5}
    assert made.runs.get().resource == "gpu"
    assert (made.display_name, made.called) == ("probe on some", "some-probe")


def test_without_it_the_entry_is_as_it_was_before_there_was_a_choice(offered: None, person: User) -> None:
    for config in ({}, {"input": "images"}):
        made = submit(person, wanted(method="probe", config=config, again=True))
        assert (made.config, made.display_name, made.called) == ({"bias": 0.5}, "probe", "probe")


def test_the_api_tells_apart_what_an_entry_takes(offered: None, person: User, call: Any) -> None:
    for config in ({}, {"input": "some"}):
        entry = submit(person, wanted(method="probe", config=config))
        run = lease.claim("worker-1", entry.runs.get().resource)
        assert run is not None
        assert store(report_of(run))
        one = call("get", f"submissions/{entry.pk}").json()
        assert (one["method"], one["input"], one["display_name"]) == ("probe", entry.input, entry.display_name)
    told = {("probe", "", "probe"), ("probe", "some", "probe on some")}
    rows = call("get", f"leaderboards/{BOARD}").json()["rows"]
    listed = call("get", "submissions").json()["results"]
    for bodies in (rows, listed):
        assert {(each["method"], each["input"], each["display_name"]) for each in bodies} == told


def test_tracks_are_open_by_the_claims_of_the_chosen_input(offered: None, person: User) -> None:
    submit(person, wanted(method="probe", track="imagenet-1k", config={"input": "some"}))
    with pytest.raises(SubmissionError) as caught:
        submit(person, wanted(method="probe", track="imagenet-1k"))
    assert caught.value.code == "track.refused"


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({"input": "other"}, "input: 'other' is not one of"),
        ({"input": "some", "bias": 1.0}, "'bias': no such setting"),
        ({"width": 5}, "'width': no such setting"),
        ({"input": ["some"]}, "input: expected a string"),
    ],
)
def test_settings_are_those_of_the_chosen_input(offered: None, person: User, config: Any, says: str) -> None:
    with pytest.raises(SubmissionError) as caught:
        submit(person, wanted(method="probe", config=config))
    assert says in caught.value.message


def test_the_old_name_stays_with_its_entries_and_says_what_it_is_now(offered: None, person: User) -> None:
    assert not Method.objects.get(name="some-probe").available
    with pytest.raises(SubmissionError) as caught:
        submit(person, wanted(method="some-probe"))
    assert (caught.value.code, caught.value.hint) == (
        "method.unavailable",
        "It is now probe with the setting input=some.",
    )
    page = Client().get("/methods/some-probe/").content.decode()
    assert "This is now" in page
    assert "<code>input=some</code>" in page
    assert "This is now" not in Client().get("/methods/other/").content.decode()


def test_what_waits_under_an_old_name_ends_at_no_cost_and_says_the_new_one(db: None, person: User) -> None:
    announce("worker-1", [described("some-probe"), described("other")], {BOARD: board_data()})
    waiting = [submit(person, wanted(method=name)) for name in ("some-probe", "other")]
    assert reaper.reap()["renamed"] == 0
    announce("worker-2", [several()], {BOARD: board_data()})
    assert reaper.reap()["renamed"] == 0, "the old worker still takes it"
    announce("worker-1", [several()], {BOARD: board_data()})
    assert reaper.reap()["renamed"] == 1
    ended, left = (entry.runs.get() for entry in waiting)
    assert (ended.status, ended.failure_code) == ("failed", "method.renamed")
    assert (
        ended.failure_message == "No worker offers 'some-probe' any more. It is now probe with the setting input=some."
    )
    assert left.status == "queued"
    costs = [(one.quota_at is None, one.quota_returned_because) for one in person.submissions.order_by("created_at")]
    assert costs == [(True, "the method has another name now"), (False, "")]
    assert not can_retry(waiting[0], person)


def test_pages_show_each_input_with_its_settings(offered: None, person: User, client: Client) -> None:
    page = client.get("/methods/probe/").content.decode()
    assert "<code>input=images</code>, the default" in page
    assert "4 features of the frozen backbone some-backbone" in page
    client.force_login(person)
    first, other = (client.get(f"/submit/{BOARD}/with/probe/{query}").content.decode() for query in ("", "?input=some"))
    assert 'name="config-bias"' in first
    assert 'name="config-width"' not in first
    assert 'name="config-width"' in other
    sent = {"track": "imagenet-1k", "config-input": "some", "config-width": "4", "idempotency_key": "k"}
    assert client.post(f"/submit/{BOARD}/with/probe/", sent).status_code == 302
    assert person.submissions.get().config == {"input": "some", "width": 4}


def test_a_methods_results_say_which_input_they_are_of(offered: None, person: User) -> None:
    for config in ({}, {"input": "some", "width": 5}):
        submit(person, wanted(method="probe", config=config))
    for resource in ("cpu", "gpu"):
        run = lease.claim("worker-1", resource)
        assert run is not None
        store(report_of(run))
    page = Client().get("/methods/probe/").content.decode()
    assert page.count(f">by {person.username}</a>") == 1
    assert page.count(f">probe on some by {person.username}</a>") == 2, "among all, and as the best of the benchmark"


def test_seeds_of_a_sweep_are_of_the_one_word(db: None, person: User) -> None:
    announce("worker-1", [several("erm", "domain-generalization")], {sweeps.BOARD: sweeps.data()})
    made = submit(person, sweeps.asked(config={"input": "some"}))
    parts = {"dataset": sweeps.DATASET.name, "test_envs": (0,), "hparams_seed": 0, "trial_seed": 0}
    assert made.runs.order_by("trial")[0].seed == Cell(algorithm="some-erm", **parts).seed
    assert submit(person, sweeps.asked()).runs.order_by("trial")[0].seed == Cell(algorithm="ERM", **parts).seed


def strange(**changes: Any) -> Json:
    """A description that a package gives, of a method with two inputs."""
    found = {**several(), "transductive": False, "stochastic": False, "code": "", "licence": "", "papers": []}
    return {**found, **changes}


def test_a_packages_description_is_rebuilt_with_its_choices() -> None:
    kept = description.read(strange(extra=1))
    assert list(kept["choices"]) == ["some"]
    assert kept["choices"]["some"]["called"] == "some-probe"
    assert kept["choices"]["some"]["resources"]["gpu"] is True
    assert "extra" not in kept
    assert description.read(kept) == kept


def test_what_only_the_first_input_has_is_not_the_others() -> None:
    kept = description.read(strange(inputs_by_settings=True, choices=no_choice_of_sizes()))
    assert kept["inputs_by_settings"] is True
    assert described_for(kept, {"input": "some"})["inputs_by_settings"] is False
    assert description.read(kept) == kept


def no_choice_of_sizes() -> Json:
    return {name: {**each, "inputs_by_settings": False} for name, each in several()["choices"].items()}


@pytest.mark.parametrize(
    "choices",
    [
        {"some": {**several()["choices"]["some"], "name": "another"}},
        {"some": {**several()["choices"]["some"], "called": ""}},
        {"some": {**several()["choices"]["some"], "config_schema": SETTINGS}},
        {"other": several()["choices"]["some"]},
        {"some": {**several()["choices"]["some"], "resources": {"memory_gib": -1}}},
        {"some": 3},
        ["some"],
        "some",
    ],
)
def test_choices_that_the_sdk_would_not_write_are_refused(choices: Any) -> None:
    with pytest.raises(PluginRefused):
        description.read(strange(choices=choices))


def test_how_long_a_run_takes_is_told_apart_by_input(offered: None, person: User) -> None:
    start = timezone.now()
    for seconds, config in ((10, {}), (1000, {"input": "some"})):
        run = submit(person, wanted(method="probe", config=config)).runs.get()
        Run.objects.filter(pk=run.pk).update(
            status="succeeded", started_at=start, finished_at=start + timedelta(seconds=seconds)
        )
    method = Method.objects.get(name="probe").pk
    assert (expected_seconds(method, BOARD), expected_seconds(method, BOARD, "", "some")) == (10, 1000)
    waiting = submit(person, wanted(method="probe", config={"input": "some"}, again=True)).runs.get()
    assert outlook(waiting).run_seconds == 1000


FIRST: Json = {"train": "m:f", "config": "m:C", "inputs_for": "", "settings": ["bias"], "parts": ["val"]}


def test_what_a_package_trains_first_is_kept_as_it_is_declared() -> None:
    with_one = described_for(strange(), {})
    kept = description.read({**with_one, "base": FIRST})
    assert kept["base"] == FIRST
    assert description.read(kept) == kept
    assert "base" not in description.read({**with_one, "base": None})


@pytest.mark.parametrize(
    "changes",
    [
        {"base": {**FIRST, "settings": ["width"]}},
        {"base": {**FIRST, "more": 1}},
        {"base": ["m:f"]},
        {"base": FIRST, "family": "domain-generalization"},
    ],
)
def test_any_other_declaration_is_refused(changes: Json) -> None:
    with pytest.raises(PluginRefused, match="base") as caught:
        description.read({**described_for(strange(), {}), **changes})
    assert caught.value.code == "plugin.bad_spec"
