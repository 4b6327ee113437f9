"""docs/sequences.md says what the code says."""

from pathlib import Path

from tests.unit.baselines.documented import cells, own_settings, setting_rows

from farfield.config import schema_of, settings_of
from farfield_baselines.clip_methods import TrainConfig
from farfield_baselines.sequences.core import SequenceConfig
from farfield_baselines.sequences.listed import SPECS

LINES = (Path(__file__).parents[4] / "docs" / "sequences.md").read_text(encoding="utf-8").splitlines()


def test_every_method_has_its_row_with_its_settings() -> None:
    listed = [cells(line) for line in LINES if line.startswith("| `") and line.count(" | ") == 2]
    assert [(row[0], row[2]) for row in listed] == [
        (f"`{spec.name}`", own_settings(spec, SequenceConfig)) for spec in SPECS
    ]


def test_settings_that_are_not_robust_fine_tunings_are_listed() -> None:
    known = schema_of(TrainConfig)["properties"]
    every = settings_of(schema_of(SequenceConfig))
    own = [row for (name, p), row in zip(every, setting_rows(SequenceConfig), strict=True) if p != known.get(name)]
    assert [line for line in LINES if line.startswith("| `") and line.count(" | ") == 3] == own
