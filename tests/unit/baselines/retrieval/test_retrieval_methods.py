"""Methods of retrieval: what they embed, whom they ask, and what docs/retrieval.md says of them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from farfield.texts import Embedded, Texts
from farfield_baselines.retrieval import chance_retrieval, clip_retrieval
from farfield_baselines.retrieval.listed import SPECS

Make = Callable[..., Any]
DOCUMENT = Path(__file__).parents[4] / "docs" / "retrieval.md"


def test_chance_follows_from_what_is_embedded_and_from_nothing_else(build: Make, rng: np.random.Generator) -> None:
    method, other = build(chance_retrieval.SPEC), build(chance_retrieval.SPEC, seed=8)
    texts = method.embed_texts(["a cat", "a dog", "a cat"])
    assert np.array_equal(texts[0], texts[2])
    assert abs(np.corrcoef(texts[0], texts[1])[0, 1]) < 0.5
    images = rng.integers(0, 256, (5, 8, 8, 3), dtype=np.uint8)
    assert np.array_equal(method.embed_images(images)[3:], other.embed_images(images[3:]))
    assert len(np.unique(method.embed_images(images)[:, 0])) == 5


def test_captions_are_embedded_by_the_platform_where_it_has_the_network(build: Make) -> None:
    asked: list[Any] = []

    def told(name: str, settings: Any, prompts: Sequence[str]) -> Embedded:
        asked.append((name, dict(settings), list(prompts)))
        return Embedded(embeddings=np.arange(2 * len(prompts), dtype=np.float32).reshape(-1, 2), scale=1.0)

    method = build(clip_retrieval.SPEC, class_names=(), class_synsets=(), texts=Texts(told))
    assert method.embed_texts(["one", "two", "one"]).tolist() == [[0, 1], [2, 3], [0, 1]]
    assert asked == [("mini-clip", {}, ["one", "two"])]
    features = np.ones((3, 192), np.float32)
    assert method.embed_images(features) is features


def test_every_method_is_named_in_its_document() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    assert [line.split("`")[1] for line in text.splitlines() if line.startswith("| `")] == [spec.name for spec in SPECS]
