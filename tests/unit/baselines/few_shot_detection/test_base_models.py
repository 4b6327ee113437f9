"""What is kept of a base phase: read again it is the same, and nothing else is read."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from farfield.errors import ConfigError
from farfield_baselines.few_shot_detection.base_models import FILE, load, save

TENSORS = {"backbone.pyramid.a": torch.arange(6.0).reshape(2, 3), "backbone.trunk.b": torch.ones(3)}


def test_it_is_read_as_it_was_written_without_what_is_published(tmp_path: Path) -> None:
    save(tmp_path, TENSORS, (0, 2))
    assert [each.name for each in tmp_path.iterdir()] == [FILE]
    assert set(load_file(tmp_path / FILE)) == {"backbone.pyramid.a"}
    again = load(tmp_path, TENSORS, (0, 2))
    torch.testing.assert_close(again, {"backbone.pyramid.a": TENSORS["backbone.pyramid.a"]})


def test_a_model_of_other_classes_or_of_other_settings_is_refused(tmp_path: Path) -> None:
    save(tmp_path, TENSORS, (0, 2))
    with pytest.raises(ConfigError, match=r"it knows the classes 0,2, and not those of this benchmark"):
        load(tmp_path, TENSORS, (0, 1))
    with pytest.raises(ConfigError, match=r"its tensors are not those of these settings"):
        load(tmp_path, {"backbone.pyramid.a": torch.zeros(2, 4)}, (0, 2))


@pytest.mark.parametrize("content", [None, b"", b"no safetensors at all"])
def test_a_missing_or_damaged_file_is_named(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / FILE).write_bytes(content)
    with pytest.raises(ConfigError, match=r"base\.safetensors cannot be read"):
        load(tmp_path, TENSORS, (0,))
