"""The small releases on which DomainBed's readers and ours are compared, and how a list of images is written down."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tests.suites.domainbed.data.trees import grow, tiny
from tests.suites.wilds.data import trees as wilds_trees

from farfield_evaluators.suites.domainbed.data.official import SVIRO

SMALL_SVIRO = tiny(SVIRO, ("0", "1", "2"))
NAMES = tuple(f"{number:04}.png" for number in range(3168))  # of a folder of Spawrious, whose files need not be opened
LOCATIONS = ("beach", "desert", "dirt", "jungle", "mountain", "snow")


def fmow(root: Path) -> Path:
    """A release of FMoW with a region for each country, which WILDS' own has too."""
    folder = wilds_trees.fmow(root)
    countries = folder / "country_code_mapping.csv"
    countries.write_text(countries.read_text(encoding="utf-8").replace("ATA,ATA,", "ATA,ATA,Other"), encoding="utf-8")
    return folder


WILDS = {"WILDSCamelyon": wilds_trees.camelyon17, "WILDSFMoW": fmow}


def sviro(root: Path) -> Path:
    """The folder that holds `sviro`."""
    return grow(SMALL_SVIRO, root).parent


def listed(images: Iterable[tuple[str, int]]) -> dict[str, object]:
    """(file, label) in order, as the committed file has them: how many, and a hash over all."""
    lines = [f"{file} {label}\n" for file, label in images]
    return {"images": len(lines), "sha256": hashlib.sha256("".join(lines).encode()).hexdigest()}
