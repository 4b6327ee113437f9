"""The base phase: who takes it apart, what may be saved, and that a run goes on from what was loaded."""

import inspect
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from farfield import Detections, Images, MethodSpec, RunContext, TaskFamily, TrackClaims
from farfield.errors import ProtocolError
from farfield.families.few_shot_detection import learn
from farfield.families.toys import scenes
from farfield.runtime.base_phase import DEEPEST, MOST_FILES, BasePhase, check_saved, phase_of, save
from farfield.runtime.job import Job
from farfield.runtime.run import main
from farfield.testing import check_method

PAIR = ("save_base", "load_base")
ALL = ("fit_base", *PAIR)


def having(*names: str, **members: Any) -> Any:
    return SimpleNamespace(**{name: lambda *_: None for name in names}, **members)


def test_the_phase_is_told_by_the_members() -> None:
    assert phase_of(having()) is BasePhase.NONE
    assert phase_of(having("fit_base")) is BasePhase.TOGETHER
    assert phase_of(having(*ALL)) is BasePhase.APART
    assert phase_of(having(fit_base=None, save_base=None, load_base=None)) is BasePhase.NONE


@pytest.mark.parametrize(
    ("method", "message"),
    [
        (having("fit_base", "save_base"), "`save_base` is there without `load_base`"),
        (having("fit_base", "load_base"), "`load_base` is there without `save_base`"),
        (having("save_base"), "`save_base` is there without `load_base`"),
        (having(*PAIR), "there without `fit_base`"),
        (having("fit_base", save_base=1, load_base=1), "`save_base` is there but cannot be called"),
    ],
)
def test_a_part_of_the_members_is_explained(method: Any, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        phase_of(method)


def wrote(folder: Path, make: Callable[[Path], object]) -> None:
    save(SimpleNamespace(save_base=make), folder / "base")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, "wrote no file"),
        (lambda folder: (folder / "empty").mkdir(), "wrote no file"),
        (lambda folder: (folder / ".hidden").write_text(""), "a file called '.hidden'"),
        (lambda folder: (folder / "two words").write_text(""), "a file called 'two words'"),
        (lambda folder: (folder / "link").symlink_to("/etc/passwd"), "link, which is no plain file"),
        (lambda folder: (folder / "/".join("abcdef")).mkdir(parents=True), f"lies in more than {DEEPEST} folders"),
        (lambda folder: [(folder / f"{n}").touch() for n in range(MOST_FILES + 1)], "more than 1000 files and folders"),
        (lambda folder: _sparse(folder / "large"), "wrote 3.00 GiB; at most 2 GiB"),
    ],
)
def test_what_may_not_be_kept_is_explained(tmp_path: Path, make: Any, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        wrote(tmp_path, make)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3 << 30)


def test_plain_files_in_folders_may_be_kept(tmp_path: Path) -> None:
    def make(folder: Path) -> None:
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "weights_1.safetensors").write_bytes(b"w")

    wrote(tmp_path, make)
    check_saved(tmp_path / "base")


def test_a_base_model_stands_in_for_the_base_set(tmp_path: Path) -> None:
    calls: list[Any] = []
    method = SimpleNamespace(
        **{name: lambda given, name=name: calls.append((name, given)) for name in (*ALL, "fit_novel")}
    )
    support = scenes(2)
    given: Any = SimpleNamespace(base_model=tmp_path, scenes={"support": support}.__getitem__)
    learn(method, given)  # type: ignore[arg-type]
    assert calls == [("load_base", tmp_path), ("fit_novel", support)]


class Mean:
    """Where the boxes of the base set are on average, and how bright it is."""

    def __init__(self, context: RunContext) -> None:
        self.box = np.zeros(4)

    def fit_base(self, base: Any) -> None:
        self.box = np.concatenate([scene.boxes for scene in base]).mean(axis=0)

    def save_base(self, folder: Path) -> None:
        np.save(folder / "box.npy", self.box)

    def load_base(self, folder: Path) -> None:
        self.box = np.load(folder / "box.npy")

    def fit_novel(self, support: Any) -> None:
        self.label = int(support[0].labels[0])

    def detect(self, images: Any) -> Any:
        one = np.ones(1, np.int64)
        return [Detections(boxes=self.box[None], scores=one * 0.5, labels=one * self.label) for _ in images]


