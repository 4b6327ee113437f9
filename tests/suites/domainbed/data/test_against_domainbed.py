"""Our readers against DomainBed's own: the images of each environment, their order and their labels are the same."""

import json
from pathlib import Path

import pytest
from tests.suites.domainbed.data import domainbed_case as case

from farfield_evaluators.suites.domainbed.data import spawrious, wilds
from farfield_evaluators.suites.domainbed.data.folders import source_of
from farfield_evaluators.suites.domainbed.data.itemised import Item
from farfield_evaluators.suites.domainbed.data.tree import read_tree

THEIRS = json.loads(Path(__file__).with_name("domainbed.json").read_text(encoding="utf-8"))
RELEASES = {"WILDSCamelyon": wilds.CAMELYON, "WILDSFMoW": wilds.FMOW}


def by_environment(items: list[Item]) -> list[dict[str, object]]:
    numbers = sorted({item.environment for item in items})
    return [case.listed((i.file, i.label) for i in items if i.environment == number) for number in numbers]


@pytest.mark.parametrize("name", spawrious.PLACES)
def test_spawrious_is_put_together_as_domainbed_does(name: str) -> None:
    every = spawrious.portions(spawrious.PLACES[name])
    names = {part.folder: case.NAMES for of in every for part in of}
    assert by_environment(spawrious.items_of(every, names)) == THEIRS[name]


@pytest.mark.parametrize("name", RELEASES)
def test_wilds_is_divided_as_domainbed_does(name: str, tmp_path: Path) -> None:
    root = case.WILDS[name](tmp_path)
    assert by_environment(list(RELEASES[name].read(root).items)) == THEIRS[name]


def test_sviro_is_read_as_domainbed_does(tmp_path: Path) -> None:
    root = case.sviro(tmp_path) / "sviro"
    examples = source_of(read_tree(root), case.SMALL_SVIRO, official=True).examples
    items = [Item(str(e.path.relative_to(root)), e.label, e.domain) for e in examples]
    assert by_environment(items) == THEIRS["SVIRO"]
