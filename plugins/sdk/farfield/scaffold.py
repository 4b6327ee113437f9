"""`farfield new NAME`: a plugin of four files that passes the conformance test as it is."""

import importlib.util
import keyword
import shutil
import sys
from pathlib import Path
from string import Template

from farfield.errors import UsageError, reason
from farfield.method import MAX_NAME, MOST_FEATURES, NAME
from farfield.packaging.package import RESERVED

FAMILIES = ("classification", "detection")  # of which there is a method to start from
# What builds and tests the plugin imports these by their bare names, and would find the plugin's module, or hide it.
TAKEN = {"conftest", "hatchling", "pytest", "setup", "test_conformance", "tests"}

_PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "$name"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["farfield"]

[project.entry-points.farfield]
$name = "$package"

[tool.pytest.ini_options]
testpaths = ["tests"]
"""

_MODULE = '''\
"""$name: nearest mean $of, a place to start from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield import $names

Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings, as the submit form shows them."""

    temperature: float = setting(10.0, ge=0.1, le=1000.0, help="Squared distances are divided by this.")


class NearestMean:
    """Each class is the mean $of of its training images."""

    def __init__(self, context: RunContext) -> None:
        self.config: Config = context.config
        self.classes = context.class_count

    def fit(self, train: TrainingSet) -> None:
        seen = np.concatenate([rows(batch.inputs) for batch in train.batches(64)])
        members = (np.arange(self.classes)[:, None] == train.labels).astype(np.float64)
        self.means: Rows = members @ seen / np.maximum(members.sum(axis=1), 1)[:, None]

    def predict(self, inputs: npt.NDArray[np.generic]) -> Rows:
        distances = ((rows(inputs)[:, None] - self.means) ** 2).sum(axis=2)
        logits: Rows = -distances / self.config.temperature
        return logits


def rows(inputs: npt.NDArray[np.generic]) -> Rows:
$rows


SPEC = MethodSpec(
    name="$name",
    family=TaskFamily.CLASSIFICATION,
    summary="Nearest class by mean $of.",
    build=NearestMean,
    config=Config,
    inputs=Images(size=32),
    claims=TrackClaims(backbone="none"),
    licence="Apache-2.0",
$choices)


@hookimpl
def farfield_methods() -> list[MethodSpec]:
    return [SPEC]
'''

_ON_IMAGES = {
    "of": "colour",
    "names": "Images, MethodSpec, RunContext, TaskFamily, TrackClaims, TrainingSet, hookimpl, setting",
    "rows": '''\
    """Mean RGB [B, 3] of uint8 images [B, H, W, 3]."""
    return np.asarray(inputs, np.float64).mean(axis=(1, 2))''',
    "choices": "",
}
_ON_EITHER = {
    "of": "colour or feature",
    "names": """(
    Choice,
    Features,
    Images,
    MethodSpec,
    RunContext,
    TaskFamily,
    TrackClaims,
    TrainingSet,
    hookimpl,
    setting,
)""",
    "rows": '''\
    """Mean RGB [B, 3] of uint8 images [B, H, W, 3]; features [B, D] as they are."""
    numbers = np.asarray(inputs, np.float64)
    return numbers.mean(axis=(1, 2)) if numbers.ndim == 4 else numbers''',
    "choices": """\
    # The setting `input` chooses; claim what the backbone was trained on.
    choices={
        "features": Choice(
            inputs=Features(backbone="$backbone", dim=$dim),
            claims=TrackClaims(backbone="$backbone", pretraining=("imagenet-1k",)),
        )
    },
""",
}

_DETECTOR = '''\
"""$name: each class where its boxes are on average, a place to start from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield import (
    AnnotatedSet,
    Detections,
    Images,
    MethodSpec,
    RunContext,
    TaskFamily,
    TrackClaims,
    hookimpl,
    setting,
)

