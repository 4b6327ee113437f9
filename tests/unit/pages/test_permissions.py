"""Who may do what at which address is a table, and the list of addresses is Django's: a new one without a row fails.

permissions.txt has a line for each address and verb: what the five people are answered where it names something of a
public benchmark, and of a private one. A verb without a line does nothing for anybody.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern
from tests.unit.evaluators.own.made import FOLDERS, installed
from tests.unit.pages.addresses import filled, kinds_of, routes
from tests.unit.pages.content import BOARD, PASSWORD, announce_data, announce_methods, drive

from farfield_evaluators.catalog import find
from farfield_web.accounts.models import User
from farfield_web.accounts.tokens import create_token
from farfield_web.runs.submit import Request, submit
from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]

TABLE = Path(__file__).with_name("permissions.txt")
PRIVATE = "own/zebrafinch"
FILE = FOLDERS + '[access]\nowners = ["ada", "mary"]\n'
PEOPLE = ("anonymous", "author", "teammate", "other", "operator")
MIGHTY = ("author", "operator")  # whoever may do a thing at all is like one of these
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
SIGN_IN = "sign-in"
JSON = {"data": {}, "content_type": "application/json"}
REFUSALS = {"401", "403", "404", "405", SIGN_IN}


@dataclass(frozen=True)
class Answers:
    """What the five people are answered, of a public benchmark and of a private one."""

    public: tuple[str, ...]
    private: tuple[str, ...]

    def __str__(self) -> str:
        return f"{' '.join(self.public)} | {' '.join(self.private) or '-'}"


@cache
def table() -> dict[tuple[str, str], Answers]:
    rows = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            named, public, private = line.split("|")
            verb, route = named.split()
            rows[verb, route.removeprefix("/")] = Answers(tuple(public.split()), tuple(private.split()))
    return {key: Answers(row.public, () if row.private == ("-",) else row.private) for key, row in rows.items()}


class Site:
    """Two entries of one author, on a public board and on a private one, and the five people."""

    def __init__(self) -> None:
        names = {"author": "ada", "teammate": "mary", "other": "grace", "operator": "root"}
        people = {
            who: User.objects.create_user(name, password=PASSWORD, is_staff=who == "operator")
            for who, name in names.items()
        }
        announce_methods()
        self.entries = {"public": entered(people["author"], BOARD), "private": entered(people["author"], PRIVATE)}
        self.token = create_token(people["author"], "of the author")[0]
        self.clients = {who: Client(raise_request_exception=False) for who in PEOPLE}
        for who, person in people.items():
            self.clients[who].force_login(person)

    def address(self, route: str, pattern: URLPattern, board: str) -> str:
        entry = self.entries[board]
        key = entry.runs.get().pk if "runs/<" in route.removeprefix("api/v1/")[:8] else entry.pk
        given = {"uuid": [str(key)], "benchmark": [entry.benchmark], "path": [entry.benchmark]}
        slug = {
            "submit": "package" if "bring" in route else "constant",
            "reference": "submissions",
            "coverage": "domainbed",
        }
        given |= {"slug": [slug.get(route.partition("/")[0], "constant")], "int": [str(self.token.pk)]}
        given |= {"string": ["ada"], "base36": ["1"]}
        return filled(route, pattern, given)[0]

    def answer(self, who: str, verb: str, address: str) -> str:
        """What one of them is answered; whatever it did is undone."""
        client = self.clients[who]
        cookies = copy(client.cookies)
        with transaction.atomic():
            send = getattr(client, verb.lower())
            response = send(address, **(JSON if address.startswith("/api/") and verb != "GET" else {}))
            transaction.set_rollback(True)
        client.cookies = cookies
        if response.status_code == 302 and response["Location"].startswith("/account/sign-in/"):
            return SIGN_IN
        return str(response.status_code)

    def answers(self, verb: str, route: str, pattern: URLPattern) -> Answers:
        boards = ("public", "private") if names_something(pattern) else ("public",)
        public, *private = (
            tuple(self.answer(who, verb, self.address(route, pattern, board)) for who in PEOPLE) for board in boards
        )
        return Answers(public, private[0] if private else ())


def entered(author: User, board: str) -> Submission:
    benchmark = find(board)
    announce_data(benchmark)
    made = submit(author, Request(benchmark=board, method="constant", track="open", config={}))
    drive(made.runs.get(), "succeeded", benchmark, accuracy=0.9)
    return made


def names_something(pattern: URLPattern) -> bool:
    """Whether the address names a benchmark, a submission or a run."""
    return bool({"uuid", "benchmark", "path"} & set(kinds_of(pattern).values()))


@pytest.fixture
def site(tmp_path: Path, db: None) -> Iterator[Site]:
    with installed(tmp_path / "var", zebrafinch=FILE):
        yield Site()


def test_everybody_is_answered_as_the_table_says(site: Site) -> None:
    wrong = []
    for route, pattern in routes():
        for verb in VERBS:
            row = table().get((verb, route))
            if row is not None and (answered := site.answers(verb, route, pattern)) != row:
                wrong.append(f"{verb} /{route} | {answered}")
    assert wrong == [], "answered otherwise than permissions.txt says:\n" + "\n".join(wrong)


def test_what_has_no_row_does_nothing(site: Site) -> None:
    wrong = []
    for route, pattern in routes():
        missing = [verb for verb in VERBS if (verb, route) not in table()]
        address = site.address(route, pattern, "public")
        done = [verb for verb in missing if {site.answer(who, verb, address) for who in MIGHTY} - REFUSALS]
        wrong += [f"{verb} /{route} | {site.answers(verb, route, pattern)}" for verb in done]
    assert wrong == [], "no row in permissions.txt; if this is what is wanted, these are they:\n" + "\n".join(wrong)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    known = {route for route, _ in routes()}
    listed = {route for _, route in table()}
    assert sorted(known - listed) == []
    assert sorted(listed - known) == []


def test_a_private_board_is_there_for_its_owners_and_operators_alone() -> None:
    """Of the table itself: who is neither gets nothing, and the owners get what the author of a public entry gets."""
    for (verb, route), row in table().items():
        if row.private:
            anonymous, author, _, other, operator = row.private
            assert {anonymous, other} <= REFUSALS, (verb, route)
            # What operators may do with a public board, the owners may with their own.
            expected = operator if row.public[1] == "403" and operator != "403" else row.public[1]
            assert (author, operator) == (expected, row.public[4]), (verb, route)
