"""Entries against one another: by examples where outcomes are kept, and no more of hidden labels than may be told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from tests.unit.web.conftest import BOARD, api_error
from tests.unit.web.test_comparing import BENCHMARK, SIZE, enter, entered, made, three

from farfield_web.accounts.models import User
from farfield_web.contrasts import asking, tasks
from farfield_web.contrasts.asking import found_for, prune
from farfield_web.contrasts.chosen import Choice, choice
from farfield_web.contrasts.making import by_errors, by_examples, two_digits
from farfield_web.contrasts.models import Contrast
from farfield_web.contrasts.tasks import contrast
from farfield_web.leaderboards.comparing import compare_board
from farfield_web.runs.models import Run
from farfield_web.submissions.models import Submission
from farfield_web.submissions.rulings import invalidate

__all__ = ["three"]
pytestmark = [pytest.mark.services, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the site worker is asked for; nothing is sent."""
    keys: list[str] = []
    monkeypatch.setattr(asking, "send", keys.append)
    return keys


def query(entries: list[Submission]) -> str:
    return "&".join(f"entries={entry.pk}" for entry in entries)


def chosen(entries: list[Submission], **changes: Any) -> Choice:
    wanted = choice(entries[0].owner, [str(entry.pk) for entry in entries])
    return replace(wanted, benchmark=replace(wanted.benchmark, **changes))


def headline(content: dict[str, Any]) -> list[dict[str, Any]]:
    column = BENCHMARK.columns[0]
    key = (column.metric, column.domain)
    return next(one["contrasts"] for one in content["figures"] if (one["metric"], one["domain"]) == key)


