"""Every page answers, with an empty database and with content, for anyone and for the owner."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from tests.unit.pages.content import BOARD, HOSTILE, Site, enter

from farfield_web.submissions.models import Submission

pytestmark = [pytest.mark.django_db, pytest.mark.services]

PUBLIC = ["/", "/about/", "/benchmarks/", f"/benchmarks/{BOARD}/", "/benchmarks/ood-detection/mini/",
          f"/boards/{BOARD}/", "/boards/ood-detection/mini/", f"/boards/{BOARD}/?track=scratch",
          f"/boards/{BOARD}/?by=accuracy:id", "/methods/", "/submit/", f"/submit/{BOARD}/",
          "/account/sign-in/", "/account/sign-up/", "/environments/", "/suites/", "/coverage/", "/coverage/domainbed/",
          "/reference/", "/reference/submissions/"]  # fmt: skip
CONTENT = ["/methods/tuned/", "/methods/constant/"]
PRIVATE = ["/account/", "/account/submissions/", "/account/password/", f"/submit/{BOARD}/with/tuned/",
           f"/submit/{BOARD}/with/constant/", f"/submit/{BOARD}/bring/package/",
           f"/submit/{BOARD}/bring/predictions/", f"/submit/{BOARD}/bring/container/"]  # fmt: skip
STATES = ["queued", "running", "failed", "cancelled", "succeeded", "floor"]


class Outline(HTMLParser):
    """What assistive technology needs: headings, labels, controls."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.controls: list[dict[str, str | None]] = []
        self.labels: set[str | None] = set()
        self.ids: list[str] = []
        self.inline: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if values.get("id"):
            self.ids.append(values["id"] or "")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
        if tag == "label":
            self.labels.add(values.get("for"))
        if tag in ("input", "select", "textarea") and values.get("type") != "hidden":
            self.controls.append(values)
        self.inline += [name for name in values if name.startswith("on") or name == "style"]
        is_data = values.get("type") == "application/ld+json"  # which no browser runs
        if tag == "script" and not values.get("src") and not is_data:
            self.inline.append("script")


def pages(client: Client, paths: list[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        response = client.get(path)
        assert response.status_code == 200, path
        yield path, response.content.decode()


def check(path: str, page: str) -> None:
    outline = Outline(page)
    assert outline.headings.count("h1") == 1, path
    assert len(outline.ids) == len(set(outline.ids)), path
    assert [c for c in outline.controls if c.get("id") not in outline.labels and not c.get("aria-label")] == [], path
    assert outline.inline == [], path


def test_an_empty_site(client: Client) -> None:
    for path, page in pages(client, PUBLIC):
        check(path, page)


def test_an_empty_site_says_what_to_do(client: Client) -> None:
    assert "No methods announced yet" in client.get("/methods/").content.decode()
    assert "No entries yet" in client.get(f"/boards/{BOARD}/").content.decode()
    assert "No methods of this family yet" in client.get(f"/submit/{BOARD}/").content.decode()
    assert "No worker has announced" in client.get(f"/benchmarks/{BOARD}/").content.decode()


def test_a_site_with_content_is_public(client: Client, site: Site) -> None:
    submissions = [reverse("submission", args=[site.submissions[state].pk]) for state in STATES]
    for path, page in pages(client, PUBLIC + CONTENT + submissions):
        check(path, page)


def test_the_pages_of_a_person(ada: Client, site: Site) -> None:
    submissions = [reverse("submission", args=[site.submissions[state].pk]) for state in STATES]
    for path, page in pages(ada, PUBLIC + CONTENT + PRIVATE + submissions):
        check(path, page)
        assert "Sign out" in page, path


def test_every_page_with_what_people_brought(
    client: Client, ada: Client, site: Site, brought: dict[str, Submission]
) -> None:
    submissions = [reverse("submission", args=[one.pk]) for one in brought.values()]
    lives = [reverse("submission-live", args=[one.pk]) for one in brought.values()]
    everything = PUBLIC + CONTENT + ["/methods/toy-method/", "/methods/elsewhere/", *submissions]
    for browser in (client, ada):
        for path, page in pages(browser, everything):
            check(path, page)
        assert len(list(pages(browser, lives))) == len(brought)
    for path, page in pages(ada, [*PRIVATE, "/account/submissions/?page=1", f"/submit/{BOARD}/with/toy-method/"]):
        check(path, page)


@pytest.mark.parametrize("path", PRIVATE)
def test_private_pages_lead_to_sign_in_and_back(client: Client, site: Site, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"] == f"/account/sign-in/?next={path}"


@pytest.mark.parametrize(
    "path",
    ["/nowhere/", "/methods/nothing/", "/benchmarks/no/such/", f"/boards/{BOARD}/?track=x", f"/boards/{BOARD}/?by=x",
     "/submissions/00000000-0000-0000-0000-000000000000/", "/submit/no/such/"],
)  # fmt: skip
def test_what_is_not_there_leads_on(client: Client, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    page = response.content.decode()
    check(path, page)
    assert 'href="/methods/"' in page


def test_hostile_text_is_only_text(client: Client, ada: Client, site: Site) -> None:
    submission = enter(site.ada, "tuned", "open", title=HOSTILE, note=HOSTILE)
    path = reverse("submission", args=[submission.pk])
    for browser, where in ((client, path), (ada, "/account/submissions/")):
        page = browser.get(where).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert" in page
