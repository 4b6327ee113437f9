"""Captions are told apart as by CLIP_benchmark's own `evaluate`, but for what is tied; data are as it reads them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from clip_benchmark.datasets.sugar_crepe import SugarCrepe
from clip_benchmark.metrics.image_caption_selection import evaluate as theirs_of
from PIL import Image

from farfield_evaluators.captions import captions_of
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.scoring.selection import PAIR, SCORES_OF_PAIRS, SELECTION, pairs_of
from farfield_evaluators.scoring.test import Test
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.clip_benchmark.data.selection import import_sugar_crepe, import_winoground
from farfield_evaluators.suites.clip_benchmark.selection import CREPE_COUNTS, SUGAR_CREPE, WINOGROUND, set_of

WIDTH, COUNT = 4, 60


class Flat:
    """A model whose embeddings are what it is given, as images of one row."""

    @staticmethod
    def encode_image(images: torch.Tensor) -> torch.Tensor:
        return images.reshape(len(images), -1)

    encode_text = encode_image


def theirs(images: np.ndarray, texts: np.ndarray) -> dict[str, float]:
    """CLIP_benchmark's figures, of images [N, I, D] and texts [N, C, D], over batches of seven instances."""
    batches = []
    for at in range(0, len(images), 7):
        rows = torch.from_numpy(images[at : at + 7])[:, :, None, None]
        numbers = np.arange(at, min(at + 7, len(images)))
        listed = [[f"{number} {place}" for place in range(texts.shape[1])] for number in numbers]
        batches.append((rows if images.shape[1] > 1 else rows[:, 0], listed))

    def tokenize(named: list[str]) -> torch.Tensor:
        places = np.array([name.split() for name in named], int)
        return torch.from_numpy(texts[places[:, 0], places[:, 1]])

    found: dict[str, float] = theirs_of(Flat(), batches, tokenize, "cpu", amp=False)
    return found


