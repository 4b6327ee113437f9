"""The page on DomainBed says what the code says."""

import json
import re

from tests.docs.test_documents import ROOT, blocks

from farfield_evaluators.suites.domainbed import problems
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.datasets import DATASETS
from farfield_evaluators.suites.domainbed.parsing import parse
from farfield_evaluators.suites.domainbed.records import run_args
from farfield_evaluators.suites.domainbed.registry import ADDITIONS, ALGORITHMS, COMMON, DATASET_SIZE
from farfield_evaluators.suites.domainbed.sweep import TIERS, cells

NAME = "docs/domainbed.md"
PAGE = (ROOT / NAME).read_text(encoding="utf-8")


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_the_data_sets() -> None:
    found = {row[0].removesuffix(" (ours)"): row[1:] for row in rows("Training")}
    assert [*found] == [d.name for d in DATASETS]
    for dataset in DATASETS:
        environments, every, batch, lr = found[dataset.name]
        if not environments.startswith("as "):
            assert environments.split(", ") == [*dataset.environments]
        assert (int(every), int(batch), float(lr)) == (dataset.checkpoint_every, dataset.batch_size, dataset.lr)


def test_the_common_hyperparameters() -> None:
    named = {name for row in rows("Hyperparameters") for name in re.findall(r"`(\w+)`", row[0])}
    assert named == {*COMMON, *DATASET_SIZE[True], "batch_size"}
    ours = set(
        re.findall(r"`([\w-]+)`", next(part for part in PAGE.split("\n\n") if "additions that DomainBed" in part))
    )
    assert ours == ADDITIONS.keys() - {*ALGORITHMS}


def test_how_many_runs_a_tier_has() -> None:
    sizes = {len(d.environments): d for d in DATASETS if not d.held_out}
    found = {row[0].strip("`"): row[-1].split(", ") for row in rows("Tiers")}
    assert [*found] == [t.name for t in TIERS]

    def count(dataset: DataSet, name: str) -> int:
        return len(cells(dataset, "ERM", next(t for t in TIERS if t.name == name)))

    for name, counts in found.items():
        assert [int(c) for c in counts] == [count(sizes[n], name) for n in (3, 4, 6, 7)]


def test_the_codes() -> None:
    raised = {value for value in vars(problems).values() if str(value).startswith("records.")}
    assert {row[0].strip("`") for row in rows("What is refused")} == raised


def test_the_record_is_one() -> None:
    (block,) = (b for b in blocks("json") if b.document == NAME)
    found, wrong = parse(json.dumps(json.loads(block.text)), "")
    assert wrong == ()
    assert found is not None
    assert found.args == run_args(found.cell)
