"""Teams: who may do what, that an owner is left, and what being in one opens."""

from pathlib import Path
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from tests.unit.evaluators.own.made import FOLDERS, installed
from tests.unit.web.conftest import api_error, wanted

from farfield_web.accounts.models import User
from farfield_web.errors import SubmissionError
from farfield_web.leaderboards.queries import board
from farfield_web.people import teams
from farfield_web.people.links import links_of
from farfield_web.people.models import MEMBER, ORGANISATION, OWNER, TEAM, Team, TeamEntry
from farfield_web.people.teams import TeamError
from farfield_web.runs.submit import submit
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import may_see

pytestmark = [pytest.mark.services, pytest.mark.django_db]
PRIVATE = "own/zebrafinch"
FILE = FOLDERS + '[access]\nowners = ["team:vision"]\n'


@pytest.fixture
def vision(person: User) -> Team:
    return teams.create(person, "vision", TEAM)


@pytest.fixture
def both(vision: Team, person: User, other: User) -> Team:
    """With ada, its owner, and grace."""
    teams.invite(person, vision, "grace")
    teams.accept(other, vision)
    return vision


def refusal(deed: Any, *args: Any) -> str:
    with pytest.raises(TeamError) as caught:
        deed(*args)
    return caught.value.code


@pytest.mark.parametrize("name", ["Vision", "v\u0456sion", "ada", "admin", "two words", ""])
def test_a_team_is_called_like_nobody_else(vision: Team, person: User, name: str) -> None:
    assert refusal(teams.create, person, name, TEAM) in ("team.taken", "team.bad_name")


def test_nobody_is_in_who_did_not_accept(vision: Team, person: User, other: User) -> None:
    teams.invite(person, vision, "grace")
    assert teams.role_of(other, vision) == ""
    teams.decline(other, vision)
    assert refusal(teams.accept, other, vision) == "team.not_asked"
    assert refusal(teams.invite, person, vision, "nobody") == "team.no_person"


def test_only_owners_ask_in_and_take_out(both: Team, person: User, other: User) -> None:
    third = User.objects.create_user("mary", password="x")
    assert refusal(teams.invite, other, both, "mary") == "team.not_owner"
    assert refusal(teams.remove, other, both, "ada") == "team.not_owner"
    assert refusal(teams.set_role, other, both, "grace", OWNER) == "team.not_owner"
    assert refusal(teams.remove, third, both, "mary") == "team.no_person"
    teams.remove(person, both, "grace")
    assert teams.role_of(other, both) == ""


def test_a_member_makes_nobody_an_owner_not_even_themselves(both: Team, other: User) -> None:
    assert refusal(teams.set_role, other, both, "grace", OWNER) == "team.not_owner"
    assert teams.role_of(other, both) == MEMBER


def test_the_last_owner_stays(both: Team, person: User, other: User) -> None:
    assert refusal(teams.remove, person, both, "ada") == "team.last_owner"
    assert refusal(teams.set_role, person, both, "ada", MEMBER) == "team.last_owner"
    teams.set_role(person, both, "grace", OWNER)
    teams.remove(person, both, "ada")
    assert teams.role_of(other, both) == OWNER


def test_an_entry_says_for_which_team_it_is(announced: None, vision: Team, person: User, call: Any) -> None:
    made = submit(person, wanted(team="vision"))
    assert TeamEntry.objects.get().submission_id == made.pk
    assert call("get", f"submissions/{made.pk}").json()["team"] == "vision"
    assert [one["id"] for one in call("get", "submissions?team=vision").json()["results"]] == [str(made.pk)]
    assert call("get", "submissions?team=none").json()["results"] == []
    assert refusal(teams.dissolve, person, vision) == "team.has_entries"


def test_nobody_enters_for_a_team_that_they_are_not_in(announced: None, vision: Team, other: User) -> None:
    with pytest.raises(SubmissionError) as caught:
        submit(other, wanted(team="vision"))
    assert (caught.value.code, caught.value.field) == ("team.not_yours", "team")
    assert Submission.objects.count() == 0


def test_reading_a_board_asks_nothing_more_for_teams(
    entered: Submission, vision: Team, django_assert_max_num_queries: Any
) -> None:
    TeamEntry.objects.create(submission=entered, team=vision)
    from farfield_evaluators.catalog import find

    with django_assert_max_num_queries(12):
        board(find(entered.benchmark))


def test_a_private_board_may_be_open_to_a_team(tmp_path: Path, both: Team, other: User) -> None:
    third = User.objects.create_user("mary", password="x")
    with installed(tmp_path / "var", zebrafinch=FILE):
        assert may_see(other, PRIVATE)
        assert not may_see(third, PRIVATE)
        teams.remove(other, both, "grace")
        assert not may_see(other, PRIVATE)


