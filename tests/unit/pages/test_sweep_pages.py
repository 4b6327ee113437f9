"""A sweep's own pages: counts, results so far, its runs in groups, one run, and what its owner may do."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from tests.unit.pages.content import Site
from tests.unit.pages.sweeps import PACS, announce_sweeps, end, enter_sweep, finished, run_at, under_way
from tests.unit.pages.test_every_page import check

from farfield_web.leaderboards.tasks import compare
from farfield_web.runs.logs import append
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status, move
from farfield_web.submissions.models import BenchmarkData, Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]
RUNS = 600


@pytest.fixture
def half(site: Site) -> Submission:
    announce_sweeps()
    return under_way(site)


def text(client: Client, address: str, **headers: str) -> str:
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def page(client: Client, submission: Submission, name: str = "submission", query: str = "") -> str:
    return text(client, reverse(name, args=[submission.pk]) + query)


def test_its_benchmarks_page_has_the_words_of_its_plan(client: Client, half: Submission) -> None:
    shown = text(client, reverse("benchmark", args=[PACS]))
    assert "<dt>Training split</dt><dd>the larger part of every environment that is not held out</dd>" in shown
    assert '<h2 id="domains">Environments</h2>' in shown
    assert "<code>env0</code>" in shown
    assert [f'<th scope="col"{name}</th>' in shown for name in (">In records", ' class="num">Images')] == [True, True]


def test_it_counts_its_runs(client: Client, half: Submission) -> None:
    found = page(client, half)
    assert "300 of 600 done, 60 under way, 120 waiting, 60 failed, 60 cancelled" in found
    assert '<progress max="600" value="300"' in found
    assert 'hx-trigger="every 5s, farfield:news from:body"' in found
    assert "Its next run is" in found


def test_it_shows_what_there_is_so_far(client: Client, half: Submission) -> None:
    found = page(client, half)
    table = found[found.index('class="results"') :].split("</table>", maxsplit=1)[0]
    rows = re.findall(r"<tr.*?</tr>", table, re.DOTALL)
    assert len(rows) == 1 + 4 + 1
    assert "50.5" in rows[1]
    assert rows[1].count("2 of 3 trials") == 3
    assert "Leave-one-domain-out" in rows[0]
    assert set(re.findall(r'class="num">([^<]+)', rows[4] + rows[5])) == {"\N{EN DASH}"}


def test_a_tier_without_pairs_says_which_rule_is_missing(client: Client, site: Site) -> None:
    announce_sweeps()
    found = page(client, finished(site, "erm", 0.6))
    table = found[found.index('class="results"') :].split("</table>", maxsplit=1)[0]
    assert "Leave-one-domain-out" not in table
    assert "Leave-one-domain-out validation needs pairs" in found
    assert "trials</span>" not in table
    assert "All of its runs are done" in found
    assert 'hx-trigger="every' not in found
    assert f'href="/boards/{PACS}/?tier=defaults"' in found


def test_each_group_is_folded_with_a_square_for_each_run(client: Client, half: Submission) -> None:
    found = page(client, half)
    groups = found[found.index('id="runs"') :]
    # Ten choices of one or two of four environments, in three trials.
    assert groups.count('<details class="group">') == 30
    strips = re.findall(r'class="strip"[^>]*title="[^"]*">(.*?)</span>', groups)
    assert sum(strip.count("<i ") for strip in strips) == RUNS
    assert sum(strip.count("is-failed") for strip in strips) == 60
    assert "Art paintings and Cartoons" in groups


def test_a_tier_of_one_draw_has_a_group_for_each_environment(client: Client, site: Site) -> None:
    announce_sweeps()
    found = page(client, finished(site, "erm", 0.6))
    assert found.count('<details class="group">') == 4
    assert found.count('class="count">3 of 3 done') == 4


def test_no_page_of_a_sweep_grows_with_its_queries(
    ada: Client, half: Submission, django_assert_max_num_queries: Any
) -> None:
    compare()  # the site worker's, after every change
    with django_assert_max_num_queries(45):
        found = page(ada, half)
    assert len(found) < 100_000
    with django_assert_max_num_queries(45):
        page(ada, half, "submission-live")
    with django_assert_max_num_queries(20):
        text(ada, "/account/submissions/")
    with django_assert_max_num_queries(15):
        page(ada, half, "submission-runs")


def test_failures_are_told_once_with_what_to_do(client: Client, half: Submission) -> None:
    found = page(client, half)
    assert "60 runs failed: " in found
    assert found.count("ValueError: the loss is nan") == 1
    assert "What to do." in found
    assert "?status=failed" in found
    assert "Runs were cancelled: it was so." in found


def test_the_live_part_brings_the_squares_and_is_silent_while_nothing_changes(client: Client, half: Submission) -> None:
    address = re.search(r'hx-get="([^"]+live[^"]+)"', page(client, half))
    assert address
    assert client.get(address[1]).status_code == 204
    move(run_at(half, Status.RUNNING), Status.FAILED)
    changed = text(client, address[1])
    assert changed.count('hx-swap-oob="true"') == 30
    assert "61 failed" in changed
    assert "<html" not in changed
    assert 'id="runs"' not in changed


def test_progress_of_a_run_is_news(client: Client, half: Submission) -> None:
    address = re.search(r'hx-get="([^"]+live[^"]+)"', page(client, half))
    assert address
    run = run_at(half, Status.RUNNING)
    Run.objects.filter(pk=run.pk).update(progress={"phase": "fit", "done": 600, "total": 1200})
    assert "50%" in text(client, address[1])


def test_a_group_opens_with_its_runs_alone(client: Client, half: Submission) -> None:
    found = page(client, half)
    address = re.search(r'hx-get="([^"]+/runs/\?held-out=0,1&amp;trial=2)"', found)
    assert address
    part = text(client, address[1].replace("&amp;", "&"), **{"HX-Request": "true"})
    assert part.strip().startswith('<div class="run-table"')
    assert part.count('<th scope="row">') == 20
    assert "Draw 7" in part
    assert "Defaults" in part
    assert "Try again" not in part
    whole = text(client, address[1].replace("&amp;", "&"))
    assert "20 runs: Art paintings and Cartoons held out, trial 3" in whole


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 600), ("?status=failed", 60), ("?status=under-way", 60), ("?status=done&trial=0", 100), ("?held-out=3", 60)],
)
def test_the_list_of_runs_is_filtered(client: Client, half: Submission, query: str, count: int) -> None:
    found = page(client, half, "submission-runs", query)
    assert f"{count} runs" in found
    check(query, found)


@pytest.mark.parametrize("query", ["?status=odd", "?trial=x", "?held-out=1,x", "?held-out=99999999999", "?trial=-1"])
def test_no_such_runs(client: Client, half: Submission, query: str) -> None:
    assert client.get(reverse("submission-runs", args=[half.pk]) + query).status_code == 404


def test_a_run_has_a_page(client: Client, half: Submission) -> None:
    run = run_at(half, Status.RUNNING)
    append(run, "step 300\n", 0)
    found = text(client, reverse("run", args=[run.pk]))
    check("run", found)
    assert "Art paintings held out, trial 1, draw 6" in found
    assert "300 of 1200" in found
    assert "step 300" in found
    assert str(run.seed) in found
    address = re.search(r'hx-get="([^"]+/live/[^"]+)"', found)
    assert address
    assert client.get(address[1]).status_code == 204
    move(run, Status.SCORING)
    assert "Scoring" in text(client, address[1])


def test_one_run_is_retried_alone_by_its_owner(ada: Client, stranger: Client, half: Submission) -> None:
    run = run_at(half, Status.FAILED)
    address = reverse("run-retry", args=[run.pk])
    assert "Try this run again" in text(ada, reverse("run", args=[run.pk]))
    assert "Try this run again" not in text(stranger, reverse("run", args=[run.pk]))
    assert stranger.post(address).status_code == 403
    assert "Nothing was changed" in ada.get(address, follow=True).content.decode()
    again = ada.post(address, follow=True)
    assert again.redirect_chain == [(reverse("run", args=[run.pk]), 302)]
    assert "Queued again" in again.content.decode()
    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.QUEUED, 2)
    assert half.runs.filter(status=Status.FAILED).count() == 59
    assert "Only a run that failed" in ada.post(address, follow=True).content.decode()


def test_the_owner_can_cancel_and_retry_what_is_not_done(ada: Client, half: Submission) -> None:
    assert "Cancel what is not done" in page(ada, half)
    asked = ada.post(reverse("submission-cancel", args=[half.pk])).content.decode()
    assert "180 runs of this sweep would be cancelled, 60 of them under way" in asked
    assert "still counts against your quota" in asked
    assert half.runs.filter(status=Status.CANCELLED).count() == 60
    ada.post(reverse("submission-cancel", args=[half.pk]), {"sure": "1"})
    assert half.runs.filter(status=Status.SUCCEEDED).count() == 300
    assert "Try again: all that failed or was cancelled" in page(ada, half)
    ada.post(reverse("submission-retry", args=[half.pk]))
    assert half.runs.filter(status=Status.QUEUED).count() == 300


def test_records_can_be_downloaded_once_there_are_any(client: Client, site: Site) -> None:
    announce_sweeps()
    new = enter_sweep(site, "smoke")
    assert "Download the records" not in page(client, new)
    assert f'href="/api/v1/submissions/{finished(site, "erm", 0.6).pk}/records"' in page(
        client, Submission.objects.order_by("-created_at")[0]
    )


def test_how_to_read_the_records_of_a_sweep_under_way(client: Client, half: Submission, site: Site) -> None:
    assert "farfield score domainbed --records DIR --partial<" in page(client, half)
    assert "farfield score domainbed --records DIR<" in page(client, finished(site, "erm", 0.6))


def test_a_sweep_on_data_that_no_worker_has_is_not_next(client: Client, half: Submission) -> None:
    BenchmarkData.objects.update(current=False)
    found = page(client, half)
    assert "No worker that can run it has been heard of lately" in found
    assert "Its next run is" not in found


def test_before_it_starts(client: Client, site: Site) -> None:
    announce_sweeps()
    found = page(client, enter_sweep(site, "defaults"))
    assert "0 of 12 done, 12 waiting" in found
    assert "Results so far" in found


def test_every_page_of_a_sweep_is_well_made(ada: Client, client: Client, half: Submission, site: Site) -> None:
    hopeless = enter_sweep(site, "smoke", "coral")
    end(hopeless.runs.all(), Status.FAILED, failure_code="plugin.raised", failure_message="no")
    for browser in (ada, client):
        for submission in (half, hopeless, finished(site, "erm", 0.5, title=f"by {id(browser)}")):
            check("submission", page(browser, submission))
            check("runs", page(browser, submission, "submission-runs"))
    for path in ("/", "/benchmarks/", f"/benchmarks/{PACS}/", f"/boards/{PACS}/", "/methods/erm/", "/submit/",
                 f"/submit/{PACS}/", "/account/submissions/", f"/submit/{PACS}/with/erm/",
                 f"/submit/{PACS}/bring/predictions/", f"/submit/{PACS}/bring/package/"):  # fmt: skip
        check(path, text(ada, path))


def test_the_list_of_a_person_tells_how_far_a_sweep_is(ada: Client, half: Submission) -> None:
    found = text(ada, "/account/submissions/")
    assert "300 of 600 runs" in found
    assert "Full · Open" in found