def figures(scorers: Any, images: np.ndarray, texts: np.ndarray) -> dict[str, float]:
    """Ours, of images [N, D] with texts [N, C, D], each image's own first; two by two they are pairs."""
    count, number = texts.shape[:2]
    outputs = {"images": images, "texts": texts.reshape(count * number, -1), "texts-rows": np.full(count, number)}
    targets = {PAIR: (np.arange(count) // 2).reshape(-1, 1), f"{PAIR}-rows": np.ones(count, int)}
    test = Test(domain="test", role="id", count=count, outputs=outputs, targets=targets)
    return {scorer.metric.name: scorer.of(test).value for scorer in scorers}


def random_rows(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(*shape, WIDTH)).astype(np.float32)


@pytest.mark.parametrize("number", [2, 3])
def test_the_accuracy_of_single_images_is_clip_benchmarks(number: int) -> None:
    images = random_rows(0, COUNT)
    texts = random_rows(1, COUNT, number) + images[:, None] * (np.arange(number)[:, None] == 0)
    found = theirs(images[:, None], texts)
    assert found["image_acc"] == 1  # of one image there is no other
    assert figures(SELECTION, images, texts)["text-accuracy"] == pytest.approx(found["text_acc"], abs=1e-6)
    assert found["text_acc"] == found["acc"]
    assert 1 / number < found["acc"] < 1


def test_the_scores_of_pairs_are_clip_benchmarks() -> None:
    images, texts = random_rows(2, COUNT, 2), random_rows(3, COUNT, 2)
    texts += 0.5 * images
    found = theirs(images, texts)
    each_with_both = np.stack([texts, texts[:, ::-1]], axis=1).reshape(2 * COUNT, 2, WIDTH)
    ours = figures(SCORES_OF_PAIRS, images.reshape(2 * COUNT, WIDTH), each_with_both)
    names = {"text-score": "text_acc", "image-score": "image_acc", "group-score": "acc"}
    assert ours == pytest.approx({name: found[of] for name, of in names.items()}, abs=1e-6)
    assert 0 < ours["group-score"] < min(ours["text-score"], ours["image-score"])


def test_one_answer_for_everything_is_wrong_and_not_right() -> None:
    """In clip_benchmark the first of what is tied is taken, which is the right one."""
    ones = np.ones((6, WIDTH), np.float32)
    assert theirs(ones[:, None], np.ones((6, 2, WIDTH), np.float32)) == {"image_acc": 1, "text_acc": 1, "acc": 1}
    assert figures(SELECTION, ones, np.ones((6, 2, WIDTH), np.float32)) == {"text-accuracy": 0}
    assert set(figures(SCORES_OF_PAIRS, ones, np.ones((6, 2, WIDTH), np.float32)).values()) == {0}


def test_errors_of_pairs_are_over_pairs() -> None:
    images = random_rows(4, 8)
    outputs = {"images": images, "texts": random_rows(5, 16), "texts-rows": np.full(8, 2)}
    targets = {PAIR: np.repeat(np.arange(4), 2).reshape(-1, 1), f"{PAIR}-rows": np.ones(8, int)}
    test = Test(domain="test", role="id", count=8, outputs=outputs, targets=targets)
    for scorer in SCORES_OF_PAIRS:
        estimate = scorer.of(test)
        assert estimate is not None
        assert estimate.stderr == pytest.approx(np.sqrt(estimate.value * (1 - estimate.value) / 4))


def test_an_image_without_its_pair_is_refused() -> None:
    targets = {PAIR: np.array([[0], [0], [1]]), f"{PAIR}-rows": np.ones(3, int)}
    with pytest.raises(ValueError, match="images that are no pairs"):
        pairs_of(Test(domain="test", role="id", count=3, outputs={}, targets=targets))


def save(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True)
    for number, name in enumerate(names):
        Image.fromarray(np.full((9, 9, 3), 20 * number, np.uint8)).save(folder / name)


def crepe(root: Path) -> Path:
    """Three instances of each file, of three images of COCO."""
    names = ["000000000009.png", "000000000025.png", "000000000030.png"]
    save(root / "val2017", names)
    for file in CREPE_COUNTS:
        said = {
            str(2 * number): {
                "filename": name,
                "caption": f"{file} {number}",
                "negative_caption": f"no {file} {number}",
            }
            for number, name in enumerate(names)
        }
        (root / f"{file}.json").write_text(json.dumps(said))
    return root


def winoground(root: Path) -> Path:
    save(root / "images", [f"ex_{pair}_img_{own}.png" for pair in range(3) for own in range(2)])
    pairs = [
        {"id": pair, "caption_0": f"{pair} a b", "caption_1": f"{pair} b a", "tag": "Object"}
        | {f"image_{own}": f"ex_{pair}_img_{own}" for own in range(2)}
        for pair in range(3)
    ]
    (root / "examples.jsonl").write_text("".join(f"{json.dumps(pair)}\n" for pair in pairs))
    return root


def pixels(pack: Pack, position: int) -> int:
    from farfield.runtime.images import open_image

    start, end = pack.spans[position]
    with open_image(pack.blob.read_bytes()[start:end]) as image:
        return int(np.asarray(image.convert("RGB"))[0, 0, 0])


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # it leaves its files to the garbage collector
def test_sugar_crepe_is_read_as_clip_benchmark_reads_it(tmp_path: Path) -> None:
    root = crepe(tmp_path / "data")
    with pytest.raises(ImportProblems) as refused:
        import_sugar_crepe(root, tmp_path / "packs")
    assert refused.value.problems[6] == "swap_obj: 3 instances, not 246 or 245; 242 missing"
    pack = import_sugar_crepe(root, tmp_path / "packs", subset=True)
    assert pack.blob.stat().st_size < 3 * 300  # each image is there once
    for file in CREPE_COUNTS:
        read = SugarCrepe(str(root / "val2017"), str(root / f"{file}.json"))
        theirs = {int(np.asarray(image)[0, 0, 0]): captions for image, captions in (read[n] for n in range(3))}
        positions = pack.members(set_of(file))
        said = captions_of(pack, positions)
        assert {pixels(pack, p): list(c) for p, c in zip(positions.tolist(), said, strict=True)} == theirs


def embedded(truth: Any, right: Callable[[str], Any], images: np.ndarray) -> dict[str, np.ndarray]:
    texts = np.stack([right(text) for text in truth.captions.told]).astype(np.float32)
    return {"dimensions": np.array([texts.shape[1]]), "texts": texts, "images": images.astype(np.float32)}


def test_sugar_crepe_is_scored_by_the_way_its_captions_were_made(tmp_path: Path) -> None:
    pack = import_sugar_crepe(crepe(tmp_path / "data"), tmp_path / "packs", subset=True)
    truth = stage(SUGAR_CREPE, pack, tmp_path / "in", None)

    def right(text: str) -> Any:
        return [1, 0] if text.startswith("no") == text.startswith("no swap_obj") else [0, 1]

    outputs = embedded(truth, right, np.tile([1, 0], (len(truth), 1)))
    found = {figure.domain: figure.value for figure in evaluate(SUGAR_CREPE, truth, outputs)}
    assert found == {**{set_of(file): 1.0 for file in CREPE_COUNTS}, "swap-obj": 0.0, "id": pytest.approx(6 / 7)}


def test_pairs_come_back_to_one_another(tmp_path: Path) -> None:
    root = winoground(tmp_path / "data")
    with pytest.raises(ImportProblems, match="3 pairs, not 400; 397 missing"):
        import_winoground(root, tmp_path / "packs")
    pack = import_winoground(root, tmp_path / "packs", subset=True)
    truth = stage(WINOGROUND, pack, tmp_path / "in", None)
    assert truth.positions is not None
    own = [captions[0] for captions in captions_of(pack, truth.positions)]
    levels = [pixels(pack, position) // 20 for position in truth.positions.tolist()]
    assert sorted(zip(levels, own, strict=True)) == [
        (2 * pair + turn, f"{pair} {'b a' if turn else 'a b'}") for pair in range(3) for turn in range(2)
    ]

    def point(text: str) -> Any:
        return [1.0, 0.0] if text.endswith("a b") else [0.0, 1.0]

    images = np.array([point(text) for text in own])
    right = {figure.value for figure in evaluate(WINOGROUND, truth, embedded(truth, point, images))}
    assert right == {1.0}
    swapped = embedded(truth, lambda text: point(text)[:: -1 if text.startswith("1") else 1], images)
    found = {(f.metric, f.domain): f.value for f in evaluate(WINOGROUND, truth, swapped)}
    assert found["group-score", "test"] == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        ({"filename": "../a.png"}, "leads out of the folder of images"),
        ({"filename": "a.png"}, r"a\.png: unreadable"),
        ({"caption": ""}, "0 .*: a caption that is no text, or an empty one"),
    ],
)
def test_what_is_wrong_with_a_copy_is_said(tmp_path: Path, spoil: dict[str, str], says: str) -> None:
    root = crepe(tmp_path / "data")
    said = json.loads((root / "add_att.json").read_text())
    (root / "add_att.json").write_text(json.dumps({**said, "0": {**said["0"], **spoil}}))
    with pytest.raises(PackError, match=says):
        import_sugar_crepe(root, tmp_path / "packs", subset=True)


def test_a_file_of_another_form_is_told(tmp_path: Path) -> None:
    root = winoground(tmp_path / "data")
    (root / "examples.jsonl").write_text('{"id": 0}\n')
    with pytest.raises(PackError, match=r"examples\.jsonl is not of the form that it should have: KeyError"):
        import_winoground(root, tmp_path / "packs")
    with pytest.raises(PackError, match=r"add_att\.json cannot be read"):
        import_sugar_crepe(root, tmp_path / "packs")
