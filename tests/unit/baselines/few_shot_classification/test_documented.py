"""docs/few-shot-classification.md says what the code says."""

from pathlib import Path

from tests.unit.baselines.documented import cells, extent, figure

from farfield.config import schema_of, settings_of
from farfield_baselines.few_shot_classification import crlnet
from farfield_baselines.few_shot_classification.listed import SPECS

DOCUMENT = Path(__file__).parents[4] / "docs" / "few-shot-classification.md"
TITLE = "Settings of `crlnet`"
SMALL, LARGE = (dict(settings_of(schema_of(crlnet.SPEC.with_input(name).config))) for name in ("lite0", "resnet12"))


def setting_table() -> list[str]:
    """The rows of the section's table, as the code has them."""
    return [
        f"| `{name}` | {figure(SMALL[name]['default']) if name in SMALL else 'none'} | {figure(prop['default'])} "
        f"| {extent(prop)} | {prop['description']} |"
        for name, prop in LARGE.items()
    ]


def test_all_settings_are_listed_for_both_inputs() -> None:
    section = DOCUMENT.read_text(encoding="utf-8").partition(f"## {TITLE}\n")[2].partition("\n## ")[0]
    listed = [cells(line) for line in section.splitlines() if line.startswith("| `") and line.count("|") == 6]
    assert listed == [cells(line) for line in setting_table()]


def test_every_method_is_named() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert all(f"| `{spec.name}` |" in text for spec in SPECS)
