"""A submission's page: what it says in each state, its live parts, cancel and retry."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from tests.unit.pages.content import HOSTILE, Site

from farfield_web.runs.logs import append
from farfield_web.runs.models import Run, Score
from farfield_web.runs.queue import Outlook
from farfield_web.runs.status import Status, move

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def path(site: Site, state: str, action: str = "") -> str:
    return reverse(f"submission{action}", args=[site.submissions[state].pk])


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_queued(client: Client, site: Site) -> None:
    page = text(client, path(site, "queued"))
    assert "Next in the queue" in page
    assert 'hx-trigger="every 2s, farfield:news from:body"' in page
    assert 'http-equiv="refresh"' in page


def test_running_shows_progress_and_log(client: Client, site: Site) -> None:
    page = text(client, path(site, "running"))
    assert "30 of 120" in page
    assert '<progress max="120" value="30"' in page
    assert "loading" in page
    assert page.count('hx-trigger="every 2s, farfield:') == 2


@pytest.mark.parametrize("state", ["failed", "cancelled", "succeeded"])
def test_an_ended_submission_no_longer_polls(client: Client, site: Site, state: str) -> None:
    page = text(client, path(site, state))
    assert "hx-trigger" not in page
    assert "refresh" not in page


def test_failed_says_why_what_to_do_and_what_it_cost(client: Client, site: Site) -> None:
    page = text(client, path(site, "failed"))
    assert "12 logits are not finite" in page
    assert "predictions.invalid" in page
    assert "What to do." in page
    assert "counts against your quota" in page


def test_quota_given_back_is_told(client: Client, site: Site) -> None:
    submission = site.submissions["failed"]
    submission.quota_at, submission.quota_returned_because = None, "the platform failed"
    submission.save()
    assert "given back: the platform failed" in text(client, path(site, "failed"))


def test_succeeded_shows_the_scores(client: Client, site: Site) -> None:
    page = text(client, path(site, "succeeded"))
    assert "60.0" in page
    assert "Mean of shifts" in page


def test_the_page_says_in_which_numbers_it_was_computed(client: Client, site: Site) -> None:
    said = "<dt>Precision</dt><dd>bfloat16</dd>"
    assert said not in text(client, path(site, "succeeded"))
    changed = Run.objects.filter(submission=site.submissions["succeeded"]).update(environment={"precision": "bfloat16"})
    assert changed
    assert said in text(client, path(site, "succeeded"))


def test_groups_have_rows_after_the_domains(client: Client, site: Site) -> None:
    run = site.run("succeeded")
    Score.objects.create(run=run, attempt=run.attempt, metric="accuracy", domain="noto[place=field]", value=0.123)
    page = text(client, path(site, "succeeded"))
    assert page.index("Symbola") < page.index("noto[place=field]") < page.index("12.3")


def test_only_the_owner_is_offered_to_act(ada: Client, stranger: Client, client: Client, site: Site) -> None:
    for browser, offered in ((ada, True), (stranger, False), (client, False)):
        assert ("/cancel/" in text(browser, path(site, "running"))) is offered
        assert ("/retry/" in text(browser, path(site, "failed"))) is offered


def test_cancel_and_retry(ada: Client, site: Site) -> None:
    asked = ada.post(path(site, "queued", "-cancel")).content.decode()
    assert "Cancel what is not done?" in asked
    assert "your quota is given back" in asked
    assert site.run("queued").status == Status.QUEUED, "a question comes first"
    page = ada.post(path(site, "queued", "-cancel"), {"sure": "1"}, follow=True).content.decode()
    assert site.run("queued").status == Status.CANCELLED
    assert "given back" in page
    ada.post(path(site, "queued", "-retry"))
    assert site.run("queued").status == Status.QUEUED


@pytest.mark.parametrize(("action", "state"), [("-cancel", "running"), ("-retry", "failed")])
def test_a_stranger_may_not_act(stranger: Client, site: Site, action: str, state: str) -> None:
    response = stranger.post(path(site, state, action))
    assert response.status_code == 403
    assert b"signed in as <strong>grace" in response.content
    assert site.run(state).status == state


def test_nobody_acts_by_following_a_link(ada: Client, client: Client, site: Site) -> None:
    page = ada.get(path(site, "running", "-cancel"), follow=True).content.decode()
    assert "Nothing was changed" in page
    assert client.post(path(site, "running", "-cancel"))["Location"].startswith("/account/sign-in/")
    assert site.run("running").status == Status.RUNNING


def test_what_can_no_longer_be_done_is_explained(ada: Client, site: Site) -> None:
    page = ada.post(path(site, "succeeded", "-cancel"), follow=True).content.decode()
    assert "Nothing is left to cancel" in page


def test_the_live_part_is_silent_until_something_changes(client: Client, site: Site) -> None:
    first = text(client, path(site, "running", "-live"))
    found = re.search(r'hx-get="([^"]+)"', first)
    assert found
    assert client.get(found[1]).status_code == 204
    move(site.run("running"), Status.SCORING)
    changed = text(client, found[1])
    assert "Scoring" in changed
    assert 'hx-swap-oob="innerHTML"' in changed
    assert "<html" not in changed


def test_progress_alone_is_not_announced(client: Client, site: Site) -> None:
    changed = text(client, path(site, "running", "-live") + "?seen=running.0")
    assert "30 of 120" in changed
    assert "hx-swap-oob" not in changed
    assert "<title>" not in changed


def test_the_log_tail_brings_only_what_is_new_and_stops(client: Client, site: Site) -> None:
    run = site.run("running")
    append(run, f"new {HOSTILE}\n", 8)
    tail = text(client, reverse("run-log-tail", args=[run.pk, 1, 8]))
    assert tail.startswith("new &lt;script&gt;")
    assert f"/log/1/{8 + len(HOSTILE) + 5}/" in tail
    move(run, Status.FAILED)
    assert text(client, reverse("run-log-tail", args=[run.pk, 1, 8000])) == ""


def test_the_whole_log_is_plain_text(client: Client, site: Site) -> None:
    run = site.run("running")
    append(run, HOSTILE, 8)
    response = client.get(reverse("run-log-text", args=[run.pk]))
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content.decode() == "loading\n" + HOSTILE


def test_the_page_of_a_log_has_all_attempts_apart_and_no_terminal_codes(client: Client, site: Site) -> None:
    run = site.run("running")
    append(run, "\x1b[31mred\x1b[0m one\n", 8)
    run.attempt = 2
    run.save()
    append(run, f"two {HOSTILE}\n", 0)
    page = text(client, reverse("run-log", args=[run.pk]))
    assert page.index("Attempt 2") < page.index("two &lt;script&gt;") < page.index("Attempt 1") < page.index("red one")
    assert "\x1b" not in page
    plain = text(client, reverse("run-log-text", args=[run.pk]))
    assert (
        plain.index(" attempt 1 ") < plain.index("red one") < plain.index(" attempt 2 ") < plain.index("two <script>")
    )
    tail = text(client, reverse("run-log-tail", args=[run.pk, 1, 8]))
    assert tail.index(" attempt 2 ") < tail.index("two ")


def test_half_a_terminal_code_waits_for_its_other_half(client: Client, site: Site) -> None:
    run = site.run("running")
    append(run, "so \x1b[3", 8)
    tail = text(client, reverse("run-log-tail", args=[run.pk, 1, 8]))
    assert (tail.startswith("so <span"), "/log/1/11/" in tail) == (True, True)
    append(run, "1mred\n", 14)
    assert text(client, reverse("run-log-tail", args=[run.pk, 1, 11])).startswith("red\n<span")


def test_messages_keep_the_spelling_of_identifiers(client: Client, site: Site) -> None:
    run = site.run("failed")
    for message, shown in (("text.txt is no image", "text.txt is no image"), ("there is none", "There is none")):
        Run.objects.filter(pk=run.pk).update(failure_message=message)
        assert f"<p>{shown}</p>" in text(client, path(site, "failed"))


def test_a_hostile_log_is_only_text(client: Client, site: Site) -> None:
    append(site.run("running"), HOSTILE, 8)
    page = text(client, path(site, "running"))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_withdrawn_benchmark_still_has_its_page(client: Client, site: Site) -> None:
    submission = site.submissions["succeeded"]
    submission.benchmark = "gone/away"
    submission.save()
    assert "withdrawn" in text(client, path(site, "succeeded"))


@pytest.mark.parametrize(
    ("outlook", "sentence"),
    [
        (Outlook(place=1, of=3, run_seconds=None, wait_seconds=None), "Next in the queue."),
        (
            Outlook(place=4, of=9, run_seconds=40.0, wait_seconds=240.0),
            "Number 4 of 9 in the queue, to start in about 4 min. Runs like it took about 40 s.",
        ),
        (Outlook(place=None, of=0, run_seconds=40.0, wait_seconds=None), "Runs like it took about 40 s."),
        (Outlook(place=None, of=0, run_seconds=None, wait_seconds=None), ""),
    ],
)
def test_the_outlook_in_words(outlook: Outlook, sentence: str) -> None:
    from farfield_web.pages.runs.queue_words import queue_sentence

    assert queue_sentence(outlook) == sentence
