"""Prompts are embedded by the platform where it has them, and no model is loaded then; by the model elsewhere."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from farfield import RunContext
from farfield.texts import Embedded, Texts
from farfield_baselines.prompt_towers import PromptTower

ROWS = {"a zebra": [1.0, 0.0], "one zebra": [0.6, 0.8], "a cat": [0.0, 1.0], "one cat": [0.0, 1.0]}


class Model:
    """Stands for a CLIP model."""

    scale = 3.0

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def embed_prompts(self, prompts: Sequence[str]) -> Any:
        self.asked.append(list(prompts))
        return np.array([ROWS[prompt] for prompt in prompts], np.float32)


def tower(texts: Texts | None, model: Model | None = None) -> PromptTower:
    def load() -> Any:
        if model is None:
            raise AssertionError("the model is loaded")
        return model

    return PromptTower(RunContext(class_names=("zebra", "cat"), texts=texts), ("clip", {"model": "m"}), load)


def test_what_the_platform_has_needs_no_model() -> None:
    def told(name: str, settings: Any, prompts: Sequence[str]) -> Embedded:
        assert (name, settings) == ("clip", {"model": "m"})
        return Embedded(embeddings=Model().embed_prompts(prompts), scale=2.0)

    weight = tower(Texts(told)).classifier(("zebra", "cat"), ("a {}", "one {}"))
    zebra = np.array([0.8, 0.4]) / np.linalg.norm([0.8, 0.4])
    np.testing.assert_allclose(weight, 2.0 * np.array([zebra, [0.0, 1.0]]), rtol=1e-6)
    assert weight.dtype == np.float32


@pytest.mark.parametrize("texts", [None, Texts(lambda *_: None)])
def test_elsewhere_the_model_embeds_and_equal_prompts_once(
    texts: Texts | None, capsys: pytest.CaptureFixture[str]
) -> None:
    model = Model()
    found = tower(texts, model)
    rows = found.embed_classes(("cat", "zebra", "cat"), ("a {}",))
    assert rows.tolist() == [[0.0, 1.0], [1.0, 0.0], [0.0, 1.0]]
    assert (model.asked, found.scale) == ([["a cat", "a zebra"]], 3.0)
    assert "classes 0 and 2 are both called cat" in capsys.readouterr().out
