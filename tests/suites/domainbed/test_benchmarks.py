"""DomainBed's data sets as benchmarks: what boards and forms are made of."""

import subprocess
import sys

import pytest

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks, find
from farfield_evaluators.suites.domainbed import datasets, sweep
from farfield_evaluators.suites.domainbed.benchmarks import DOMAINBED
from farfield_evaluators.suites.domainbed.data.importers import IMPORTERS

RULES = ("accuracy-iid", "accuracy-loo", "accuracy-oracle", "accuracy-variation")


def test_every_data_set_that_can_be_imported_is_a_benchmark() -> None:
    assert {*(b.name for b in DOMAINBED), *(b.pack for b in DOMAINBED)} == {i.name for i in IMPORTERS}
    assert {b.name for b in benchmarks()} >= {b.name for b in DOMAINBED}
    assert {b.pack for b in DOMAINBED} == {d.pack for d in datasets.DATASETS}
    assert find("domainbed/rotated-mnist").pack == "domainbed/mnist"
    assert find("domainbed/pacs").pack == "domainbed/pacs"


@pytest.mark.parametrize("benchmark", DOMAINBED, ids=lambda b: b.name)
def test_its_parts_are_the_data_sets(benchmark: Benchmark) -> None:
    dataset = datasets.find(benchmark.name)
    assert (benchmark.family, benchmark.train_set) == (TaskFamily.DOMAIN_GENERALIZATION, None)
    tested = tuple(dataset.environments[number] for number in dataset.tested)
    assert tuple(d.name for d in benchmark.domains) == tested
    assert {d.role for d in benchmark.domains} == {"shift"}
    assert [t.name for t in benchmark.tracks] == ["open", "imagenet-1k", "scratch"]
    assert (benchmark.columns[0].metric, benchmark.columns[0].title) == ("accuracy-iid", "Average")
    assert [(c.metric, c.domain) for c in benchmark.columns] == [
        (rule, domain) for rule in RULES for domain in ("shifts", *tested)
    ]
    assert len({c.title for c in benchmark.columns}) == len(benchmark.columns)


@pytest.mark.parametrize("benchmark", DOMAINBED, ids=lambda b: b.name)
def test_its_tiers_are_those_of_sweeps_and_each_has_a_key(benchmark: Benchmark) -> None:
    dataset = datasets.find(benchmark.name)
    assert [t.name for t in benchmark.plan.tiers] == ["defaults", "iid", "full", "adaptation", "smoke"]
    for tier in benchmark.plan.tiers:
        of = sweep.tier(tier.name)
        assert f"{len(sweep.cells(dataset, 'ERM', of))} runs." in tier.description
        assert tier.protocol["steps"] == of.steps_of(dataset)
        assert tier.protocol["checkpoint_every"] == of.every_of(dataset)
    keys = {b.comparability_key("f", t.name) for b in DOMAINBED for t in b.plan.tiers}
    assert len(keys) == 5 * len(DOMAINBED)


def test_the_web_can_read_all_of_it_without_torch_or_pictures() -> None:
    modules = (
        "catalog",
        *(f"suites.domainbed.{name}" for name in ("board", "selection", "parsing", "entries", "archive")),
    )
    imports = ", ".join(f"farfield_evaluators.{module}" for module in modules)
    script = f"import sys, {imports}; print({{'torch', 'PIL', 'timm', 'django'}} & {{*sys.modules}})"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