def test_by_errors_at_once_and_by_examples_once_the_worker_has_looked(
    three: list[Submission], call: Any, sent: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = call("get", f"compare?{query(three)}").json()
    assert first["state"] == "waiting"
    assert not any(one["paired"] for one in headline(first))
    (key,) = sent
    contrast(key)
    second = call("get", f"compare?{query(three)}").json()
    assert second["state"] == "made"
    assert all(one["paired"] for one in headline(second))
    near = [next(o for o in headline(body) if (o["first"], o["second"]) == (0, 1)) for body in (first, second)]
    assert near[1]["stderr"] < near[0]["stderr"] / 2
    assert near[1]["p_value"] <= 0.05 < near[0]["p_value"]
    assert len(sent) == 1


def test_differences_are_those_of_published_figures(three: list[Submission], call: Any) -> None:
    body = call("get", f"compare?{query(three)}").json()
    rows = {row["submission"]: row for row in call("get", f"leaderboards/{BOARD}").json()["rows"]}
    for one in headline(body):
        values = [rows[body["entries"][one[at]]["submission"]]["figures"][0]["value"] for at in ("first", "second")]
        assert one["difference"] == pytest.approx(values[0] - values[1], abs=1e-9)
        assert one["low"] <= one["difference"] <= one["high"]
    figures = next(each for each in body["figures"] if each["column"])
    assert [one["value"] for one in figures["values"]] == [
        rows[entry["submission"]]["figures"][0]["value"] for entry in body["entries"]
    ]


def test_without_outcomes_nothing_is_asked_for(announced: None, person: User, call: Any, sent: list[str]) -> None:
    entries = [enter(person, hit, number / 10) for number, hit in enumerate(made([0.7, 0.2]), 1)]
    assert call("get", f"compare?{query(entries)}").json()["state"] == "errors"
    assert not Contrast.objects.exists()


def test_what_waits_is_made_without_a_message_and_made_once(three: list[Submission], call: Any) -> None:
    call("get", f"compare?{query(three)}")
    contrast()
    one = Contrast.objects.get()
    assert one.content is not None
    contrast()
    assert Contrast.objects.get().made_at == one.made_at


def test_another_figure_is_another_comparison(three: list[Submission], call: Any) -> None:
    call("get", f"compare?{query(three)}")
    contrast()
    three[0].figures.filter(domain="shifts").update(value=0.1)
    assert call("get", f"compare?{query(three)}").json()["state"] == "waiting"


def test_where_labels_are_public_examples_are_named(three: list[Submission]) -> None:
    told = by_examples(chosen(three, public_labels=True))["agreements"]
    assert {one["domain"] for one in told} == {domain.name for domain in BENCHMARK.domains if domain.role == "shift"}
    for one in told:
        shares = [one[name] for name in ("both", "only_first", "only_second", "neither")]
        assert sum(shares) == pytest.approx(1, abs=1e-3)
        assert one["examples"] == SIZE
        assert len(one["only"][0]) <= 20
    # The second was made of the first by taking hits away.
    pair = next(one for one in told if (one["first"], one["second"]) == (0, 1))
    assert pair["only_second"] == 0
    assert pair["only"][1] == []


def test_where_labels_are_hidden_shares_are_whole_per_cent_and_no_example_is_named(three: list[Submission]) -> None:
    told = by_examples(chosen(three, public_labels=False))["agreements"]
    assert told
    for one in told:
        assert one["only"] is None
        assert all(round(100 * one[name], 9).is_integer() for name in ("both", "only_first", "only_second", "neither"))


def test_where_labels_are_hidden_predictions_of_elsewhere_are_compared_by_errors_alone(
    three: list[Submission],
) -> None:
    Submission.objects.filter(pk=three[0].pk).update(kind="predictions")
    three[0].refresh_from_db()
    content = by_examples(chosen(three, public_labels=False))
    pairs = {(one["first"], one["second"]): one["paired"] for one in headline(content)}
    assert pairs == {(0, 1): False, (0, 2): False, (1, 2): True}
    assert {(one["first"], one["second"]) for one in content["agreements"]} == {(1, 2)}
    assert all(one["paired"] for one in headline(by_examples(chosen(three, public_labels=True))))


def test_of_few_hidden_examples_no_agreement_is_told(three: list[Submission], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("farfield_web.contrasts.making.LEAST", SIZE + 1)
    assert by_examples(chosen(three, public_labels=False))["agreements"] == []
    assert by_examples(chosen(three, public_labels=True))["agreements"] != []


def test_nothing_has_more_digits_than_may_be_told(three: list[Submission]) -> None:
    for content in (by_examples(chosen(three)), by_errors(chosen(three))):
        for figure in content["figures"]:
            for one in figure["contrasts"]:
                assert one["stderr"] == two_digits(one["stderr"])
                assert one["p_value"] == two_digits(one["p_value"])
                assert round(one["difference"], 5) == one["difference"]


def test_a_part_of_an_entry_s_outcomes_is_not_the_entry(three: list[Submission]) -> None:
    from farfield_web.runs.models import RunOutcomes

    RunOutcomes.objects.filter(run__submission=three[1]).delete()
    pairs = {(one["first"], one["second"]): one["paired"] for one in headline(by_examples(chosen(three)))}
    assert pairs == {(0, 1): False, (0, 2): True, (1, 2): False}


def test_what_the_board_says_counts_all_of_its_pairs(three: list[Submission], call: Any) -> None:
    assert call("get", f"compare?{query(three)}").json()["on_board"] == []
    compare_board(BENCHMARK, "")
    assert call("get", f"compare?{query(three[::-1])}").json()["on_board"] == [
        {"first": 0, "second": 1, "better": 1},
        {"first": 0, "second": 2, "better": 2},
        {"first": 1, "second": 2, "better": 2},
    ]


def test_settings_that_differ_and_costs(three: list[Submission], call: Any) -> None:
    Run.objects.filter(submission=three[0]).update(seconds={"run": 3.0}, memory={"peak_bytes": 1 << 30})
    Run.objects.filter(submission=three[1]).update(seconds={})
    body = call("get", f"compare?{query(three[:2])}").json()
    differing = {one["name"]: one["values"] for one in body["settings"] if one["differs"]}
    assert differing == {"bias": [0.1, 0.2]}
    assert [entry["costs"] for entry in body["entries"]] == [
        {"seconds": 3.0, "memory": 1.0, "warm": None},
        {"seconds": None, "memory": None, "warm": None},
    ]


def test_what_cannot_be_compared_says_why(
    three: list[Submission], person: User, entered: Submission, call: Any, client: Client
) -> None:
    one, two, three_ = (str(entry.pk) for entry in three)
    assert api_error(call("get", f"compare?entries={one}")) == (400, "request.entries")
    assert api_error(call("get", f"compare?entries={one}&entries={one}")) == (400, "request.entries")
    assert api_error(call("get", f"compare?entries={one}&entries=x")) == (404, "request.not_found")
    nobody = "00000000-0000-0000-0000-000000000000"
    assert api_error(call("get", f"compare?entries={one}&entries={nobody}")) == (404, "request.not_found")
    assert api_error(call("get", f"compare?entries={one}&entries={entered.pk}")) == (409, "request.not_comparable")
    invalidate(three[1], "operator", "It read the labels.")
    assert api_error(call("get", f"compare?entries={one}&entries={two}")) == (409, "request.not_comparable")
    page = client.get(f"/compare/?entries={one}&entries={two}")
    assert page.status_code == 409
    assert "It read the labels." in page.content.decode()
    Submission.objects.filter(pk=three_).update(benchmark="ood-detection/mini")
    response = call("get", f"compare?entries={one}&entries={three_}")
    assert "one board" in response.json()["error"]["message"]


def test_older_data_is_not_compared_with_newer(three: list[Submission], call: Any) -> None:
    Run.objects.filter(submission=three[0]).update(comparability_key="0" * 16)
    response = call("get", f"compare?{query(three)}")
    assert api_error(response) == (409, "request.not_comparable")
    assert "revisions" in response.json()["error"]["message"]


def test_what_can_be_compared_no_more_is_forgotten(three: list[Submission], call: Any) -> None:
    call("get", f"compare?{query(three)}")
    invalidate(three[1], "operator", "It read the labels.")
    contrast()
    assert not Contrast.objects.exists()


def test_a_file_that_breaks_it_leaves_errors(
    three: list[Submission], call: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(wanted: Choice) -> dict[str, Any]:
        raise ValueError("a defect")

    call("get", f"compare?{query(three)}")
    monkeypatch.setattr(tasks, "by_examples", broken)
    contrast()
    assert not any(one["paired"] for one in headline(call("get", f"compare?{query(three)}").json()))


def test_so_many_wait_and_so_many_are_kept(three: list[Submission], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST_WAITING", 1)
    assert found_for(chosen(three)).state == "waiting"
    assert found_for(chosen(three[:2])).state == "errors"
    contrast()
    assert found_for(chosen(three[:2])).state == "waiting"
    monkeypatch.setattr(asking, "MOST_KEPT", 1)
    assert prune() == 1
    assert Contrast.objects.get().content is None


def test_the_page_shows_what_the_api_gives(three: list[Submission], call: Any, client: Client) -> None:
    address = f"/compare/?{query(three)}"
    waiting = client.get(address).content.decode()
    assert 'hx-trigger="every 3s"' in waiting
    contrast()
    text = client.get(address).content.decode()
    assert "hx-trigger" not in text
    assert "example by example" in text
    body = call("get", f"compare?{query(three)}").json()
    (far,) = [one for one in headline(body) if (one["first"], one["second"]) == (0, 2)]
    assert f"\N{MINUS SIGN}{100 * far['difference']:.2f}" in text
    assert "worse beyond chance" in text
    assert "differs" in text
    assert "Tick two to 5 entries" in client.get("/compare/").content.decode()


def test_many_domains_at_once_hold_the_truth(announced: None, person: User, tmp_path: Path) -> None:
    """Two that are the same but for chance are told apart in no figure."""
    hits = made([0.6, 0.6])
    entries = [entered(person, hit, tmp_path, bias) for hit, bias in zip(hits, (0.1, 0.2), strict=True)]
    content = by_examples(chosen(entries))
    values = [one["p_value"] for figure in content["figures"] for one in figure["contrasts"]]
    assert len(values) > len(BENCHMARK.domains)
    assert min(values) > 0.05
    assert np.isfinite(values).all()
