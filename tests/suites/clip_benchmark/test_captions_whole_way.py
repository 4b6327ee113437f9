"""A method is told captions and images, and neither their order nor a file tells which belong together."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.unit.workers.conftest import Recorder
from tests.unit.workers.test_parts import installed_of

from farfield_evaluators.captions import captions_of, shuffled
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.outcomes import judged, rescore
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.staging import stage
from farfield_evaluators.suites.clip_benchmark.captions import CaptionSet, captions_board
from farfield_evaluators.suites.clip_benchmark.data.captions import import_captions
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.failures import RunFailure
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

LEVELS = tuple(range(0, 240, 20))
LEVEL_SET = CaptionSet(key="levels", title="Levels", what="Greys", images=12, captions=24, paper="None", files="levels")
BOARD = captions_board(LEVEL_SET, licence="CC0")
METHOD = '''
import json
import os
from pathlib import Path
import numpy as np
from farfield import Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

INPUTS = Path.cwd().parent / "in"

class Greys:
    """A caption names the grey of its image."""

    def __init__(self, context):
        assert context.class_names == (), context
    def embed_texts(self, texts):
        assert sorted(os.listdir(INPUTS / "test")) == ["ask", "give", "stream.json"], os.listdir(INPUTS / "test")
        assert len(texts) == 24 and texts != sorted(texts)
        self.told = texts
        return self.points(np.array([float(text.split()[-1]) for text in texts]))
    def embed_images(self, images):
        assert len(images) <= 5
        return self.points(images.mean(axis=(1, 2, 3)))
    def points(self, levels):
        return np.stack([np.cos(levels / 100), np.sin(levels / 100)], axis=1)

class Late(Greys):
    """Writes other captions once it has seen images."""

    def embed_images(self, images):
        np.save(Path.cwd().parent / "out" / "texts.npy", np.ones((24, 2), np.float32))
        return super().embed_images(images)

def spec(name, build):
    return MethodSpec(name=name, family=TaskFamily.RETRIEVAL, summary="Greys.", build=build, batch_size=5,
                      inputs=Images(size=8), claims=TrackClaims(backbone="none"))

@hookimpl
def farfield_methods():
    return [spec("greys", Greys), spec("late", Late)]
'''


@pytest.fixture(scope="module")
def greys(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    root = tmp_path_factory.mktemp("greys")
    rows = ["image,caption"]
    for level in LEVELS:
        Image.fromarray(np.full((12, 12, 3), level, np.uint8)).save(root / f"{level}.jpg", quality=100)
        rows += [f"{level}.jpg,grey, number {level}", f"{level}.jpg,of the level {level + 1}"]
    (root / "levels_test_karpathy.txt").write_text("\n".join(rows))
    return import_captions(LEVEL_SET, root, root / "packs")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, greys: Pack) -> Any:
    def run(name: str) -> Outcome:
        sandbox = ProcessSandbox()
        installed = installed_of("greys", METHOD, sandbox, tmp_path, monkeypatch)
        runnable, cell = Runnable(description=installed.method(name)), Cell(at={"trial": 0}, seed=1)
        request = Request(benchmark=BOARD, pack=greys, runnable=runnable, cell=cell)
        return Evaluator(installed, sandbox, tmp_path).run(request, Recorder())

    return run


@pytest.mark.submitted
def test_a_method_goes_the_whole_way(run: Any, greys: Pack) -> None:
    outcome = run("greys")
    figures = {figure.metric: figure.value for figure in outcome.evidence.figures if figure.domain == "test"}
    assert set(figures.values()) == {1.0}
    assert figures.keys() == {metric.name for metric in BOARD.metrics}
    assert (outcome.probes["deterministic"], outcome.probes["batch_independent"]) == (True, True)
    assert rescore(BOARD, greys, outcome.evidence.outcomes) == outcome.evidence.figures


@pytest.mark.submitted
def test_captions_that_are_embedded_again_after_images_were_seen_end_the_run(run: Any) -> None:
    says = "dimensions, texts are not what they were when the first test input was asked for"
    with pytest.raises(RunFailure, match=says) as failure:
        run("late")
    assert failure.value.code == "predictions.changed"


def test_captions_are_told_in_another_order_each_time_and_come_back_to_their_images(
    greys: Pack, tmp_path: Path
) -> None:
    staged = [stage(BOARD, greys, tmp_path / name, None) for name in ("one", "two")]
    for truth in staged:
        captions, positions = truth.captions, truth.positions
        assert captions is not None
        assert positions is not None
        told, ends = [captions.told[place] for place in captions.places], np.cumsum(captions.counts)
        assert [tuple(told[end - 2 : end]) for end in ends] == captions_of(greys, positions)
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    one, two = (truth.captions.told for truth in staged if truth.captions)
    assert not any(text.encode() in held for held in files for text in one)
    assert sorted(one) == sorted(two)
    assert one != two


def test_captions_are_scored_with_the_images_that_they_are_of(greys: Pack, tmp_path: Path) -> None:
    truth = stage(BOARD, greys, tmp_path / "in", None)
    assert truth.captions is not None
    rng = np.random.default_rng(0)
    images = rng.normal(size=(12, 6)).astype(np.float32)
    right = np.empty((24, 6), np.float32)
    right[truth.captions.places] = np.repeat(images, 2, axis=0)
    outputs = {"dimensions": np.array([6]), "texts": right, "images": images}
    assert {figure.value for figure in evaluate(BOARD, truth, outputs)} == {1.0}
    mixed = evaluate(BOARD, truth, {**outputs, "texts": rng.permutation(right)})
    assert min(figure.value for figure in mixed) < 0.5
    assert judged(BOARD, greys, truth, outputs).outcomes is not None


def test_a_permutation_that_is_undone_by_its_places() -> None:
    captions = [["a", "b", "c"], ["d"], ["e", "f"]]
    mixed = shuffled(captions, np.random.default_rng(3))
    assert [mixed.told[place] for place in mixed.places] == ["a", "b", "c", "d", "e", "f"]
    outputs = {"texts": np.array([[float(ord(text))] for text in mixed.told])}
    assert mixed.by_image(outputs)["texts"].reshape(-1).tolist() == [float(ord(letter)) for letter in "abcdef"]
    assert mixed.by_image(outputs)["texts-rows"].tolist() == [3, 1, 2]


def test_how_often_a_text_is_a_caption_is_not_told() -> None:
    """The right captions of SugarCrepe are in several of its files, and the wrong ones in one."""
    mixed = shuffled([["right", "wrong"], ["right", "wronger"]], np.random.default_rng(0))
    assert sorted(mixed.told) == ["right", "wrong", "wronger"]
    assert [mixed.told[place] for place in mixed.places] == ["right", "wrong", "right", "wronger"]
    outputs = mixed.by_image({"texts": np.array([[float(len(text))] for text in mixed.told])})
    assert outputs["texts"].reshape(-1).tolist() == [5, 5, 5, 7]
    assert outputs["texts-rows"].tolist() == [2, 2]


def test_a_file_of_predictions_is_not_taken() -> None:
    """Its rows are of images, and a run's captions are in an order of its own."""
    assert BOARD.handed_in is None
