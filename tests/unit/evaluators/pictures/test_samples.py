"""Which test images of classifiers and OOD detectors are shown, on the shipped benchmarks with made-up predictions."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.evaluate import Truth
from farfield_evaluators.pictures.about import About
from farfield_evaluators.pictures.drawing import SMALL_SIDE
from farfield_evaluators.pictures.run import Picture, pictures_of
from farfield_evaluators.pictures.samples import SAME, Answers, chosen
from farfield_evaluators.scoring.detection import OOD
from farfield_evaluators.staging import pooled, truth_of

CLASSIFIED, DETECTED = find("imagenet-ood/mini"), find("ood-detection/mini")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return import_demo(tmp_path_factory.mktemp("packs"))


def truth(benchmark: Benchmark, pack: Pack, seed: int = 0) -> Truth:
    """As a run has it: pooled, in an order of its own."""
    positions, domains = pooled(benchmark, pack)
    order = np.random.default_rng(seed).permutation(len(positions))
    return truth_of(benchmark, pack, positions[order], domains[order])


def logits(hidden: Truth, right: Any, confidence: Any) -> dict[str, Any]:
    """Of each example its class, or the next one where it is not right, with that softmax probability."""
    said = np.where(right, hidden.labels, (hidden.labels + 1) % hidden.classes)
    rest = (1 - np.asarray(confidence)) / (hidden.classes - 1)
    values = np.tile(np.log(rest)[:, None], (1, hidden.classes))
    values[np.arange(len(said)), said] = np.log(confidence)
    return {"logits": values.astype(np.float32)}


def about(pictures: list[Picture]) -> list[About]:
    return [picture.about for picture in pictures if picture.about is not None]


def test_rows_are_those_of_chance_then_what_is_missing_then_the_worst() -> None:
    right = np.array([True, True, True, True, False, False, False])
    wrong = np.array([-np.inf] * 4 + [0.5, 0.9, 0.7])
    answers = Answers(said=str, truth=str, right=right, values=wrong, wrong=wrong)
    order = [3, 1, 0, 4, 2, 6, 5]
    assert chosen(order, answers) == [
        *((row, "chance") for row in (3, 1, 0)),
        (4, "further"),
        *((row, "mistake") for row in (5, 6)),
    ]
    all_right = replace(answers, right=np.full(7, True), wrong=np.full(7, -np.inf))
    assert [why for _, why in chosen(order, all_right)] == ["chance"] * SAME
    assert chosen(order[:2], answers) == [(3, "chance"), (1, "chance")]


def test_chance_shows_all_entries_the_same_images_in_whatever_order_a_run_had_them(pack: Pack) -> None:
    shown = []
    for seed in (1, 2):
        hidden = truth(CLASSIFIED, pack, seed)
        count = len(hidden)
        drawn = list(
            pictures_of(CLASSIFIED, pack, hidden, logits(hidden, np.full(count, seed == 1), np.full(count, 0.5)))
        )
        shown.append({(one.about.domain, one.about.example): one for one in drawn if one.about})
        by_chance = [one for one in about(drawn) if one.why == "chance"]
        assert len(by_chance) == SAME * len(CLASSIFIED.domains)
        assert {one.right for one in about(drawn)} == {seed == 1}
    same = [key for key, one in shown[0].items() if one.about and one.about.why == "chance"]
    assert all(shown[1][key].content == shown[0][key].content for key in same)


def test_what_is_said_of_an_image_is_what_the_run_said(pack: Pack) -> None:
    hidden = truth(CLASSIFIED, pack)
    right = np.random.default_rng(3).random(len(hidden)) < 0.5
    confidence = np.linspace(0.5, 0.99, len(hidden))
    row_of = {int(position): row for row, position in enumerate(hidden.positions)}  # type: ignore[arg-type]
    names = [each.name for each in pack.classes]
    told = about(list(pictures_of(CLASSIFIED, pack, hidden, logits(hidden, right, confidence))))
    for one in told:
        row = row_of[one.example]
        assert one.right == right[row]
        assert one.truth == names[hidden.labels[row]]
        assert one.value == pytest.approx(confidence[row], abs=1e-4)
        assert one.said.endswith(f", confidence {confidence[row]:.2f}")
        assert one.said.startswith(one.truth) or not one.right
        assert CLASSIFIED.domains[hidden.domains[row]].name == one.domain
    for number, domain in enumerate(CLASSIFIED.domains):
        worst = [one.value for one in told if one.domain == domain.name and one.why == "mistake"]
        seen = {one.example for one in told if one.domain == domain.name and one.why != "mistake"}
        others = [
            confidence[row]
            for row in np.flatnonzero((hidden.domains == number) & ~right)
            if int(hidden.positions[row]) not in seen  # type: ignore[index]
        ]
        assert worst == pytest.approx(sorted(others, reverse=True)[: len(worst)], abs=1e-4)


def test_of_an_ood_detector_what_it_placed_worst(pack: Pack) -> None:
    hidden = truth(DETECTED, pack)
    scores = np.random.default_rng(4).normal(size=len(hidden))
    is_ood = np.array([DETECTED.domains[number].role in OOD for number in hidden.domains])
    arrays = {"scores": scores, "logits": np.zeros((len(hidden), hidden.classes), np.float32)}
    told = about(list(pictures_of(DETECTED, pack, hidden, arrays)))
    row_of = {int(position): row for row, position in enumerate(hidden.positions)}  # type: ignore[arg-type]
    assert {one.right for one in told} == {None}
    for one in told:
        row = row_of[one.example]
        assert one.value == pytest.approx((scores[~is_ood] < scores[row]).mean(), abs=1e-4)
        assert one.said.startswith(f"score {scores[row]:.4g}, above that of ")
        assert (one.truth == "out of distribution") == is_ood[row]
    for number, domain in enumerate(DETECTED.domains):
        rows = [row_of[one.example] for one in told if one.domain == domain.name and one.why == "mistake"]
        seen = [row_of[one.example] for one in told if one.domain == domain.name and one.why == "chance"]
        left = [row for row in np.flatnonzero(hidden.domains == number).tolist() if row not in seen]
        assert rows == sorted(left, key=lambda row: -scores[row] if is_ood[row] else scores[row])[:2]


def test_where_only_images_are_shown_nothing_tells_what_is_right(pack: Pack) -> None:
    hidden, benchmark = truth(CLASSIFIED, pack), replace(CLASSIFIED, shows="images")
    right = np.random.default_rng(5).random(len(hidden)) < 0.5
    told = about(list(pictures_of(benchmark, pack, hidden, logits(hidden, right, np.full(len(right), 0.9)))))
    assert {(one.why, one.truth, one.right) for one in told} == {("chance", "", None)}
    assert not list(pictures_of(replace(CLASSIFIED, shows=""), pack, hidden, {}))


def test_images_are_small(pack: Pack) -> None:
    hidden = truth(CLASSIFIED, pack)
    drawn = list(
        pictures_of(CLASSIFIED, pack, hidden, logits(hidden, np.full(len(hidden), True), np.full(len(hidden), 0.9)))
    )
    assert max(max(Image.open(io.BytesIO(one.content)).size) for one in drawn) <= SMALL_SIDE
    assert max(len(one.content) for one in drawn) < 16 << 10
    assert [one.place for one in drawn] == list(range(len(drawn)))


def test_whose_images_are_shown_is_said_of_every_domain() -> None:
    from farfield_evaluators.catalog import benchmarks

    showing = [benchmark for benchmark in benchmarks() if benchmark.shows]
    assert {"imagenet-ood/mini", "ood-detection/mini", "fsdet/scenes"} <= {each.name for each in showing}
    assert not [(each.name, domain.name) for each in showing for domain in each.domains if not domain.credit]


def test_what_is_sent_is_read_again() -> None:
    one = About(domain="photographs", example=3, why="mistake", said="dog", truth="cat", right=False, value=0.5)
    assert About.read(one.as_json()) == one


def test_outputs_of_checkpoints_show_nothing(pack: Pack, tmp_path: Path) -> None:
    hidden = truth(CLASSIFIED, pack)
    assert not list(pictures_of(CLASSIFIED, pack, hidden, {"logits": np.zeros((2, len(hidden), hidden.classes))}))
