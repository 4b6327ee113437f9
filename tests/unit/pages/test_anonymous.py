"""Nowhere on the site stands the name of an author who hides it: every address is walked."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.pages.addresses import filled, routes
from tests.unit.pages.content import BOARD, Site, drive, enter, fill

from farfield_web.accounts.models import User
from farfield_web.entries import verbs
from farfield_web.submissions.models import Method

pytestmark = [pytest.mark.services, pytest.mark.django_db]
NAME = "zuleika"


@pytest.fixture
def hidden() -> Site:
    """A site with an entry on the board by somebody who hides their name, of a method that they brought."""
    site = fill()
    person = User.objects.create_user(NAME)
    site.submissions["hidden"] = enter(person, "tuned", "open", config={"rate": 0.5})
    drive(site.run("hidden"), "succeeded", site.benchmark, accuracy=0.7)
    Method.objects.filter(name="tuned").update(owner=person, distribution="brought")
    verbs.hide_author(site.submissions["hidden"], person, hide=True)
    return site


def walked(site: Site) -> list[str]:
    """Every address of the site that can be asked for, with this entry, its run, its method and its board in it."""
    run = str(site.run("hidden").pk)
    given = {
        "uuid": [str(site.submissions["hidden"].pk), run], "int": ["0", "1"], "slug": ["tuned", "image"],
        "benchmark": [BOARD], "path": [BOARD], "string": [NAME, "tuned"], "base36": ["1"],
    }  # fmt: skip
    addresses = [address for route, pattern in routes() for address in filled(route, pattern, given)]
    boards = [f"{address}?by=accuracy.id&reported=1" for address in addresses if address.startswith("/boards/")]
    lists = [f"/api/v1/submissions?owner={name}" for name in (NAME, "anonymous")]
    return [*addresses, *boards, *lists]


@pytest.mark.parametrize("who", ["", "grace"])
def test_the_name_of_an_anonymous_author_stands_nowhere(hidden: Site, who: str, client: Client) -> None:
    if who:
        client.force_login(hidden.grace)
    shown, entry = 0, str(hidden.submissions["hidden"].pk)
    for address in walked(hidden):
        answer: Any = client.get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        # A page that is asked for by the name may say it, but not bring the entry with it.
        assert (entry if NAME in address else NAME) not in body.decode("utf-8", "replace"), address
        shown += answer.status_code == 200
    assert shown > 40, "the walk did not reach the site"


def test_it_stands_where_it_did_once_it_is_shown_again(hidden: Site, client: Client) -> None:
    entry = hidden.submissions["hidden"]
    verbs.hide_author(entry, entry.owner, hide=False)
    for address in (
        f"/submissions/{entry.pk}/", f"/boards/{BOARD}/", f"/boards/{BOARD}/board.csv", "/methods/", "/methods/tuned/",
        f"/api/v1/submissions/{entry.pk}", f"/api/v1/leaderboards/{BOARD}", "/api/v1/methods/tuned",
    ):  # fmt: skip
        assert NAME in client.get(address).content.decode(), address
    assert client.get(f"/api/v1/submissions?owner={NAME}").json()["results"]
