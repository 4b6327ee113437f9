"""Training data beyond one set reaches methods by name, and few-shot detection and regression are run and scored."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from farfield import TaskFamily
from farfield_evaluators.benchmark import Benchmark, Column, Domain
from farfield_evaluators.catalog import find
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.scoring.classification import ACCURACY
from farfield_evaluators.scoring.coco import BOXES
from farfield_evaluators.scoring.regression import MSE, PEARSON, R2, Told
from farfield_evaluators.staging import numbers_of, stage, told, training_domains
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

COLUMNS = (
    PackColumn(name="boxes", kind="rows", width=4),
    PackColumn(name="box-labels", kind="rows", dtype="int64"),
    PackColumn(name="wealth", kind="number"),
)
SETS = ("train", "val", "unlabeled", "base", "support", "test")


def make(folder: Path) -> Pack:
    """Four images a set; the novel class 1 is a bright square in the middle, class 0 is known from the base set."""
    folder.mkdir()
    examples = []
    for number in range(24):
        name, side = SETS[number // 4], 20 + number
        path = folder / f"{number}.png"
        image = Image.new("RGB", (side * 2, side), (number * 5, 0, 0))
        ImageDraw.Draw(image).rectangle((side * 0.5, side * 0.25, side * 1.5, side * 0.75), fill=(0, 255, number))
        image.save(path)
        boxes = [[side * 0.5, side * 0.25, side, side * 0.5]]
        more = {"boxes": boxes, "box-labels": [0 if name == "base" else 1], "wealth": float(number)}
        examples.append(Example(path=path, set=name, label=number % 2, domain=number % 3, more=more))
    classes, domains = (PackClass(name="cat"), PackClass(name="dog")), ("a", "b", "c")
    source = Source(
        name="own/parts", title="T", licence="CC0", classes=classes, domains=domains, examples=examples,
        columns=COLUMNS,
    )  # fmt: skip
    return build(source, folder.parent / "packs")


@pytest.fixture(scope="module")
def parted(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    return make(tmp_path_factory.mktemp("parts") / "src")


def benchmark(family: TaskFamily, scorer: Any, metrics: tuple[Any, ...], **changes: Any) -> Benchmark:
    columns = (Column(metric=metrics[0].name, domain="test", title=metrics[0].title),)
    domain = Domain(name="test", title="Test", role="id", set="test")
    values = {"domains": (domain,), "metrics": metrics, "columns": columns, "scorers": (scorer,), "pack": "own/parts"}
    mini = find("imagenet-ood/mini")
    return replace(mini, name="own/parts", family=family, aggregates=(), **{"train_set": None} | values | changes)


AP, AP50 = BOXES.gives[:2]
DETECTION = benchmark(TaskFamily.FEW_SHOT_DETECTION, BOXES, (AP, AP50), parts={"base": "base", "support": "support"})
WEALTH = benchmark(TaskFamily.REGRESSION, Told(target="wealth"), (PEARSON, MSE, R2), train_set="train")


def test_each_part_holds_what_may_be_learned_from_it(parted: Pack, tmp_path: Path) -> None:
    asking = replace(WEALTH, parts={"val": "val", "unlabeled": "unlabeled"})
    truth = stage(asking, parted, tmp_path / "in", None)
    listed = {path.relative_to(tmp_path / "in").as_posix() for path in (tmp_path / "in").rglob("*.npy")}
    learned = {"labels.npy", "domains.npy", "targets.npy", "spans.npy"}
    assert listed == {
        "test/spans.npy",
        *(f"{part}/{name}" for part in ("train", "val") for name in learned),
        *(f"unlabeled/{name}" for name in ("spans.npy", "domains.npy")),
    }
    assert training_domains(asking, parted) == ("a", "b", "c")
    assert numbers_of(parted) == truth.numbers
    assert told(asking, parted, truth.numbers) == {"target_names": ("wealth",)}


def test_images_that_are_given_on_request_are_linked(parted: Pack, tmp_path: Path) -> None:
    stage(replace(WEALTH, parts={"val": "val"}), parted, tmp_path / "in", None, on_request=True)
    assert all((tmp_path / "in" / part / "images.bin").samefile(parted.blob) for part in ("train", "val"))


def test_in_few_shot_detection_base_and_support_hold_annotated_images(parted: Pack, tmp_path: Path) -> None:
    asking = replace(DETECTION, parts={"support": "support"})
    stage(asking, parted, tmp_path / "in", None)
    listed = {path.name for path in (tmp_path / "in" / "support").glob("*.npy")}
    assert listed == {"boxes.npy", "boxes-rows.npy", "box-labels.npy", "domains.npy", "spans.npy"}
    assert told(asking, parted) == {"novel_classes": (1,)}
    corners = np.load(tmp_path / "in" / "support" / "boxes.npy")
    np.testing.assert_allclose(corners[:, 2:] - corners[:, :2], corners[:, :2] * 2)


def test_in_detection_every_part_holds_annotated_images(parted: Pack, tmp_path: Path) -> None:
    parts = {"val": "val", "unlabeled": "unlabeled"}
    asking = benchmark(TaskFamily.DETECTION, BOXES, (AP,), train_set="train", parts=parts)
    stage(asking, parted, tmp_path / "in", None)
    for part in ("train", *parts):
        arrays = {path.stem: np.load(path) for path in (tmp_path / "in" / part).glob("*.npy")}
        assert set(arrays) == {"boxes", "boxes-rows", "box-labels", "domains", "spans"}
        assert arrays["boxes-rows"].tolist() == [0 if part == "unlabeled" else 1] * 4
        assert arrays["boxes"].shape == (arrays["boxes-rows"].sum(), 4)
        names = [parted.domains[number] for number in parted.domain_numbers[parted.members(part)]]
        assert [training_domains(asking, parted)[number] for number in arrays["domains"]] == names


def test_parts_are_in_the_key_only_where_there_are_any() -> None:
    assert replace(WEALTH, parts={}).comparability_key("f") == WEALTH.comparability_key("f")
    assert replace(WEALTH, parts={"val": "val"}).comparability_key("f") != WEALTH.comparability_key("f")
    with pytest.raises(Exception, match="the part 'test' is none of val, unlabeled, target, "):
        replace(WEALTH, parts={"test": "test"})


@pytest.fixture
def evaluate(sandbox: ProcessSandbox, parted: Pack, tmp_path: Path, observer: Any) -> Any:
    def run(installed: Installed, method: str, on: Benchmark) -> dict[str, float]:
        runnable, cell = Runnable(description=installed.method(method)), Cell(at={"trial": 0}, seed=1)
        request = Request(benchmark=on, pack=parted, runnable=runnable, cell=cell, config={})
        outcome = Evaluator(installed, sandbox, tmp_path).run(request, observer)
        return {figure.metric: figure.value for figure in outcome.evidence.figures if figure.domain == "test"}

    return run


def test_a_few_shot_detector_goes_the_whole_way(evaluate: Any, installed: Installed) -> None:
    """Its box is where the novel class always is."""
    assert evaluate(installed, "fs-centre-box", DETECTION) == pytest.approx({"ap": 1.0, "ap50": 1.0})


DETECTOR = '''
import numpy as np
from farfield import Detections, Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Alike:
    """The boxes of the training set, of images that come several at a time, each of its own size."""

    def __init__(self, context):
        pass
    def fit(self, train, *, val=None, unlabeled=None):
        assert (len(train), len(val), unlabeled) == (4, 4, None)
        assert train.domains.tolist() == [scene.domain for scene in train]
        self.share = np.concatenate([scene.boxes / self.sides(scene.image) for scene in train]).mean(axis=0)
    def sides(self, image):
        return np.array([image.shape[1], image.shape[0]] * 2)
    def detect(self, images):
        assert len(images) in (3, 1), len(images)
        one = np.ones(1, np.int64)
        return [Detections(boxes=[self.share * self.sides(image)], scores=one * 0.5, labels=one) for image in images]

@hookimpl
def farfield_methods():
    return [MethodSpec(name="alike", family=TaskFamily.DETECTION, summary="Boxes.", build=Alike, batch_size=3,
                       inputs=Images(crop="none"), claims=TrackClaims(backbone="none"))]
'''


def installed_of(
    name: str, source: str, sandbox: ProcessSandbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Installed:
    """What is installed when a plugin of one module is, too."""
    info = folder / name / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / name / f"{name}.py").write_text(source)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[farfield]\n{name} = {name}\n")
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", str(folder / name))
    return describe_installed(sandbox)


def test_a_detector_goes_the_whole_way_several_images_at_a_time(
    evaluate: Any, sandbox: ProcessSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = benchmark(TaskFamily.DETECTION, BOXES, (AP, AP50), train_set="train", parts={"val": "val"})
    installed = installed_of("detector", DETECTOR, sandbox, tmp_path, monkeypatch)
    assert evaluate(installed, "alike", asking) == pytest.approx({"ap": 1.0, "ap50": 1.0})


REGRESSOR = '''
import numpy as np
from farfield import Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Green:
    """The blue of the square is the number of the image, which is its wealth."""

    def __init__(self, context):
        assert context.target_names == ("wealth",), context
    def fit(self, train, *, val=None):
        assert val is None
        assert train.targets.shape == (len(train), 1)
        batch = next(train.batches(4))
        self.shift = float((batch.targets[:, 0] - self.blue(batch.inputs)).mean())
    def blue(self, images):
        middle = images[:, 3:5, 3:5, 2]
        return middle.mean(axis=(1, 2)).astype(float)
    def predict(self, images):
        return self.blue(images) + self.shift

@hookimpl
def farfield_methods():
    return [MethodSpec(name="green", family=TaskFamily.REGRESSION, summary="Blue.", build=Green,
                       inputs=Images(size=8, crop="center"), claims=TrackClaims(backbone="none"))]
'''


def test_a_regressor_goes_the_whole_way(
    evaluate: Any, sandbox: ProcessSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = evaluate(installed_of("regressor", REGRESSOR, sandbox, tmp_path, monkeypatch), "green", WEALTH)
    assert figures["pearson"] > 0.9
    assert figures["mse"] < 1


BASED = """
import numpy as np
from farfield import Base, Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

