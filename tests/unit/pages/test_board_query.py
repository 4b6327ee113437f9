"""What the address of a board asks for, and the addresses that ask otherwise."""

from urllib.parse import parse_qs, urlsplit

import pytest

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks, find
from farfield_web.pages.boards.query import Asked, asked

PACS = find("domainbed/pacs")
MINI = find("imagenet-ood/mini")


def read(benchmark: Benchmark, address: str) -> Asked:
    return asked(benchmark, parse_qs(urlsplit(address).query))


@pytest.mark.parametrize("benchmark", benchmarks(), ids=lambda b: b.name)
def test_the_plain_address_asks_for_the_headline(benchmark: Benchmark) -> None:
    plain = asked(benchmark, {})
    assert plain.ranked_by == 0
    assert plain.columns[0] == 0
    assert plain.query == (f"tier={plain.tier}" if plain.tier else "")
    assert plain.tier == (benchmark.plan.tiers[0].name if benchmark.plan.tiers else "")


@pytest.mark.parametrize("benchmark", [PACS, MINI], ids=lambda b: b.name)
def test_every_address_asks_for_what_it_was_made_from(benchmark: Benchmark) -> None:
    rules = benchmark.plan.selections or (None,)
    for tier in [t.name for t in benchmark.plan.tiers] or [""]:
        for rule in rules:
            chosen = asked(benchmark, {}).in_tier(tier).in_track("open").with_reported(True)
            chosen = chosen.by_rule(rule) if rule else chosen
            for column in chosen.columns:
                assert read(benchmark, chosen.by(column).address) == chosen.by(column)


def test_a_rule_shows_its_own_columns_and_keeps_the_environment() -> None:
    chosen = asked(PACS, {"by": "accuracy-iid:P"})
    oracle = chosen.by_rule(next(rule for rule in PACS.plan.selections if rule.name == "oracle"))
    assert oracle.column.metric == "accuracy-oracle"
    assert oracle.column.domain == "P"
    assert {PACS.columns[i].metric for i in oracle.columns} == {"accuracy-oracle"}
    assert oracle.headline.domain == "shifts"


def test_a_column_brings_its_rule() -> None:
    chosen = asked(PACS, {"by": "accuracy-loo:shifts"})
    assert chosen.rule is not None
    assert chosen.rule.name == "loo"


def test_a_rule_is_named_by_what_follows_the_comma() -> None:
    assert next(rule.title for rule in PACS.plan.selections) == "Training-domain validation"
    assert MINI.plan.selections == ()


@pytest.mark.parametrize(
    ("benchmark", "query"),
    [
        (PACS, {"tier": "huge"}),
        (PACS, {"rule": "guess"}),
        (PACS, {"track": "none"}),
        (PACS, {"rule": "oracle", "by": "accuracy-iid:A"}),
        (PACS, {"by": "accuracy-iid"}),
        (MINI, {"tier": "full"}),
        (MINI, {"rule": "iid"}),
    ],
)
def test_what_is_not_there_is_said(benchmark: Benchmark, query: dict[str, str]) -> None:
    with pytest.raises(LookupError, match=f"{benchmark.title} has no such"):
        asked(benchmark, query)
