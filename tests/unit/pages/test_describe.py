import pytest

from farfield_evaluators.catalog import benchmarks, find
from farfield_web.pages import describe
from farfield_web.pages.runs.advice import advice_for


@pytest.mark.parametrize("code", ["resources.time", "plugin.raised", "plugin.unheard_of", "predictions.odd"])
def test_an_author_is_told_what_to_do(code: str) -> None:
    advice = advice_for(code)
    assert advice.title
    assert "not your doing" not in advice.todo


@pytest.mark.parametrize("code", ["platform.error", "data.pack", "", "unheard"])
def test_a_platform_failure_is_never_blamed_on_the_author(code: str) -> None:
    assert "not your doing" in advice_for(code).todo


@pytest.mark.parametrize("text", ["javascript:alert(1)", "https://a.org/ x", 'https://a.org/"onclick=', "ftp://a.org"])
def test_only_plain_web_addresses_become_links(text: str) -> None:
    assert describe.web_address(text) == ""
    assert describe.paper(text).link == ""


def test_an_arxiv_number_becomes_a_link() -> None:
    assert describe.paper("WiSE-FT (arXiv 2109.01903)").link == "https://arxiv.org/abs/2109.01903"


def test_aggregates_are_made_of_the_domains_of_their_role() -> None:
    benchmark = find("ood-detection/mini")
    assert describe.members_of(benchmark, "near") == ["near-photographs", "near-drawings"]
    assert describe.members_of(benchmark, "far-flags") == ["far-flags"]
    assert describe.domain_title(benchmark, "far-flags") == "Flags"


def test_every_domain_of_every_benchmark_has_a_part_in_words() -> None:
    assert {domain.role for benchmark in benchmarks() for domain in benchmark.domains} <= set(describe.PARTS)


def test_inputs_in_words() -> None:
    features = {"kind": "features", "backbone": "mini-clip", "dim": 256}
    assert describe.inputs_of({"inputs": features}) == "256 features of the frozen backbone mini-clip"
    images = {"kind": "images", "size": 224, "resize": 256, "interpolation": "bicubic", "crop": "center"}
    assert "224 \N{MULTIPLICATION SIGN} 224" in describe.inputs_of({"inputs": images})
    assert "resized to 256" in describe.inputs_of({"inputs": images})
    assert describe.inputs_of({"inputs": images, "frozen": [{}]}).endswith("of its frozen network instead")
