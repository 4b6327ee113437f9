"""NegLabel: which words compete, and the share that is left to the classes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from farfield.testing import check_method
from farfield_baselines.ood_detection import neglabel

Make = Callable[..., Any]
FEW = {"candidates": 30, "negatives": 10, "groups": 2}


def test_the_words_whose_near_classes_are_farthest_are_chosen() -> None:
    classes = np.eye(3)[:2]
    words = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.6, 0.0, 0.8]])
    assert neglabel.farthest(words, classes, 2).tolist() == [1, 2]


def test_the_share_is_a_softmax_s_and_groups_compete_apart() -> None:
    known, negative = np.log([[1.0, 2.0]]), np.log([[3.0, 4.0]])
    assert neglabel.known_share(known, negative, 1).item() == 3.0 / 10.0
    np.testing.assert_allclose(neglabel.known_share(known, negative, 2), [(3.0 / 6.0 + 3.0 / 7.0) / 2])


def test_no_word_is_a_class_or_comes_twice() -> None:
    words = neglabel.nouns(5000, ["Tench", "goldfish"])
    assert len(words) == len(set(words)) == 5000
    assert not {"tench", "goldfish"} & {word.lower() for word in words}


def test_keeps_its_protocol(tmp_path: Path) -> None:
    check_method(neglabel.SPEC, tmp_path, FEW)


def test_it_scores_by_classes_and_words(build: Make, rng: Any) -> None:
    method = build(neglabel.SPEC, FEW)
    images = rng.integers(0, 256, (3, 128, 128, 3), dtype=np.uint8)
    scores, logits = method.score(images)
    assert ((scores > 0) & (scores < 1)).all()
    cosines = method._tower.clip.embed_images(images) @ method._classes.T
    np.testing.assert_allclose(logits, cosines / 0.01, rtol=1e-4)
    assert method._negatives.shape == (10, method._classes.shape[1])
