"""Masks go the whole way: staged for what is learned from, given by a method, read back, checked, and scored."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from tests.unit.workers.test_parts import benchmark, installed_of

from farfield import TaskFamily
from farfield.runtime.dataset import read_array
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.scoring.masks import detected_masks, object_masks
from farfield_evaluators.scoring.scorer import Wanted
from farfield_evaluators.scoring.test import Outcome, Test
from farfield_evaluators.staging import stage, told
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

COLUMNS = (
    PackColumn(name="boxes", kind="rows", width=4),
    PackColumn(name="box-labels", kind="rows", dtype="int64"),
    PackColumn(name="box-crowd", kind="rows", dtype="int64"),
    PackColumn(name="masks", kind="rows", dtype="uint8"),
)
SETS = ("base", "support", "test")
AGREE = Metric(name="agree", title="Agree", higher_is_better=True, description="Masks that are the object's.")


@dataclass(frozen=True)
class Agreeing:
    """How many detections have the very mask of the first object of their image."""

    gives: tuple[Metric, ...] = (AGREE,)

    def needs(self, test: Test) -> tuple[Outcome, ...]:
        return ()

    def score(self, tests: Sequence[Test], wanted: Wanted) -> Iterator[Figure]:
        for test in tests:
            pairs = zip(detected_masks(test), object_masks(test), strict=True)
            hits = [np.array_equal(mask, right[0]) for said, right in pairs for mask in said]  # type: ignore[arg-type]
            yield Figure(metric="agree", domain=test.domain, value=float(np.mean(hits)), stderr=None, n=len(test))


def make(folder: Path) -> Pack:
    """Two images a set, with a triangle in a box of 8 x 6 pixels, a group of objects, and an object without outline."""
    folder.mkdir()
    examples = []
    for number in range(6):
        width, height, left = 24 + number, 16 + number, 3 + number
        corners = [left, 4, left + 8, 4, left, 10]
        image = Image.new("RGB", (width, height), (number * 20, 0, 0))
        ImageDraw.Draw(image).polygon(corners, fill=(0, 255, 0))
        image.save(folder / f"{number}.png")
        group = {"counts": [0, width * height], "size": [height, width]}
        more = {
            "boxes": [[left, 4, 8, 6], [0, 0, width, height], [0, 0, 3, 3]],
            "box-labels": [number // 2 % 2, 0, 0],
            "box-crowd": [0, 1, 0],
            "masks": f"{json.dumps([corners])}\n{json.dumps(group)}\n".encode(),
        }
        examples.append(Example(path=folder / f"{number}.png", set=SETS[number // 2], label=-1, domain=0, more=more))
    source = Source(
        name="own/parts", title="T", licence="CC0", classes=(PackClass(name="cat"), PackClass(name="dog")),
        domains=("a",), examples=examples, columns=COLUMNS,
    )  # fmt: skip
    return build(source, folder.parent / "packs")


@pytest.fixture(scope="module")
def outlined(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return make(tmp_path_factory.mktemp("masks") / "src")


def asking(**changes: Any) -> Benchmark:
    parts = {"base": "base", "support": "support"}
    return benchmark(TaskFamily.FEW_SHOT_DETECTION, Agreeing(), (AGREE,), parts=parts, masks=True, **changes)


def test_what_is_learned_from_has_masks_without_groups(outlined: Pack, tmp_path: Path) -> None:
    truth = stage(asking(), outlined, tmp_path / "in", None)
    assert told(asking(), outlined, truth) == {"novel_classes": (1,), "masks": True}
    assert sorted(truth.targets["size"].tolist()) == [[20, 28], [21, 29]]
    lengths, masks = (read_array(tmp_path / "in" / "base" / f"{name}.npy") for name in ("mask-runs", "masks"))
    assert len(lengths) == 4  # a triangle and an object without outline in each of two images
    assert lengths[[1, 3]].tolist() == [0, 0]
    assert masks.dtype == np.uint32
    assert masks[: lengths[0]].sum() in (16 * 24, 17 * 25)


def test_masks_are_staged_where_they_are_asked_for_alone(outlined: Pack, tmp_path: Path) -> None:
    plain = replace(asking(), masks=False)
    truth = stage(plain, outlined, tmp_path / "in", None)
    assert not list((tmp_path / "in").rglob("mask*"))
    assert "masks" not in told(plain, outlined, truth)


DETECTOR = '''
import numpy as np
from farfield import Detections, Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Shape:
    """The green pixels are the object."""

    def __init__(self, context):
        assert context.masks
    def fit_novel(self, support):
        for scene in support:
            assert scene.masks.dtype == bool
            assert scene.masks.shape == (2, *scene.image.shape[:2])
            assert scene.masks[0].sum() > 10
            assert not scene.masks[1].any()
            self.mask = scene.masks[0]
            self.place = scene.boxes[0, 0]
    def detect(self, images):
        found = []
        for image in images:
            height, width = image.shape[:2]
            left = int((image[:, :, 1] > 127).any(axis=0).argmax())
            mask = np.zeros((height, width), bool)
            shape = self.mask[4:10, int(self.place):int(self.place) + 8]
            mask[4:10, left:left + 8] = shape
            box = np.array([[left, 4, left + 8, 10]], float)
            found.append(Detections(boxes=box, scores=np.array([0.5]), labels=np.array([0]), masks=mask[None]))
        return found

@hookimpl
def farfield_methods():
    return [MethodSpec(name="shape", family=TaskFamily.FEW_SHOT_DETECTION, summary="Shape.", build=Shape, batch_size=2,
                       inputs=Images(crop="none"), claims=TrackClaims(backbone="none"))]
'''


def test_a_method_with_masks_goes_the_whole_way(
    outlined: Pack, sandbox: ProcessSandbox, tmp_path: Path, observer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = installed_of("shapes", DETECTOR, sandbox, tmp_path, monkeypatch)
    runnable, cell = Runnable(description=installed.method("shape")), Cell(at={"trial": 0}, seed=1)
    request = Request(benchmark=asking(), pack=outlined, runnable=runnable, cell=cell, config={})
    outcome = Evaluator(installed, sandbox, tmp_path).run(request, observer)
    assert {figure.metric: figure.value for figure in outcome.evidence.figures} == {"agree": 1.0}
    assert set(outcome.arrays) == {"boxes-rows", "boxes", "scores", "labels", "mask-runs", "masks-rows", "masks"}
    assert outcome.arrays["masks"].dtype == np.uint32
    assert outcome.probes == {}


def test_a_method_that_gives_no_masks_runs_where_they_are_asked_for(
    outlined: Pack, sandbox: ProcessSandbox, tmp_path: Path, observer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = installed_of("shapes", DETECTOR.replace(", masks=mask[None]", ""), sandbox, tmp_path, monkeypatch)
    runnable, cell = Runnable(description=installed.method("shape")), Cell(at={"trial": 0}, seed=1)
    request = Request(benchmark=asking(), pack=outlined, runnable=runnable, cell=cell, config={})
    outcome = Evaluator(installed, sandbox, tmp_path).run(request, observer)
    assert outcome.arrays["mask-runs"].tolist() == [0, 0]
    assert outcome.arrays["masks-rows"].tolist() == [0, 0]
    assert len(outcome.arrays["masks"]) == 0
