"""Comparability keys are frozen: a key that changes takes every published row off its board.

Who changes a protocol on purpose raises the benchmark's version, says so in a decision record, and writes the new keys
into the file. Whoever only moves code about changes nothing here.
"""

import json
from pathlib import Path

import pytest

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks

KEYS = json.loads(Path(__file__).with_name("comparability_keys.json").read_text(encoding="utf-8"))
FINGERPRINT = "0" * 64  # of no data: the packs' own fingerprints are frozen beside the packs


@pytest.mark.parametrize("benchmark", benchmarks(), ids=lambda benchmark: benchmark.name)
def test_the_keys_of_a_benchmark_are_those_that_were_published(benchmark: Benchmark) -> None:
    tiers = ["", *(tier.name for tier in benchmark.plan.tiers)]
    keys = {tier: benchmark.comparability_key(FINGERPRINT, tier) for tier in tiers}
    assert {"version": benchmark.version, "keys": keys} == KEYS[benchmark.name]


def test_no_benchmark_is_lost() -> None:
    assert KEYS.keys() == {benchmark.name for benchmark in benchmarks()}
