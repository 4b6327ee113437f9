"""Whose the shipped pictures are, and under what: boards say it of the pictures that they have, and of no others."""

import csv
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.data.attribution import PHOTOGRAPHS, STYLES, licence_line, licences_of
from farfield_evaluators.data.demo import demo_root, demo_source
from farfield_evaluators.data.source import Example
from farfield_evaluators.suites.adaptation.data import drawings as adaptation
from farfield_evaluators.suites.domainbed.data.styles import styles_source
from farfield_evaluators.suites.domainbed.open_set import data as open_dg
from farfield_evaluators.suites.domainbed.unlearning import data as unlearning
from farfield_evaluators.suites.groups.data import drawings as groups
from farfield_evaluators.suites.longtail.data import drawings as longtail
from farfield_evaluators.suites.mtil.data import drawings as mtil
from farfield_evaluators.suites.openood import names
from farfield_evaluators.suites.openood.data.drawings import (
    _others,
    in_splits,
    known_and_validated,
    known_or_shifted,
    parted,
)
from farfield_evaluators.suites.pruning.data import drawings as pruning
from farfield_evaluators.suites.rdfsl.data import drawings as rdfsl

CREDITS = {**STYLES, "photographs": PHOTOGRAPHS}
ALL = licences_of(*CREDITS.values())
SOURCES = (
    demo_source,
    adaptation.drawings_source,
    styles_source,
    open_dg.drawings_source,
    unlearning.drawings_source,
    groups.drawings_source,
    longtail.drawings_source,
    mtil.drawings_source,
    pruning.drawings_source,
    rdfsl.drawings_source,
)
OPENOOD: Mapping[str, Callable[[Path], Iterable[Example]]] = {
    names.DRAWINGS: lambda root: [*known_or_shifted(root), *(each for _, each in _others(root))],
    names.OUTLIERS: lambda root: [*known_and_validated(root), *parted(root)],
    names.OPEN_SET_DRAWINGS: in_splits,
}


@pytest.fixture(scope="module")
def shown() -> Mapping[str, Mapping[str, set[str]]]:
    """By pack and set the credits of its pictures."""
    root = demo_root()
    with (root / "index.csv").open(newline="", encoding="utf-8") as table:
        credit = {root / row["path"]: CREDITS[row["domain"]] for row in csv.DictReader(table)}
    made = [source(root) for source in SOURCES]
    packs: dict[str, Iterable[Any]] = {source.name: tuple(source.examples) for source in made}  # type: ignore[arg-type]
    packs |= {name: of(root) for name, of in OPENOOD.items()}
    found: dict[str, dict[str, set[str]]] = {}
    for pack, examples in packs.items():
        for example in examples:
            found.setdefault(pack, {}).setdefault(example.set, set()).add(credit[Path(str(example.path))])
    return found


CREDITED = [b for b in benchmarks() if "by source" in b.licence or any(domain.credit for domain in b.domains)]


@pytest.mark.parametrize("benchmark", CREDITED, ids=lambda benchmark: benchmark.name)
def test_a_board_names_the_licences_of_its_pictures(
    benchmark: Benchmark, shown: Mapping[str, Mapping[str, set[str]]]
) -> None:
    credited = [source for domain in benchmark.domains for source in domain.credit.rpartition(": ")[2].split("; ")]
    if benchmark.pack not in shown:  # scenes that are composed, and archives: the credits are all that there is
        assert set(licences_of(*credited)) <= {each for each in ALL if each in benchmark.licence}
        return
    sets = shown[benchmark.pack]
    assert benchmark.licence == licence_line(*sorted(set().union(*sets.values())))
    for domain in filter(lambda each: each.credit, benchmark.domains):
        begins = domain.set.partition("{")[0]  # the rest is a fold's
        shows = set[str]().union(*(sources for name, sources in sets.items() if name.startswith(begins)))
        assert set(domain.credit.split("; ")) == shows, domain.name