def test_teammates_read_an_entry_of_the_team_where_they_do_not_see_the_board(
    tmp_path: Path, entered: Submission, both: Team, other: User, client: Client
) -> None:
    run = entered.runs.get()
    Submission.objects.update(benchmark=PRIVATE)
    with installed(tmp_path / "var", zebrafinch=FILE.replace("team:vision", "ada")):
        client.force_login(other)
        addresses = [f"/api/v1/submissions/{entered.pk}", f"/api/v1/runs/{run.pk}/log", f"/submissions/{entered.pk}/",
                     f"/runs/{run.pk}/log.txt"]  # fmt: skip
        assert [client.get(path).status_code for path in addresses] == [404] * 4
        TeamEntry.objects.create(submission=entered, team=both)
        assert [client.get(path).status_code for path in addresses] == [200] * 4
        assert client.get(f"/boards/{PRIVATE}/").status_code == 404


class TestThePages:
    """The same by forms."""

    def test_a_team_from_its_making_to_its_end(self, person: User, other: User) -> None:
        ada, grace = Client(), Client()
        ada.force_login(person)
        grace.force_login(other)
        assert ada.post("/teams/", {"name": "vision", "kind": ORGANISATION})["Location"] == "/teams/vision/"
        ada.post("/teams/vision/change/", {"deed": "invite", "who": "grace"})
        assert "Come in" in grace.get("/teams/").content.decode()
        grace.post("/teams/vision/change/", {"deed": "accept"})
        assert 'href="/people/grace/"' in Client().get("/teams/vision/").content.decode()
        grace.post("/teams/vision/change/", {"deed": "remove", "who": "ada"})
        assert teams.role_of(person, Team.objects.get()) == OWNER
        grace.post("/teams/vision/change/", {"deed": "remove", "who": "grace"})
        assert ada.post("/teams/vision/change/", {"deed": "dissolve"})["Location"] == "/teams/"
        assert Team.objects.count() == 0

    def test_what_is_refused_is_said(self, vision: Team, person: User, client: Client) -> None:
        client.force_login(person)
        sent = {"deed": "remove", "who": "ada"}
        page = client.post("/teams/vision/change/", sent, follow=True).content.decode()
        assert "A team needs an owner" in page
        assert "is taken, or looks like" in client.post("/teams/", {"name": "Vision", "kind": TEAM}).content.decode()

    def test_a_profile_tells_what_is_public_and_nothing_else(
        self, entered: Submission, vision: Team, person: User, client: Client
    ) -> None:
        person.email, person.first_name = "ada@example.org", "Augusta"
        person.save()
        page = client.get("/people/ada/").content.decode()
        assert f"/submissions/{entered.pk}/" in page
        assert 'href="/teams/vision/"' in page
        assert "example.org" not in page
        assert "Augusta" not in page
        Submission.objects.update(benchmark=PRIVATE)
        assert str(entered.pk) not in client.get("/people/ada/").content.decode()
        User.objects.filter(pk=person.pk).update(is_active=False)
        assert client.get("/people/ada/").status_code == 404


def test_an_anonymous_entry_tells_neither_its_author_nor_the_team(
    entered: Submission, vision: Team, call: Any, client: Client
) -> None:
    TeamEntry.objects.create(submission=entered, team=vision)
    assert call("get", f"submissions/{entered.pk}").json()["team"] == "vision"
    Submission.objects.update(anonymous_since=entered.created_at)
    assert call("get", f"submissions/{entered.pk}").json()["team"] == ""
    assert call("get", "submissions?team=vision").json()["results"] == []
    for path in ("/people/ada/", "/teams/vision/"):
        assert str(entered.pk) not in client.get(path).content.decode()


def test_links_are_made_here_from_names_and_not_taken_from_elsewhere(person: User) -> None:
    SocialAccount.objects.create(
        user=person, provider="github", uid="1", extra_data={"login": "ada-l", "html_url": "https://evil.example"}
    )
    SocialAccount.objects.create(user=person, provider="orcid", uid="0000-0002-1825-009X")
    assert [link.href for link in links_of(person)] == [
        "https://github.com/ada-l",
        "https://orcid.org/0000-0002-1825-009X",
    ]
    SocialAccount.objects.filter(provider="github").update(extra_data={"login": "../evil"})
    SocialAccount.objects.filter(provider="orcid").update(uid="x")
    assert links_of(person) == []


def test_the_api_of_teams(person: User, other: User, call: Any) -> None:
    assert call("post", "teams", {"name": "vision"}, person=person).status_code == 201
    assert call("post", "teams/vision/members", {"username": "grace"}, person=person).status_code == 204
    assert api_error(call("post", "teams/vision/members", {"username": "grace"}, person=other)) == (
        403,
        "team.not_owner",
    )
    teams.accept(other, Team.objects.get())
    named = call("patch", "teams/vision/members/grace", {"role": "owner"}, person=person).json()
    assert [member["role"] for member in named["members"]] == ["owner", "owner"]
    assert call("delete", "teams/vision/members/ada", person=person).status_code == 204
    assert api_error(call("delete", "teams/vision/members/grace", person=other)) == (409, "team.last_owner")
    assert call("get", "people/grace").json()["teams"] == ["vision"]
    assert call("delete", "teams/vision", person=other).status_code == 204
