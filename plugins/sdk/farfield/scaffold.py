"""`farfield new NAME`: a plugin of four files that passes the conformance test as it is."""

import importlib.util
import keyword
import shutil
import sys
from pathlib import Path
from string import Template

from farfield.errors import UsageError, reason
from farfield.method import MAX_NAME, NAME
from farfield.packaging.package import RESERVED

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
"""

_MODULE = '''\
"""$name: nearest mean colour, a place to start from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from farfield import Images, MethodSpec, RunContext, TaskFamily, TrackClaims, TrainingSet, hookimpl, setting


@dataclass(frozen=True, kw_only=True)
class Config:
    """The settings, as the submit form shows them."""

    temperature: float = setting(10.0, ge=0.1, le=1000.0, help="Squared distances are divided by this.")


class NearestColour:
    """Each class is the mean colour of its training images."""

    def __init__(self, context: RunContext) -> None:
        self.config: Config = context.config
        self.means = np.zeros((context.class_count, 3))

    def fit(self, train: TrainingSet) -> None:
        counts = np.zeros(len(self.means))
        for batch in train.batches(64):
            np.add.at(self.means, batch.labels, colours(batch.inputs))
            np.add.at(counts, batch.labels, 1)
        self.means /= np.maximum(counts, 1)[:, None]

    def predict(self, images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
        distances = ((colours(images)[:, None] - self.means) ** 2).sum(axis=2)
        logits: npt.NDArray[np.float64] = -distances / self.config.temperature
        return logits


def colours(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    """Mean RGB [B, 3] of uint8 images [B, H, W, 3]."""
    means: npt.NDArray[np.float64] = images.mean(axis=(1, 2), dtype=np.float64)
    return means


SPEC = MethodSpec(
    name="$name",
    family=TaskFamily.CLASSIFICATION,
    summary="Nearest class by mean colour.",
    build=NearestColour,
    config=Config,
    inputs=Images(size=32),
    claims=TrackClaims(backbone="none"),
    licence="Apache-2.0",
)


@hookimpl
def farfield_methods() -> list[MethodSpec]:
    return [SPEC]
'''

_TEST = '''\
"""The method keeps its protocol."""

from pathlib import Path

from $package import SPEC

from farfield.testing import check_method


def test_conformance(tmp_path: Path) -> None:
    check_method(SPEC, tmp_path)
'''

_README = """\
# $name

A Farfield plugin. `pip install -e . && pytest && farfield check $name` checks it;
`farfield evaluate $name --benchmark imagenet-ood/mini` gives the numbers the site would.
"""


def write_plugin(name: str, into: Path) -> Path:
    """Write the plugin's folder; returns it. Raises FarfieldError for a name or a folder that cannot be used."""
    package = _package(name)
    folder = into / name
    if folder.exists():
        raise UsageError(f"{folder} exists already; choose another name or another --into")
    try:
        into.mkdir(parents=True, exist_ok=True)
        folder.mkdir()
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {reason(error)}; choose another --into") from error
    try:
        _write_files(folder, name, package)
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


def _write_files(folder: Path, name: str, package: str) -> None:
    files = {
        "pyproject.toml": _PYPROJECT,
        f"{package}.py": _MODULE,
        "tests/test_conformance.py": _TEST,
        "README.md": _README,
    }
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template(text).substitute(name=name, package=package), encoding="utf-8")