def means(context, train):
    print("FIRST of", context.target_names, flush=True)
    return {"means": train.targets.mean(axis=0) * np.ones(len(context.target_names))}

class Mean:
    def __init__(self, context):
        self.means = context.base["means"]
    def predict(self, images):
        return self.means + images[:, 3:5, 3:5, 2].mean(axis=(1, 2))[:, None]

@hookimpl
def farfield_methods():
    return [MethodSpec(name="mean", family=TaskFamily.REGRESSION, summary="Mean.", build=Mean, base=Base(train=means),
                       inputs=Images(size=8, crop="center"), claims=TrackClaims(backbone="none"))]
"""


def test_a_regressors_base_is_told_its_targets(
    evaluate: Any, sandbox: ProcessSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, observer: Any
) -> None:
    figures = evaluate(installed_of("mean", BASED, sandbox, tmp_path, monkeypatch), "mean", WEALTH)
    assert "training the base model" in observer.text
    assert "FIRST of ('wealth',)" in observer.text
    assert figures["pearson"] > 0.9


ADAPTING = '''
import numpy as np
from farfield import Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Few:
    """Half of the labels that it is told of the target are of the class 1, so it says that of all."""

    def __init__(self, context):
        assert context.domain_names == ("a", "b", "c"), context
    def fit(self, train, *, target, val=None, target_val=None):
        assert (len(train), len(target), val) == (4, 4, None)
        assert sorted(target.labels.tolist()) == [0, 0, 1, 1]
        assert sorted(target_val.labels.tolist()) == [0, 0, 1, 1]
    def predict(self, images):
        return np.tile(np.array([0.0, 1.0]), (len(images), 1))

@hookimpl
def farfield_methods():
    return [MethodSpec(name="few", family=TaskFamily.CLASSIFICATION, summary="One class.", build=Few,
                       inputs=Images(size=8, crop="center"), claims=TrackClaims(backbone="none"))]
'''


def test_labelled_target_examples_reach_what_adapts_and_nothing_else(
    evaluate: Any, sandbox: ProcessSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = installed_of("adapting", ADAPTING, sandbox, tmp_path, monkeypatch)
    asking = benchmark(TaskFamily.CLASSIFICATION, ACCURACY, ACCURACY.gives, train_set="train")
    few = replace(asking, parts={"target": "support", "target_val": "val"})
    assert evaluate(installed, "few", few) == {ACCURACY.gives[0].name: 0.5}
    with pytest.raises(Exception, match="needs the part `target`, and the benchmark has none"):
        evaluate(installed, "few", asking)
