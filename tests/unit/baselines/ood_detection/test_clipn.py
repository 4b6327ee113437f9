"""CLIPN: both ways of joining yes and no, and the file of the "no" text encoder."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from farfield.errors import ConfigError
from farfield_baselines.networks import mini_clip
from farfield_baselines.ood_detection import clipn

Make = Callable[..., Any]


def test_says_no_is_a_softmax_over_yes_and_no(rng: np.random.Generator) -> None:
    yes, no = rng.normal(size=(2, 4, 3))
    expected = torch.from_numpy(np.stack([yes, no])).softmax(dim=0)[1].numpy()
    np.testing.assert_allclose(clipn.says_no(yes, no), expected)
    assert clipn.says_no(np.array([[1000.0]]), np.array([[-1000.0]])).tolist() == [[0.0]]


def test_negative_prompts_are_ones_own_or_clips_turned() -> None:
    assert clipn.negative_prompts("no {}; without a {}") == ["no {}", "without a {}"]
    turned = clipn.negative_prompts("openai-80")
    assert "a bad photo without a {}." in turned
    assert all(" without " in prompt and "{}" in prompt for prompt in turned)
    assert len(turned) == 66


def test_agreeing_to_differ_by_hand() -> None:
    """p = (3/4, 1/4); no = (1/2, 1/4): 3/4 * 1/2 + 1/4 * 3/4."""
    yes = np.log([[3.0, 1.0]])
    no = yes + np.log([[1.0, 1 / 3]])
    np.testing.assert_allclose(clipn.agreeing_to_differ(yes, no), 9 / 16)


def test_competing_to_win_asks_the_likeliest_class() -> None:
    yes = np.array([[2.0, 0.0], [0.0, 2.0]])
    no = np.array([[2.0, 9.0], [-9.0, 2.0 + np.log(3.0)]])
    np.testing.assert_allclose(clipn.competing_to_win(yes, no), [0.5, 0.25])


@pytest.mark.parametrize("join", [clipn.agreeing_to_differ, clipn.competing_to_win])
def test_a_denial_lowers_the_score(join: Any, rng: np.random.Generator) -> None:
    yes, no = rng.normal(size=(2, 20, 3))
    assert (join(yes, no + 1.0) < join(yes, no)).all()
    assert ((join(yes, no) > 0) & (join(yes, no) < 1)).all()


@pytest.fixture
def text_tower() -> dict[str, torch.Tensor]:
    """The mini CLIP's own text tower."""
    state = mini_clip.load("cpu").state_dict()
    return {k: v.clone() for k, v in state.items() if not k.startswith(("visual.", "logit"))}


@pytest.fixture
def images(rng: np.random.Generator) -> Any:
    return rng.integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)


def stored(tensors: dict[str, torch.Tensor], folder: Path) -> str:
    path = folder / "no.safetensors"
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    return str(path)


def score(build: Make, images: Any, **config: Any) -> Any:
    return build(clipn.SPEC, config).score(images)[0]


def test_the_own_text_tower_as_a_file_changes_nothing(
    build: Make, images: Any, text_tower: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    file = stored({**text_tower, "visual.something": torch.zeros(1)}, tmp_path)
    np.testing.assert_array_equal(score(build, images, no_checkpoint=file), score(build, images))


def test_another_text_tower_says_something_else(
    build: Make, images: Any, text_tower: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    turned = {**text_tower, "text.text_projection": -text_tower["text.text_projection"]}
    assert not np.allclose(score(build, images, no_checkpoint=stored(turned, tmp_path)), score(build, images))


def test_yes_against_itself_is_undecided(build: Make, images: Any) -> None:
    same = score(build, images, no_templates="a photo of a {}", joined="ctw")
    np.testing.assert_allclose(same, 0.5, atol=1e-4)


def test_a_file_that_lacks_a_tensor_is_refused(
    build: Make, images: Any, text_tower: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    del text_tower["text.text_projection"]
    with pytest.raises(ConfigError, match="of this model: text.text_projection missing or misshapen"):
        score(build, images, no_checkpoint=stored(text_tower, tmp_path))


def test_a_negative_prompt_names_the_class(build: Make, images: Any) -> None:
    with pytest.raises(ValueError, match="a text with {} for the class name"):
        score(build, images, no_templates="not at all")
