"""Masks go the whole way: staged for what is learned from, given by a method, read back, checked, and scored."""

import io
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
from farfield.runtime.exchange import digest_of
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source, build
from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.run_plan import Cell, Staged
from farfield_evaluators.scoring.masks import detected_masks, object_masks
from farfield_evaluators.scoring.scorer import Wanted
from farfield_evaluators.scoring.test import Outcome, Test
from farfield_evaluators.staging import stage, told
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.failures import RunFailure
from farfield_workers.feed import Ledger
from farfield_workers.outputs import read_outputs, rules_of, with_room
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import Limits
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
    values = {"parts": {"base": "base", "support": "support"}, "masks": True} | changes
    return benchmark(TaskFamily.FEW_SHOT_DETECTION, Agreeing(), (AGREE,), **values)


def test_what_is_learned_from_has_masks_without_groups(outlined: Pack, tmp_path: Path) -> None:
    truth = stage(asking(), outlined, tmp_path / "in", None)
    assert told(asking(), outlined) == {"novel_classes": (1,), "masks": True}
    assert sorted(truth.targets["size"].tolist()) == [[20, 28], [21, 29]]
    lengths, masks = (read_array(tmp_path / "in" / "base" / f"{name}.npy") for name in ("mask-runs", "masks"))
    assert len(lengths) == 4  # a triangle and an object without outline in each of two images
    assert lengths[[1, 3]].tolist() == [0, 0]
    assert masks.dtype == np.uint32
    assert masks[: lengths[0]].sum() in (16 * 24, 17 * 25)


def test_masks_are_staged_where_they_are_asked_for_alone(outlined: Pack, tmp_path: Path) -> None:
    plain = replace(asking(), masks=False)
    stage(plain, outlined, tmp_path / "in", None)
    assert not list((tmp_path / "in").rglob("mask*"))
    assert "masks" not in told(plain, outlined)


def test_in_detection_every_part_has_masks_but_those_without_objects(outlined: Pack, tmp_path: Path) -> None:
    parts = {"val": "support", "unlabeled": "base"}
    board = benchmark(TaskFamily.DETECTION, Agreeing(), (AGREE,), train_set="base", parts=parts, masks=True)
    stage(board, outlined, tmp_path / "in", None)
    counts = {part: np.load(tmp_path / "in" / part / "mask-runs.npy") for part in ("train", *parts)}
    assert {part: len(of_part) for part, of_part in counts.items()} == {"train": 4, "val": 4, "unlabeled": 0}


def test_a_pack_without_outlines_is_told(outlined: Pack, tmp_path: Path) -> None:
    bare = replace(outlined, columns=tuple(column for column in outlined.columns if column.name != "masks"))
    with pytest.raises(PackError, match="has no column 'masks'"):
        stage(asking(), bare, tmp_path / "in", None)


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


STAGED = Staged(truth=None, job={}, examples=2, classes=2)
RIGHT = {
    "boxes-rows": np.array([1, 1]),
    "boxes": np.zeros((2, 4), np.float32),
    "scores": np.zeros(2, np.float32),
    "labels": np.zeros(2, np.int32),
    "mask-runs": np.array([1, 3], np.int32),
    "masks-rows": np.array([1, 3]),
    "masks": np.array([20, 4, 4, 4], np.uint32),
}


def written(folder: Path, **changes: Any) -> Path:
    """What a run wrote: arrays as they should be, but for those that are others; bytes are a file as they are."""
    for name, value in (RIGHT | {name.replace("_", "-"): value for name, value in changes.items()}).items():
        path = folder / f"{name}.npy"
        path.write_bytes(value) if isinstance(value, bytes) else np.save(path, value)
    (folder / "result.json").write_text("{}")
    return folder


def header(shape: tuple[int, ...], dtype: str = "<u4") -> bytes:
    """The beginning of a file that claims an array."""
    opened = io.BytesIO()
    np.lib.format.write_array_header_1_0(opened, {"descr": dtype, "fortran_order": False, "shape": shape})
    return opened.getvalue()


def test_what_a_run_wrote_is_mapped_and_not_read(tmp_path: Path) -> None:
    outputs = read_outputs(rules_of(asking(), STAGED), STAGED, written(tmp_path))
    assert isinstance(outputs.arrays["masks"].base, np.memmap)
    assert outputs.arrays["masks"].tolist() == [20, 4, 4, 4]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"masks": header((4,))}, r"masks\.npy is not a plain array"),
        ({"masks": header((1 << 60,))}, r"masks\.npy has the shape \(1152921504606846976,\); it must be \(4,\)"),
        ({"masks": np.zeros(5000, np.uint32)}, r"masks\.npy is larger than \(4,\) values take"),
        ({"masks": np.array([{}] * 4)}, r"masks\.npy holds object, not numbers"),
        ({"masks": np.zeros(4, "S4")}, r"masks\.npy holds \|S4, not numbers"),
        ({"masks_rows": np.array([1 << 62, 1 << 62])}, r"masks-rows must lie in 0\.\.262144"),
        ({"masks_rows": np.array([-1, 5])}, r"masks-rows must lie in 0\.\.262144"),
        ({"masks_rows": np.array([1 << 63, 4], np.uint64)}, r"masks-rows must lie in 0\.\.262144"),
        ({"masks_rows": np.array([1.0, 3.0])}, "masks-rows must be whole numbers"),
        ({"mask_runs": np.zeros(300, np.int32)}, r"mask-runs\.npy has the shape \(300,\); it must be \(2,\)"),
        ({"boxes_rows": np.array([301, 0])}, r"boxes-rows must lie in 0\.\.300"),
    ],
)
def test_files_that_are_no_masks_are_refused_before_they_are_read(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(RunFailure, match=message) as caught:
        read_outputs(rules_of(asking(), STAGED), STAGED, written(tmp_path, **changes))
    assert (caught.value.code, caught.value.infrastructure) == ("predictions.invalid", False)


def test_a_benchmark_may_let_fewer_detections_count(tmp_path: Path) -> None:
    folder = written(tmp_path, boxes_rows=np.array([101, 0]))
    with pytest.raises(RunFailure, match=r"boxes-rows must lie in 0\.\.100"):
        read_outputs(rules_of(asking(detections=100), STAGED), STAGED, folder)


def test_masks_have_room_of_their_own() -> None:
    """A mebibyte an image, which nothing but the bound on run lengths says."""
    limits = Limits(memory_bytes=1, seconds=1)
    with_masks, without = (with_room(limits, rules_of(asking(masks=m), STAGED)).output_bytes for m in (True, False))
    assert 2 * 2**20 <= with_masks - without < 2 * 2**20 + 10_000


@pytest.mark.parametrize("dtype", ["int64", "uint64", "uint8"])
def test_the_ledger_takes_counts_of_any_whole_type(dtype: str) -> None:
    arrays = {"masks": RIGHT["masks"], "masks-rows": RIGHT["masks-rows"].astype(dtype)}
    ledger = Ledger()
    ledger.add(1, digest_of({name: array[:1] for name, array in arrays.items()}))
    ledger.check(arrays, counts={"masks": "masks-rows"})
    with pytest.raises(RunFailure, match="not those that were there"):
        ledger.check({**arrays, "masks": RIGHT["masks"] + 1}, counts={"masks": "masks-rows"})
