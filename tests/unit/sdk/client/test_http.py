"""What is sent again and what never, which limits are waited for, and what is said when it is of no use."""

from pathlib import Path

import httpx
import pytest
from tests.unit.sdk.client.answering import URL, Answering, error, said

from farfield.client import SiteRefused, SiteUnreachable
from farfield.client.http import LONGEST_WAIT, PAUSES

LOST = httpx.ConnectError("refused")


def test_a_lost_connection_is_tried_again_for_what_only_reads() -> None:
    there = Answering(LOST, LOST, said(200, {"username": "ada"}))
    assert there.site.me() == {"username": "ada"}
    assert there.slept == list(PAUSES[:2])


def test_a_site_that_stays_away_is_named() -> None:
    there = Answering(LOST)
    with pytest.raises(SiteUnreachable, match=f"{URL} does not answer .*check the address"):
        there.site.me()
    assert len(there.asked) == len(PAUSES) + 1


def test_what_changes_something_is_sent_once() -> None:
    there = Answering(LOST)
    with pytest.raises(SiteUnreachable):
        there.site.cancel("5f0c8f3e-0000-4000-8000-000000000001")
    assert len(there.asked) == 1


def test_a_limit_is_waited_for_whatever_was_asked() -> None:
    there = Answering(said(429, error("request.throttled"), Retry_After="7"), said(200, {"id": "x"}))
    there.site.request("POST", "submissions/x/cancel")
    assert there.slept == [7.0]


def test_a_limit_that_lasts_is_told_with_its_time() -> None:
    longer = str(int(LONGEST_WAIT) + 1)
    there = Answering(said(429, error("quota.used_up", "Used up."), Retry_After=longer))
    with pytest.raises(SiteRefused, match=f"Used up. Try again in {longer} s"):
        there.site.me()
    assert there.slept == []


def test_the_sites_own_words_code_field_and_advice_are_told() -> None:
    there = Answering(said(400, error("track.unknown", "There is no track 'x'.", "It has: open.", "track")))
    with pytest.raises(SiteRefused, match=r"track: There is no track 'x'. It has: open.") as caught:
        there.site.me()
    assert (caught.value.code, caught.value.field, caught.value.status) == ("track.unknown", "track", 400)


@pytest.mark.parametrize("status", [502, 503, 504])
def test_what_stands_before_a_site_is_waited_for(status: int) -> None:
    there = Answering(httpx.Response(status, text="<html>"), said(200, {"username": "ada"}))
    assert there.site.me()["username"] == "ada"
    assert there.slept == [PAUSES[0]]


def test_what_the_site_itself_says_for_good_is_not_asked_again() -> None:
    there = Answering(said(503, error("intake.paused", "Paused until Monday.")))
    with pytest.raises(SiteRefused, match="Paused until Monday"):
        there.site.request("GET", "quota")
    assert len(there.asked) == 1


def test_another_programs_page_is_no_answer() -> None:
    with pytest.raises(SiteUnreachable, match="is this the address of a site"):
        Answering(httpx.Response(200, text="<html>")).site.me()


def test_a_file_is_sent_anew_from_its_start(tmp_path: Path) -> None:
    file = tmp_path / "mine.whl"
    file.write_bytes(b"wheel" * 1000)
    there, told = Answering(LOST, said(201, {"sha256": "0"})), []
    there.site.upload(file.name, file, told=lambda done, total: told.append((done, total)))
    assert all(b"wheel" * 1000 in request.content for request in there.asked)
    assert told[-1] == (5000, 5000)


def test_pages_are_followed_on_this_site_alone() -> None:
    elsewhere = "https://evil.example/api/v1/methods?cursor=b"
    there = Answering(
        said(200, {"results": [{"name": "a"}], "next": elsewhere}), said(200, {"results": [], "next": None})
    )
    assert [each["name"] for each in there.site.pages("methods")] == ["a"]
    assert [request.url.host for request in there.asked] == ["farfield.example"] * 2
    assert there.asked[1].url.query == b"cursor=b"


def test_a_token_does_not_follow_to_another_site() -> None:
    there = Answering(httpx.Response(302, headers={"Location": "https://evil.example/"}))
    with pytest.raises(SiteUnreachable):
        there.site.me()
    assert len(there.asked) == 1
