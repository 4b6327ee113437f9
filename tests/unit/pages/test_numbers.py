"""No page shows a number that the API does not give: whoever reads one can have it in full, by a program."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from tests.unit.pages.content import BOARD, Site

pytestmark = [pytest.mark.django_db, pytest.mark.services]

STATES = ["queued", "running", "failed", "succeeded", "floor"]
PROSE = {"1.96"}  # standard errors, in the sentence that says what a tie is
LEAST = 100  # numbers that there are to look at, at least
# A figure as pages write it; not a part of a version, a name, a date or an identifier.
NUMBER = re.compile(r"(?<![\w.,:/-])\d+\.\d+(?![\w.]*[\d_])")
SILENT = {"code", "pre", "time", "script", "style", "head", "footer", "svg"}


class Words(HTMLParser):
    """The text of a page, without what is quoted of others or drawn."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.silent: list[str] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and tag == self.silent[-1]:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.text.append(data)


def numbers(value: Any) -> Iterator[float]:
    """Every number in an answer of the API, in texts of its own as well."""
    if isinstance(value, dict):
        for item in value.values():
            yield from numbers(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)
    elif isinstance(value, str):
        yield from map(float, NUMBER.findall(value))


def unknown(page: str, given: set[float]) -> list[str]:
    """What stands about each number of the page's text that is none of these, as it is or in per cent."""
    text = " ".join(" ".join(Words(page).text).split())
    found = []
    for number in NUMBER.finditer(text):
        digits = len(number.group().split(".")[1])
        written = {f"{abs(scale * value):.{digits}f}" for value in given for scale in (1, 100)}
        if number.group() not in written | PROSE:
            found.append(text[max(0, number.start() - 40) : number.end() + 15])
    return found


def test_every_number_of_a_page_is_one_of_the_api(client: Client, site: Site) -> None:
    entries = [site.submissions[state].pk for state in STATES]
    runs = [site.run(state).pk for state in STATES]
    two = "&".join(f"entries={site.submissions[state].pk}" for state in ("succeeded", "floor"))
    either = [f"compare{{}}?{two}", f"standings{{}}?benchmarks={BOARD}", "methods/tuned{}", f"benchmarks/{BOARD}{{}}"]
    either += [*(f"submissions/{pk}{{}}" for pk in entries), *(f"runs/{pk}{{}}" for pk in runs)]
    boards = [BOARD, "ood-detection/mini"]
    pages = ["/", *(f"/boards/{name}/" for name in boards), *(f"/{address.format('/')}" for address in either)]
    asked = [*(f"leaderboards/{name}" for name in boards), *(address.format("") for address in either)]
    given: set[float] = set()
    for address in asked:
        given |= set(numbers(client.get(f"/api/v1/{address}").json()))
    texts = {page: client.get(page).content.decode() for page in pages}
    assert {page: found for page, text in texts.items() if (found := unknown(text, given))} == {}
    assert sum(len(unknown(text, set())) for text in texts.values()) > LEAST
