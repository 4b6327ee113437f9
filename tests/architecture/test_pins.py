"""The pinned versions install on every release of a supported Python, not only on the one that pinned them."""

import importlib.metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[2]
PINS = [line.strip() for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line]


def requires_python(pin: str) -> str:
    """What the pinned distribution says of Python; nothing when it is not installed here in that version."""
    name, version = pin.split("==")
    try:
        distribution = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
    if distribution.version != version.split(";")[0].strip():
        return ""
    return str(distribution.metadata.json.get("requires_python", ""))


@pytest.mark.parametrize("python", ["3.11.0", "3.12.0"])
def test_every_pin_installs_on_the_first_release_of_a_supported_python(python: str) -> None:
    refused = {pin: wanted for pin in PINS if python not in SpecifierSet(wanted := requires_python(pin))}
    assert refused == {}, "Debian 12 has Python 3.11.2: pin a version that installs there"


def test_the_pins_are_those_of_this_environment() -> None:
    """Else the test above would look at nothing."""
    known = [pin for pin in PINS if requires_python(pin)]
    assert len(known) > len(PINS) // 2
