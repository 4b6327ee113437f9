"""docs/detectors.md says what the code says."""

from pathlib import Path
from typing import Any

import pytest

from farfield.config import schema_of, settings_of
from farfield_baselines.detection.config import DetectorConfig, ResNetConfig
from farfield_baselines.detection.listed import SPECS

DOCUMENT = Path(__file__).parents[4] / "docs" / "detectors.md"
LARGE = dict(settings_of(schema_of(ResNetConfig)))
SMALL = dict(settings_of(schema_of(DetectorConfig)))


def figure(value: Any) -> str:
    """A default or a bound, as the tables write it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value) or "empty"


def extent(prop: dict[str, Any]) -> str:
    if "enum" in prop:
        return ", ".join(prop["enum"])
    words = {"string": "text", "boolean": "on, off"}
    return words.get(prop["type"]) or f"{figure(prop['minimum'])} to {figure(prop['maximum'])}"


def rows(title: str) -> list[list[str]]:
    """The cells of a section's table."""
    section = DOCUMENT.read_text(encoding="utf-8").partition(f"## {title}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_detector_has_its_row_in_order() -> None:
    assert [name for name, _, _ in rows("The detectors")] == [f"`{spec.name}`" for spec in SPECS]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_its_own_settings_are_listed(spec: Any) -> None:
    own = [(name, p) for name, p in settings_of(schema_of(spec.config)) if name not in LARGE]
    told = {name: settings for name, _, settings in rows("The detectors")}
    listed = "; ".join(f"`{name}` {figure(p['default'])} ({extent(p)})" for name, p in own)
    assert told[f"`{spec.name}`"] == (listed or "none")


def test_the_settings_of_both_networks_are_listed() -> None:
    expected = [
        [
            f"`{name}`",
            figure(SMALL[name]["default"]) if name in SMALL else "none",
            figure(prop["default"]),
            extent(prop),
            prop["description"],
        ]
        for name, prop in LARGE.items()
    ]
    assert rows("Two networks") == expected