Pixels = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings, as the submit form shows them."""

    least: float = setting(0.5, ge=0.0, le=1.0, help="In which share of training images a class must be.")


class MeanBox:
    """One box of each frequent class: its mean box in the training images, relative to their size."""

    def __init__(self, context: RunContext) -> None:
        self.config: Config = context.config
        self.classes = context.class_count

    def fit(self, train: AnnotatedSet) -> None:
        boxes = np.concatenate([scene.boxes / extent(scene.image) for scene in train])
        labels = np.concatenate([scene.labels for scene in train])
        shown = np.stack([np.isin(np.arange(self.classes), scene.labels) for scene in train])
        self.scores: Rows = shown.mean(axis=0)
        self.labels = np.flatnonzero((self.scores >= self.config.least) & shown.any(axis=0))
        means = [boxes[labels == label].mean(axis=0) for label in self.labels]
        self.boxes: Rows = np.reshape(means, (-1, 4)).astype(np.float64)

    def detect(self, images: Sequence[Pixels]) -> list[Detections]:
        scores = self.scores[self.labels]
        return [Detections(boxes=self.boxes * extent(each), scores=scores, labels=self.labels) for each in images]


def extent(image: Pixels) -> Rows:
    """Width, height, width and height in pixels."""
    height, width = image.shape[:2]
    return np.array([width, height, width, height], np.float64)


SPEC = MethodSpec(
    name="$name",
    family=TaskFamily.DETECTION,
    summary="Each frequent class where its boxes are on average.",
    build=MeanBox,
    config=Config,
    inputs=Images(crop="none"),
    claims=TrackClaims(backbone="none"),
    licence="Apache-2.0",
)


@hookimpl
def farfield_methods() -> list[MethodSpec]:
    return [SPEC]
'''

_CHECK = "    check_method(SPEC, tmp_path)"
_TEST = '''\
"""The method keeps its protocol."""

from pathlib import Path

from $package import SPEC

from farfield.testing import check_method


def test_conformance(tmp_path: Path) -> None:
$check
'''

_README = """\
# $name

A Farfield plugin. `pip install -e . && pytest && farfield check $name` checks it;
`farfield evaluate $name --benchmark $benchmark` gives the numbers the site would.
"""


def write_plugin(name: str, into: Path, features: str = "", family: str = FAMILIES[0]) -> Path:
    """Write the plugin's folder; returns it. Raises FarfieldError for a name or a folder that cannot be used.

    `features`, as BACKBONE:DIM, writes a classifier that takes those of that backbone too, by its setting `input`.
    `family` is one of FAMILIES.
    """
    package, module = _package(name), _parts(features, family)
    folder = into / name
    if folder.exists():
        raise UsageError(f"{folder} exists already; choose another name or another --into")
    try:
        into.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {reason(error)}; choose another --into") from error
    try:
        _write_files(folder, {"name": name, "package": package, **module})
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise UsageError(f"{folder} cannot be written: {reason(error)}") from error
    return folder


def _package(name: str) -> str:
    if not NAME.fullmatch(name) or not name[0].isalpha() or len(name) > MAX_NAME:
        raise UsageError(
            f"{name!r} is not a usable name: lower-case letters, digits and single hyphens, a letter first, "
            f"at most {MAX_NAME}"
        )
    package = name.replace("-", "_")
    if keyword.iskeyword(package) or package in sys.stdlib_module_names or importlib.util.find_spec(package):
        raise UsageError(f"{package!r} is a Python word or an installed module already; choose another name")
    if package in RESERVED | TAKEN:
        raise UsageError(f"{package!r} is a module of the platform, the build or the tests; choose another name")
    return package


def _parts(features: str, family: str) -> dict[str, str]:
    """What differs between a detector, a classifier of images, and one of features too."""
    if family not in FAMILIES:
        raise UsageError(f"{family!r} is not one of {', '.join(FAMILIES)}, of which there is a method to start from")
    if family == FAMILIES[0]:
        return {"module": _MODULE, "benchmark": "imagenet-ood/mini", **_inputs(features)}
    if features:
        raise UsageError("a detector finds boxes in images; leave --features out")
    return {"module": _DETECTOR, "benchmark": "wilds/globalwheat", "check": _CHECK}


def _inputs(features: str) -> dict[str, str]:
    """What differs between a method on images and one on features too."""
    if not features:
        return {**_ON_IMAGES, "check": _CHECK}
    backbone, _, dim = features.rpartition(":")
    if not NAME.fullmatch(backbone) or not dim.isascii() or not dim.isdecimal() or not 0 < int(dim) <= MOST_FEATURES:
        raise UsageError(f"{features!r} is not BACKBONE:DIM, such as efficientnet-lite0:1280")
    choices = Template(_ON_EITHER["choices"]).substitute(backbone=backbone, dim=int(dim))
    check = '    for chosen in SPEC.inputs_by_name:\n        check_method(SPEC, tmp_path, {"input": chosen})'
    return {**_ON_EITHER, "choices": choices, "check": check}


def _write_files(folder: Path, values: dict[str, str]) -> None:
    files = {
        "pyproject.toml": _PYPROJECT,
        f"{values['package']}.py": values["module"],
        "tests/test_conformance.py": _TEST,
        "README.md": _README,
    }
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(text).substitute(values), encoding="utf-8")
