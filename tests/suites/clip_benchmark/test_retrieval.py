"""Recalls are those of CLIP_benchmark's own `evaluate`; what is tied counts as the mean over all orders of it."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import numpy as np
import pytest
import torch
from clip_benchmark.metrics.zeroshot_retrieval import evaluate

from farfield_evaluators.metrics import retrieval
from farfield_evaluators.metrics.retrieval import images_retrieved, own_cosines, texts_retrieved
from farfield_evaluators.scoring.retrieval import IMAGE_RECALL, KS, RECALLS, TEXT_RECALL, share
from farfield_evaluators.scoring.scorer import Wanted, score_tests
from farfield_evaluators.scoring.test import Test

COUNTS = np.array([5, 1, 2, 5, 7, 3, 5, 1, 4, 6, 5, 2])
WIDTH = 3  # few, so that ranks are of all sizes


class Same:
    """A model whose embeddings are what it is given."""

    encode_image = encode_text = staticmethod(lambda rows: rows)


def theirs(images: np.ndarray, texts: np.ndarray, counts: np.ndarray, ks: tuple[int, ...] = KS) -> dict[str, float]:
    """CLIP_benchmark's figures, over batches of five images with the numbers of their texts in the texts' place."""
    ends = np.cumsum(counts)
    listed = [[str(n) for n in range(end - count, end)] for end, count in zip(ends, counts, strict=True)]
    batches = [(torch.from_numpy(images[at : at + 5]), listed[at : at + 5]) for at in range(0, len(images), 5)]

    def tokenize(numbers: list[str]) -> torch.Tensor:
        return torch.from_numpy(texts[[int(number) for number in numbers]])

    found: dict[str, float] = evaluate(Same(), batches, tokenize, "cpu", amp=False, recall_k_list=list(ks))
    return found


def ours(images: np.ndarray, texts: np.ndarray, counts: np.ndarray, ks: tuple[int, ...] = KS) -> dict[str, float]:
    found = images_retrieved(images, texts, counts, ks).mean(axis=0), texts_retrieved(images, texts, counts, ks)
    named = {f"image_retrieval_recall@{k}": found[0][place] for place, k in enumerate(ks)}
    return named | {f"text_retrieval_recall@{k}": found[1].mean(axis=0)[place] for place, k in enumerate(ks)}


def random_embeddings(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Of images, and of texts that are a little like their images."""
    rng = np.random.default_rng(seed)
    images = rng.normal(size=(len(COUNTS), WIDTH)).astype(np.float32)
    texts = np.repeat(images, COUNTS, axis=0) + 2 * rng.normal(size=(COUNTS.sum(), WIDTH))
    return images, texts.astype(np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_recalls_are_clip_benchmarks_where_images_have_different_numbers_of_captions(seed: int) -> None:
    images, texts = random_embeddings(seed)
    found = theirs(images, texts, COUNTS)
    assert ours(images, texts, COUNTS) == pytest.approx(found, abs=1e-6)
    assert 0 < found["image_retrieval_recall@1"] < found["image_retrieval_recall@10"] <= 1


def test_the_length_of_an_embedding_says_nothing() -> None:
    images, texts = random_embeddings(0)
    scaled = texts * np.random.default_rng(1).uniform(0.01, 100, (len(texts), 1)).astype(np.float32)
    assert ours(images * 1e-6, scaled, COUNTS) == ours(images, texts, COUNTS)


TIED = {
    "all alike": ([[1, 0]] * 5, [[1, 0]] * 5),
    "two captions alike": ([[1, 0], [0, 1], [1, 2], [2, 1], [-1, 0]], [[1, 0], [1, 0], [1, 2], [2, 1], [-1, 1]]),
    "three images alike": ([[1, 0], [1, 0], [1, 0], [0, 1], [1, 1]], [[1, 0], [1, 1], [0, 1], [0, 1], [1, 0]]),
    "nothing but zeros": ([[0, 0]] * 5, [[1, 0], [0, 1], [1, 1], [0, 0], [2, 1]]),
}


@pytest.mark.parametrize(("images", "texts"), TIED.values(), ids=list(TIED))
def test_what_is_tied_counts_as_the_mean_over_all_orders(images: Any, texts: Any) -> None:
    both, ones = (np.array(images, np.float32), np.array(texts, np.float32)), np.ones(5, np.int64)
    every = [theirs(*(rows[list(order)] for rows in both), ones, (1, 2)) for order in permutations(range(5))]
    mean = {name: float(np.mean([found[name] for found in every])) for name in every[0]}
    assert ours(*both, ones, (1, 2)) == pytest.approx(mean, abs=1e-6)


def test_one_answer_for_everything_is_chance() -> None:
    images, texts = np.ones((20, 4), np.float32), np.ones((60, 4), np.float32)
    found = ours(images, texts, np.full(20, 3))
    assert found["image_retrieval_recall@1"] == pytest.approx(1 / 20)
    assert found["image_retrieval_recall@10"] == pytest.approx(0.5)
    assert found["text_retrieval_recall@1"] == pytest.approx(3 / 60)
    assert found["text_retrieval_recall@5"] == pytest.approx(1 - np.prod([(57 - n) / (60 - n) for n in range(5)]))


def test_parts_of_any_size_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    images, texts = random_embeddings(3)
    found = ours(images, texts, COUNTS), own_cosines(images, texts, COUNTS)
    monkeypatch.setattr(retrieval, "BLOCK_VALUES", 7)
    assert ours(images, texts, COUNTS) == found[0]
    assert np.array_equal(own_cosines(images, texts, COUNTS), found[1])


def test_an_image_without_a_caption_is_never_found_by_one() -> None:
    images, texts = np.eye(3, dtype=np.float32), np.eye(3, dtype=np.float32)[:2]
    assert texts_retrieved(images, texts, np.array([1, 1, 0]), (1, 5)).tolist() == [[1, 1], [1, 1], [0, 0]]


def scored(images: np.ndarray, texts: np.ndarray, counts: np.ndarray, order: np.ndarray) -> dict[str, Any]:
    """The figures of a domain whose examples come in this order."""
    outputs = {"images": images, "texts": texts, "texts-rows": counts}
    whole = Test(domain="test", role="id", count=len(images), outputs=outputs)
    test = replace(whole.part(order), within=None)  # which looks at the outputs in that order
    wanted = Wanted(metrics=frozenset(scorer.metric.name for scorer in RECALLS), aggregates=())
    return {figure.metric: figure for figure in score_tests(RECALLS, [test], wanted)}


def test_figures_are_recalls_in_whatever_order_the_examples_come() -> None:
    images, texts = random_embeddings(2)
    named = ours(images, texts, COUNTS)
    for order in (np.arange(len(images)), np.random.default_rng(0).permutation(len(images))):
        figures = scored(images, texts, COUNTS, order)
        for k in KS:
            assert figures[IMAGE_RECALL[k].name].value == pytest.approx(named[f"image_retrieval_recall@{k}"])
            assert figures[TEXT_RECALL[k].name].value == pytest.approx(named[f"text_retrieval_recall@{k}"])
        assert {figure.n for figure in figures.values()} == {len(images)}


def test_errors_take_images_as_drawn_with_all_their_captions() -> None:
    """Of one caption each it is the error of a mean; twice the same captions tell no more than once."""
    hits = np.array([1.0, 0.0, 1.0, 1.0])
    alone = share(hits, np.ones(4))
    assert alone.stderr == pytest.approx(hits.std(ddof=1) / 2)
    twice = share(2 * hits, np.full(4, 2))
    assert (twice.value, twice.stderr) == (pytest.approx(alone.value), pytest.approx(alone.stderr))
    assert share(np.ones(1), np.ones(1)).stderr is None