def spec(build: Any, **changes: Any) -> MethodSpec:
    inputs, claims = Images(size=8, crop="none"), TrackClaims(backbone="none")
    family = TaskFamily.FEW_SHOT_DETECTION
    return MethodSpec(
        name="mean", family=family, summary="A box.", build=build, inputs=inputs, claims=claims, **changes
    )


def test_a_method_that_loads_what_it_saved_passes(tmp_path: Path) -> None:
    check_method(spec(Mean), tmp_path)


class Forgets(Mean):
    def load_base(self, folder: Path) -> None:
        pass


class HalfOfThePair(Mean):
    load_base = None  # type: ignore[assignment]


def test_a_method_that_forgets_what_it_saved_does_not_pass(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="predicts otherwise than right after `fit_base`"):
        check_method(spec(Forgets), tmp_path)
    check_method(spec(Forgets, stochastic=True), tmp_path)
    with pytest.raises(ProtocolError, match="`save_base` is there without `load_base`"):
        check_method(spec(HalfOfThePair), tmp_path)


MODULE = """
from pathlib import Path
from typing import Any
import numpy as np
from farfield import Detections, Images, MethodSpec, RunContext, TaskFamily, TrackClaims, hookimpl

{source}

class Together(Mean):
    save_base = load_base = None

class Nothing(Together):
    fit_base = None

def spec(name, build):
    return MethodSpec(name=name, family=TaskFamily.FEW_SHOT_DETECTION, summary="A box.", build=build,
                      inputs=Images(size=8, crop="none"), claims=TrackClaims(backbone="none"))

@hookimpl
def farfield_methods():
    classes = [Mean, Together, Nothing]
    return [spec(each.__name__.lower(), each) for each in classes]
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
    """Runs a job of the plugin, with two images in base/, and gives what the result says."""
    site, info = tmp_path / "site", tmp_path / "site" / "phased-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: phased\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\nphased = phased_toy\n")
    (site / "phased_toy.py").write_text(MODULE.format(source=inspect.getsource(Mean)))
    monkeypatch.syspath_prepend(site)
    staged(tmp_path / "in" / "base")

    def run(kind: str, name: str) -> dict[str, Any]:
        Job(plugin="phased", name=name, kind=kind, class_names=("a", "b")).write(tmp_path / "in")
        assert main([str(tmp_path / "in"), str(tmp_path / "out" / kind)]) == 0
        found: dict[str, Any] = json.loads((tmp_path / "out" / kind / "result.json").read_text())
        return found

    return run


def staged(folder: Path) -> None:
    """Two grey images with a box each, of the second class."""
    buffer = io.BytesIO()
    Image.new("RGB", (32, 24)).save(buffer, "PNG")
    picture = buffer.getvalue()
    folder.mkdir(parents=True)
    (folder / "images.bin").write_bytes(picture * 2)
    arrays = {
        "spans": [[0, len(picture)], [len(picture), 2 * len(picture)]],
        "boxes-rows": [1, 1],
        "box-labels": [1, 1],
    }
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", np.array(values))
    np.save(folder / "boxes.npy", np.array([[0.0, 0, 8, 8], [4.0, 4, 12, 12]]))


def test_the_runner_says_how_a_method_takes_its_base_phase(run: Any) -> None:
    assert [run("phases", name) for name in ("mean", "together", "nothing")] == [
        {"base": phase} for phase in ("apart", "together", "none")
    ]


def test_the_base_phase_is_a_job_that_leaves_what_was_saved(run: Any, tmp_path: Path) -> None:
    assert run("base", "mean") == {"outputs": ["base"]}
    assert np.load(tmp_path / "out" / "base" / "base" / "box.npy").tolist() == [2.0, 2.0, 10.0, 10.0]
    with pytest.raises(SystemExit):
        run("base", "together")
    error = json.loads((tmp_path / "out" / "base" / "error.json").read_text())
    assert error == {"code": "platform.bad_job", "message": "together has no base phase of its own"}
