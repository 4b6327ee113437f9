"""The journey of a submission, on a whole site: finished, failed, cancelled, and through the death of its worker."""

import os
import signal
import time
import uuid
from collections.abc import Iterator

import pytest
from tests.live import Live

from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import open_pack
from farfield_evaluators.outcomes import read, rescore
from farfield_web import published

pytestmark = [pytest.mark.services]


@pytest.fixture
def author(live: Live) -> Iterator[Live]:
    author = live.sign_up(f"author-{uuid.uuid4().hex[:8]}")
    with author.api:
        yield author


def run_of(author: Live, number: str) -> dict:
    (run,) = author.submission(number)["runs"]
    return author.api.get(f"runs/{run['id']}").json()


def assert_each_figure_once(pairs: list[tuple[str, str]]) -> None:
    """Eleven domains and two means, each with the metric that the benchmark declares."""
    assert len(pairs) == len(set(pairs))
    domains = [domain for metric, domain in pairs if metric == "accuracy"]
    assert len(domains) == 13
    assert set(pairs) == {(metric, domain) for metric in {m for m, _ in pairs} for domain in domains}
    assert {metric for metric, _ in pairs} == {"accuracy"}


def test_a_submission_ends_on_the_board(author: Live) -> None:
    number = author.submit("toy-brightness", shift=3)
    assert author.finished(number)["status"] == "succeeded"
    board = author.api.get("leaderboards/imagenet-ood/mini").json()
    (row,) = [row for row in board["rows"] if row["submission"] == number]
    assert row["rank"] >= 1
    scores = run_of(author, number)["scores"]
    pairs = [(s["metric"], s["domain"]) for s in scores]
    assert_each_figure_once(pairs)


def test_what_was_said_of_each_example_is_kept_and_gives_the_figures_again(author: Live) -> None:
    number = author.submit("toy-brightness", shift=2)
    assert author.finished(number)["status"] == "succeeded"
    shown = {(score["metric"], score["domain"]): score["value"] for score in run_of(author, number)["scores"]}
    benchmark, var = find("imagenet-ood/mini"), author.site.var
    pack = open_pack(var / "packs", benchmark.pack)
    files = [path for path in (var / "outcomes").iterdir() if len(path.name) == 64]
    kept = [outcomes for path in files if (outcomes := read(path, path.name)).benchmark == benchmark.name]
    again = [{f.key: published.figure(f.value) for f in rescore(benchmark, pack, outcomes)} for outcomes in kept]
    assert shown in again


def test_a_curve_comes_with_its_entry(author: Live) -> None:
    number = author.submit("toy-line", shift=1)
    assert author.finished(number)["status"] == "succeeded"
    run = run_of(author, number)
    assert [point["point"] for point in run["curve"]] == [0, 1, 2]
    own = {(s["metric"], s["domain"]): s["value"] for s in run["scores"]}
    for score in run["curve"][1]["scores"]:
        assert score["value"] == own[score["metric"], score["domain"]]
    page = author.api.get(f"{author.site.url}/submissions/{number}/").text
    assert page.count('<h2 id="curve">') == 1
    other = author.submit("toy-brightness", shift=1)
    author.finished(other)
    assert run_of(author, other)["curve"] == []


def test_a_failing_method_ends_with_a_reason_and_its_log(author: Live) -> None:
    number = author.submit("toy-raises")
    assert author.finished(number)["status"] == "failed"
    run = run_of(author, number)
    assert run["failure"]["code"] == "plugin.raised"
    assert "colour is a lie" in run["failure"]["message"]
    assert "colour is a lie" in author.api.get(f"runs/{run['id']}/log").json()["text"]


def test_cancel_stops_the_process_within_seconds(author: Live) -> None:
    number = author.submit("toy-slow")
    author.wait(lambda: author.submission(number)["status"] == "running")
    author.api.post(f"submissions/{number}/cancel").raise_for_status()
    assert author.submission(number)["status"] == "cancelled"
    following = author.submit("toy-brightness", shift=4)
    started = time.monotonic()
    assert author.finished(following)["status"] == "succeeded"
    assert time.monotonic() - started < 20
    assert run_of(author, number)["scores"] == []


def test_kill_minus_nine_of_the_worker_ends_with_one_evaluation(author: Live) -> None:
    number = author.submit("toy-slow", shift=1)
    author.wait(lambda: author.submission(number)["status"] == "running")
    worker = author.site.processes.pids()["evaluation worker"]
    os.kill(worker, signal.SIGKILL)
    assert author.finished(number, 120)["status"] == "succeeded"
    assert author.site.processes.pids()["evaluation worker"] != worker
    run = run_of(author, number)
    assert run["attempt"] == 2
    pairs = [(s["metric"], s["domain"]) for s in run["scores"]]
    assert_each_figure_once(pairs)
    states = [event["target"] for event in author.api.get(f"runs/{run['id']}/events").json()]
    assert states.count("succeeded") == 1
    assert states.count("running") == 2


def test_operating_a_planned_stop_of_the_worker_costs_no_time_and_no_attempt(author: Live) -> None:
    number = author.submit("toy-slow", shift=2)
    author.wait(lambda: author.submission(number)["status"] == "running")
    os.kill(author.site.processes.pids()["evaluation worker"], signal.SIGTERM)
    began = time.monotonic()
    author.wait(lambda: run_of(author, number)["status"] != "running", 5)
    assert time.monotonic() - began < 5
    events = author.api.get(f"runs/{run_of(author, number)['id']}/events").json()
    assert any("stopped in order" in event["message"] for event in events)
    assert not any("nothing was heard" in event["message"] for event in events)
    assert author.finished(number, 120)["status"] == "succeeded"


def test_the_specimen_wheel_is_evaluated(author: Live) -> None:
    methods = [
        m["name"] for m in author.api.get("methods?page_size=200").json()["results"] if "specimen" in m["distribution"]
    ]
    assert methods
    for name in methods:
        family = author.api.get(f"methods/{name}").json()["family"]
        benchmark = {"classification": "imagenet-ood/mini", "ood-detection": "ood-detection/mini"}[family]
        number = author.submit(name, benchmark)
        assert author.finished(number)["status"] == "succeeded", run_of(author, number)
