"""Scores that are hidden until a date are told nowhere: every address is walked as each person, and read."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests.unit.evaluators.own.made import FOLDERS, installed
from tests.unit.pages.addresses import filled, routes
from tests.unit.pages.content import BOARD, Site, drive, enter, fill

from farfield.client.http import FILE_OR_ERROR
from farfield_web.accounts.models import User
from farfield_web.changed import changed
from farfield_web.hosting.change import change
from farfield_web.hosting.hidden import names_hidden_from
from farfield_web.leaderboards import overtaken
from farfield_web.people.models import Choice
from farfield_web.runs.models import RunEvent
from farfield_web.runs.results import note
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.services, pytest.mark.django_db]
OF_ADA, OF_GRACE = 0.7391, 0.6183
RANK = re.compile(r"rank \d+ of \d+|<dt>Rank</dt><dd><span class=\"big\">\d", re.IGNORECASE)


def hide(authors_see: bool = True) -> None:
    change(BOARD, {"hidden_until": timezone.now() + timedelta(days=3), "authors_see": authors_see}, by=None)


@pytest.fixture
def site() -> Site:
    """A site with an entry of each of two people, and an operator."""
    site = fill()
    User.objects.create_user("root", is_staff=True)
    User.objects.create_user("mary")
    for name, person, value in (("ada", site.ada, OF_ADA), ("grace", site.grace, OF_GRACE)):
        site.submissions[name] = enter(person, "tuned", "open", config={"rate": 0.25})
        drive(site.run(name), "succeeded", site.benchmark, accuracy=value)
    return site


def walked(site: Site) -> list[str]:
    """Every address of the site that can be asked for, with both entries, their runs, their method and their board."""
    entries = [site.submissions[name] for name in ("ada", "grace")]
    given = {
        "uuid": [str(key) for entry in entries for key in (entry.pk, entry.runs.get().pk)], "int": ["0"],
        "slug": ["tuned", "robustness", "domains"], "benchmark": [BOARD], "path": [BOARD], "string": ["ada", "grace"],
        "base36": ["1"],
    }  # fmt: skip
    addresses = [address for route, pattern in routes() for address in filled(route, pattern, given)]
    both = "&".join(f"entries={entry.pk}" for entry in entries)
    asked = [f"{at}?{both}" for at in ("/compare/", "/api/v1/compare")]
    asked += [f"{at}?benchmarks={BOARD}&by=mean-score" for at in ("/standings/", "/api/v1/standings")]
    return [*addresses, *asked, f"/boards/{BOARD}/?by=accuracy.id&reported=1", "/api/v1/submissions?owner=ada"]


def telling(site: Site, who: str) -> dict[str, set[str]]:
    """By the name of whose entry it is, the addresses at which this person reads its figures, and ranks."""
    client = Client(raise_request_exception=False)
    if who:
        client.force_login(User.objects.get(username=who))
    found: dict[str, set[str]] = {"ada": set(), "grace": set(), "rank": set()}
    for address in walked(site):
        answer: Any = client.get(address)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        body = content.decode("utf-8", "replace")
        for name, value in (("ada", OF_ADA), ("grace", OF_GRACE)):
            if any(text in body for text in (f"{value}", f"{100 * value:.2f}", f"{100 * value:.1f}")):
                found[name].add(address)
        if RANK.search(body):
            found["rank"].add(address)
    return found


def test_they_are_told_to_nobody_but_operators_and_each_author_their_own(site: Site) -> None:
    hide()
    everything = telling(site, "root")
    assert len(everything["ada"]) > 15, "the walk does not reach the figures"
    assert len(everything["grace"]) > 15
    assert len(everything["rank"]) > 2
    for who in ("", "mary"):
        assert telling(site, who) == {"ada": set(), "grace": set(), "rank": set()}, who
    own = telling(site, "grace")
    entry = site.submissions["grace"]
    assert f"/submissions/{entry.pk}/" in own["grace"]
    assert f"/api/v1/submissions/{entry.pk}" in own["grace"]
    assert (own["ada"], own["rank"]) == (set(), set())


def test_they_can_be_hidden_from_their_authors_as_well(site: Site) -> None:
    hide(authors_see=False)
    assert telling(site, "grace") == {"ada": set(), "grace": set(), "rank": set()}


def test_an_author_still_finds_their_entries_and_may_withdraw_them(site: Site, client: Client) -> None:
    hide(authors_see=False)
    client.force_login(site.grace)
    entry = site.submissions["grace"]
    assert str(entry.pk) in client.get("/account/submissions/").content.decode()
    assert client.get(f"/submissions/{entry.pk}/withdraw/").status_code == 200
    refused = client.get(f"/submissions/{entry.pk}/")
    assert refused.status_code == 403
    assert f"The scores of {BOARD} are hidden until " in refused.content.decode()


def test_the_api_and_files_say_why(site: Site, client: Client) -> None:
    hide()
    for address in (f"/api/v1/leaderboards/{BOARD}", f"/boards/{BOARD}/board.csv"):
        answer = client.get(address, headers={"Accept": FILE_OR_ERROR})
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "scores.hidden")
        assert "are hidden until" in answer.json()["error"]["message"]


def test_pages_that_were_kept_before_are_not_given_out(site: Site, client: Client) -> None:
    at = f"/boards/{BOARD}/"
    assert "73.9" in client.get(at).content.decode()
    home = client.get("/").content.decode()
    assert "73.9" in home
    hide()
    assert client.get(at).status_code == 403
    assert "73.9" not in client.get("/").content.decode()


def test_they_are_there_again_when_the_date_is_over(site: Site, client: Client) -> None:
    change(BOARD, {"hidden_until": timezone.now() - timedelta(seconds=1)}, by=None)
    assert "73.9" in client.get(f"/boards/{BOARD}/").content.decode()


def test_nobody_is_told_that_they_were_overtaken(site: Site) -> None:
    Choice.objects.create(user=site.grace, kinds=["entry-overtaken"])
    assert overtaken.look(BOARD, "") == 0
    drive_above(site)
    hide()
    assert overtaken.look(BOARD, "") == 0
    change(BOARD, {"hidden_until": None}, by=None)
    assert overtaken.look(BOARD, "") == 2  # both of hers


def drive_above(site: Site) -> None:
    site.submissions["above"] = enter(site.ada, "constant", "scratch", config={})
    drive(site.run("above"), "succeeded", site.benchmark, accuracy=0.99)
    changed(BOARD, "", site.submissions["above"].pk)


def test_the_timeline_of_a_run_tells_no_figure_of_another_entry(site: Site) -> None:
    hide()
    for name in ("ada", "grace"):
        note(Submission.objects.get(pk=site.submissions[name].pk), site.benchmark)
    message = RunEvent.objects.get(kind="changed-figure").message
    assert "accuracy on id" in message
    assert not re.search(r"0\.\d{3}", message)


def test_hosts_of_a_benchmark_of_their_own_see_them(tmp_path: Any, site: Site) -> None:
    with installed(tmp_path / "var", zebrafinch=FOLDERS + '[access]\nowners = ["ada", "team:vision"]\n'):
        change("own/zebrafinch", {"hidden_until": timezone.now() + timedelta(days=1)}, by=None)
        assert names_hidden_from(site.ada) == frozenset()
        assert names_hidden_from(site.grace) == {"own/zebrafinch"}
