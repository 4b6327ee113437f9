"""A private board is its owners' and the operators': for everybody else no address, list or error knows of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.unit.evaluators.own.made import FOLDERS, installed
from tests.unit.pages.addresses import filled, routes
from tests.unit.pages.content import BOARD, PASSWORD, announce_data, announce_methods, drive

from farfield_evaluators.catalog import catalog, find
from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.errors import SubmissionError
from farfield_web.runs.models import Run
from farfield_web.runs.submit import Request, submit
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import may_see, visible

pytestmark = [pytest.mark.django_db, pytest.mark.services]

NAME, TITLE, ENTRY = "own/zebrafinch", "Quokkas and numbats", "Wombat entry"
SECRETS = (TITLE, ENTRY)
FILE = FOLDERS.replace("Toys", TITLE) + '[access]\nowners = ["ada"]\n'


@pytest.fixture
def own(tmp_path: Path, db: None) -> Iterator[Path]:
    with installed(tmp_path / "var", zebrafinch=FILE) as folder:
        yield folder


@pytest.fixture
def people(own: Path) -> dict[str, User]:
    made = {name: User.objects.create_user(name, password=PASSWORD) for name in ("ada", "grace")}
    return {**made, "operator": User.objects.create_user("root", password=PASSWORD, is_staff=True)}


@pytest.fixture
def entered(people: dict[str, User]) -> Submission:
    announce_methods()
    for name in (BOARD, NAME):
        announce_data(find(name))
    made = submit(people["ada"], wanted())
    drive(made.runs.get(), "succeeded", find(NAME), accuracy=0.9)
    return made


def wanted(benchmark: str = NAME) -> Request:
    return Request(benchmark=benchmark, method="constant", track="open", config={}, title=ENTRY)


def addresses(entered: Submission) -> list[str]:
    """Every address of the site: with the board's name, the submission, its run, wherever it takes one."""
    run: Run = entered.runs.get()
    given: dict[str, list[str]] = {"uuid": [str(entered.pk), str(run.pk)], "benchmark": [NAME], "path": [NAME]}
    given |= {"slug": ["constant", "package"], "int": ["1"], "string": ["nobody"], "base36": ["1"]}
    return [address for route, each in routes() for address in filled(route, each, given)]


def _names(entered: Submission, address: str) -> bool:
    """Whether an address is of the private board, its entry or its run."""
    return any(name in address for name in (NAME, str(entered.pk), str(entered.runs.get().pk)))


