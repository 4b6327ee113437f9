"""Small things that are wrong in many places at once."""

from typing import Any

import pytest
from django.test import Client
from tests.unit.pages.content import BOARD, Site

from farfield_web.pages.runs.advice import advice_for
from farfield_web.pages.templatetags.figures import arxiv

pytestmark = [pytest.mark.django_db, pytest.mark.services]


def test_arxiv_numbers_are_links(client: Client, site: Site) -> None:
    assert arxiv("A & B (arXiv 2109.01903).") == (
        'A &amp; B (<a href="https://arxiv.org/abs/2109.01903" rel="nofollow noopener">arXiv 2109.01903</a>).'
    )
    assert arxiv("arXiv:2204.05306v2") == (
        '<a href="https://arxiv.org/abs/2204.05306v2" rel="nofollow noopener">arXiv:2204.05306v2</a>'
    )
    assert arxiv("<b>no number</b> 2109.01903") == "&lt;b&gt;no number&lt;/b&gt; 2109.01903"
    page = client.get("/benchmarks/imagenet-ood/imagenet/").content.decode()
    assert 'href="https://arxiv.org/abs/2007.00644"' in page


def test_a_benchmark_says_what_is_learned_from(client: Client, site: Site) -> None:
    few = client.get("/benchmarks/fsdet/scenes/").content.decode()
    told = few[few.index("<dt>Training split</dt>") :].partition("</dd>")[0]
    assert "<code>base</code>, annotated images of the base classes; <code>support</code>, the few" in told
    assert "comes as it is" not in told


def test_browsers_and_crawlers_find_what_they_look_for(client: Client) -> None:
    icon = client.get("/favicon.ico")
    assert (icon.status_code, icon["Location"]) == (302, "/static/farfield/mark.svg")
    robots = client.get("/robots.txt")
    assert robots["Content-Type"].startswith("text/plain")
    assert "Disallow: /account/" in robots.content.decode()


def test_the_operator_says_where_documents_and_source_are(client: Client, settings: Any) -> None:
    settings.LINKS = {"Documents": "https://docs.example.org/?a=1&b=2"}
    assert '<a href="https://docs.example.org/?a=1&amp;b=2">Documents</a>' in client.get("/about/").content.decode()


def test_the_list_of_methods_says_what_each_learned_from(client: Client, site: Site) -> None:
    page = client.get("/methods/").content.decode()
    for label, said in (("Backbone", "clip"), ("Pre-training", "laion-2b"), ("Pre-training", "imagenet-1k")):
        assert f'<td data-label="{label}">{said}</td>' in page


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"/submit/{BOARD}/with/tuned/", {"track": "open", "config-rate": "7"}),
        (f"/submit/{BOARD}/bring/package/", {"track": "open"}),
        ("/account/", {"name": ""}),
    ],
)
def test_the_focus_goes_to_what_is_wrong(ada: Client, site: Site, path: str, body: dict[str, str]) -> None:
    page = ada.post(path, body).content.decode()
    assert page.count('role="alert" tabindex="-1" autofocus') == 1
    assert page.index("autofocus") < page.index('method="post"', page.index("<main"))


@pytest.mark.parametrize("code", ["resources.checkpoints", "predictions.invalid", "plugin.protocol"])
def test_advice_fits_what_was_sent(code: str) -> None:
    """Who sent a file is not told to install a plugin, and steps that do not fit are no lack of memory."""
    todo = advice_for(code).todo
    assert "have its new version installed" not in todo
    assert advice_for("resources.checkpoints").title == "The run's checkpoints do not fit"