def signed_in(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def answers(entered: Submission, person: User | None) -> Iterator[tuple[str, Any]]:
    """What every address says to GET and to POST, by session and by token."""
    client = signed_in(person)
    token = {"Authorization": f"Bearer {create_token(person, 'test')[1]}"} if person else {}
    for address in addresses(entered):
        if "sign-out" in address:
            continue
        yield address, client.get(address)
        yield address, client.post(address)
        if address.startswith("/api/"):
            yield address, Client().get(address, headers=token)
            yield address, Client().post(address, {}, content_type="application/json", headers=token)


@pytest.mark.parametrize("who", ["", "grace"], ids=["anybody", "another person"])
def test_no_address_gives_anything_away(entered: Submission, people: dict[str, User], who: str) -> None:
    names = (NAME, str(entered.pk), str(entered.runs.get().pk))
    asked = 0
    for address, response in answers(entered, people.get(who)):
        said = b"" if response.streaming else response.content
        text = said.decode() + str(response.headers)
        assert not [secret for secret in SECRETS if secret in text], address
        if any(name in address for name in names):
            asked += 1
            # 302: to the page for signing in, or back to the page with the buttons.
            assert response.status_code in (302, 401, 403, 404, 405), (address, response.status_code)
        else:
            assert not [name for name in names if name in text], address
    assert asked > 40
    entered.refresh_from_db()
    assert not entered.runs.filter(status="cancelled").exists()


@pytest.mark.parametrize("who", ["ada", "operator"])
def test_owners_and_operators_see_it_everywhere(entered: Submission, people: dict[str, User], who: str) -> None:
    client, run = signed_in(people[who]), entered.runs.get()
    for address in ("/", "/benchmarks/", f"/benchmarks/{NAME}/", f"/boards/{NAME}/", "/submit/", "/account/"):
        assert TITLE in client.get(address).content.decode(), address
    for address in (f"/boards/{NAME}/", f"/submissions/{entered.pk}/", f"/runs/{run.pk}/", "/methods/constant/"):
        response = client.get(address)
        assert response.status_code == 200
        assert ENTRY in response.content.decode() or TITLE in response.content.decode(), address
    assert "Private: only ada, and the operators" in client.get(f"/boards/{NAME}/").content.decode()
    assert "Private: only" not in client.get(f"/boards/{BOARD}/").content.decode()
    assert "own-zebrafinch" in client.get("/suites/").content.decode()
    token = {"Authorization": f"Bearer {create_token(people[who], 'test')[1]}"}
    for address in (
        "benchmarks?page_size=200",
        f"benchmarks/{NAME}",
        f"leaderboards/{NAME}",
        "submissions",
        f"submissions/{entered.pk}",
    ):
        assert NAME in Client().get(f"/api/v1/{address}", headers=token).content.decode(), address


def test_a_token_that_may_read_opens_what_its_owner_may_see(entered: Submission, people: dict[str, User]) -> None:
    """Pages and files; addresses of the API are read by token above."""
    ada, grace = (
        Client(headers={"Authorization": f"Bearer {create_token(people[name], 'test', ['read'])[1]}"})
        for name in ("ada", "grace")
    )
    opened = set()
    for address in addresses(entered):
        if not address.startswith(("/api/", "/operate/")) and _names(entered, address):
            opened |= {address} if ada.get(address).status_code == 200 else set()
    files = {f"/boards/{NAME}/board.csv", f"/submissions/{entered.pk}/entry.bib", f"/runs/{entered.runs.get().pk}/"}
    assert files < opened
    assert {grace.get(address).status_code for address in files} == {404}


def test_a_token_changes_nothing_by_a_page_and_opens_no_account(entered: Submission, people: dict[str, User]) -> None:
    token = {"Authorization": f"Bearer {create_token(people['ada'], 'test')[1]}"}
    client = Client(headers=token)
    assert client.get(f"/submissions/{entered.pk}/").status_code == 200
    assert client.post(f"/submissions/{entered.pk}/withdraw/", {"reason": "x"}).status_code == 404
    assert client.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("scopes", "changed", "status", "code"),
    [(["submit"], "", 403, "auth.scope"), (["read"], "x", 401, "token.invalid")],
    ids=["may not read", "wrong"],
)
def test_a_token_that_does_not_open_a_file_is_told_why(
    entered: Submission, people: dict[str, User], scopes: list[str], changed: str, status: int, code: str
) -> None:
    text = create_token(people["ada"], "test", scopes)[1] + changed
    answer = Client().get(f"/boards/{NAME}/board.csv", headers={"Authorization": f"Bearer {text}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_nobody_else_can_enter_or_learn_the_name_by_a_mistake(entered: Submission, people: dict[str, User]) -> None:
    for name in (NAME, "own/zebrafinsh"):
        with pytest.raises(SubmissionError) as caught:
            submit(people["grace"], wanted(name))
        assert caught.value.code == "benchmark.unknown"
        said = str(caught.value).replace(repr(name), "")
        assert NAME not in said
    page = signed_in(people["grace"]).get("/benchmarks/own/zebrafinsh/").content.decode()
    assert NAME not in page


def test_a_public_file_is_seen_by_everybody(tmp_path: Path, people: dict[str, User]) -> None:
    with installed(tmp_path / "other", zebrafinch=FILE.replace('owners = ["ada"]', "public = true")):
        assert TITLE in Client().get("/benchmarks/").content.decode()


def test_what_was_entered_stays_hidden_when_the_file_is_gone_or_broken(
    entered: Submission, people: dict[str, User], own: Path
) -> None:
    (own / "zebrafinch.toml").write_text("title = 1")
    catalog.cache_clear()
    for person in (None, people["grace"], people["ada"]):
        client = signed_in(person)
        for address in (
            "/",
            f"/submissions/{entered.pk}/",
            f"/runs/{entered.runs.get().pk}/log.txt",
            "/api/v1/submissions",
        ):
            assert not [secret for secret in SECRETS if secret in client.get(address).content.decode()], address
    operator = signed_in(people["operator"])
    assert ENTRY in operator.get(f"/submissions/{entered.pk}/").content.decode()
    assert "title is not a usable text" in operator.get("/suites/").content.decode()
    assert "zebrafinch" not in Client().get("/suites/").content.decode()


def test_a_person_who_was_blocked_sees_what_nobody_sees(people: dict[str, User]) -> None:
    people["ada"].is_active = False
    assert not may_see(people["ada"], NAME)
    assert NAME not in [benchmark.name for benchmark in visible(people["ada"])]
