"""The runner as the platform starts it: a process, a folder in, a folder out."""

import io
import json
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from PIL import Image

from farfield import families
from farfield.families.domain_generalization import _gpu_memory
from farfield.method import BackboneSpec, Images
from farfield.runtime import job as jobs
from farfield.runtime import run
from farfield.runtime.dataset import ArraySource
from farfield.runtime.images import preprocess
from farfield.runtime.job import Job

MODULE = '''
import os, sys
from dataclasses import dataclass
import numpy as np
from farfield import *
from farfield.errors import JobError

@dataclass(frozen=True, kw_only=True)
class Config:
    scale: float = setting(1.0, ge=0.0, help="Scale.")
    fail: str = setting("", help="How to fail.")


class MeanColour:
    """Logits from the mean colour; `fail` asks for one failure or another."""

    def __init__(self, context):
        self.context = context
        context.log(f"seed {context.seed} on {context.device} for {' '.join(context.class_names)}")
        (context.work_folder / "scratch").write_text("x")

    def fit(self, train):
        self.labels = train.labels
        for number, batch in enumerate(train.batches(2)):
            self.context.progress(np.int64(number), 3)

    def predict(self, images):
        FAILURES.get(self.context.config.fail, lambda: None)()
        values = images.reshape(len(images), -1).astype(np.float32)
        if self.context.config.fail == "nan":
            values = values * np.nan
        return values[:, : self.context.class_count] * self.context.config.scale

    def score(self, images):
        logits = self.predict(images)
        return logits.max(axis=1), logits


class Line(MeanColour):
    """Its logits are scaled by a number from 0 to 1; `fail` may ask for a point that is not to be had."""

    curve_points = (0.0, 0.5, 1.0)
    at = 0.75

    def move_to(self, point):
        if self.context.config.fail == "curve" and point > 0:
            raise ValueError("out of line")
        self.at = point

    def predict(self, images):
        return super().predict(images) * self.at


def raise_(error):
    raise error

def hold_memory():
    raise MemoryError

class OutOfMemoryError(RuntimeError):
    """As torch names its own."""

FAILURES = {
    "raise": lambda: raise_(ValueError("no such luck")),
    "memory": hold_memory,
    "gpu memory": lambda: raise_(OutOfMemoryError("CUDA out of memory")),
    "torch memory": lambda: raise_(RuntimeError("[enforce fail at alloc_cpu.cpp:124] err == 0. "
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes. Error code 12 (Cannot allocate)")),
    "exit": lambda: sys.exit(0),
    "kill": lambda: os.kill(os.getpid(), 9),
}

def spec(name, family, inputs, build=MeanColour):
    return MethodSpec(
        name=name, family=family, summary="A toy.", build=build, config=Config, inputs=inputs, batch_size=2,
        claims=TrackClaims(backbone="none"),
    )

@hookimpl
def farfield_methods():
    few = TaskFamily.FEW_SHOT_DETECTION
    return [
        spec("on-images", TaskFamily.CLASSIFICATION, Images(size=8)),
        spec("line", TaskFamily.CLASSIFICATION, Images(size=8), Line),
        spec("on-features", TaskFamily.CLASSIFICATION, Features(backbone="mean", dim=3)),
        spec("detector", TaskFamily.OOD_DETECTION, Images(size=8)),
        MethodSpec(name="few", family=few, summary="A toy.", build=lambda c: MeanColour, inputs=Images(crop="none"),
                   claims=TrackClaims(backbone="none")),
    ]

@hookimpl
def farfield_backbones():
    def mean(device):
        return lambda images: images.mean(axis=(1, 2)).astype(np.float32)
    def wrong(device):
        return lambda images: np.zeros((len(images), 7))
    inputs = Images(size=8)
    return [
        BackboneSpec(name="mean", dim=3, build=mean, inputs=inputs, pretraining=(), licence="MIT", batch_size=2),
        BackboneSpec(name="wrong", dim=3, build=wrong, inputs=inputs, pretraining=(), licence="MIT"),
    ]
'''


class Site:
    """A folder with one plugin installed, and a runner started in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        info = folder / "site" / "runner_toy-1.2.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: runner-toy\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text("[farfield]\nrunner-toy = runner_toy\n")
        self.module = folder / "site" / "runner_toy.py"
        self.module.write_text(MODULE)
        self.inputs, self.output = folder / "in", folder / "out"
        self.inputs.mkdir()

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        given = arguments or (str(self.inputs), str(self.output))
        return subprocess.run(
            [sys.executable, "-m", "farfield.runner", *given],
            env={"PYTHONPATH": str(self.folder / "site"), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            cwd=self.folder,
        )

    def job(self, name: str, **changes: Any) -> None:
        values: dict[str, Any] = {"class_names": ("a", "b"), "domain_names": ("photo",), "seed": 5}
        Job(plugin="runner-toy", name=name, **values | changes).write(self.inputs)

    def stage(self, folder: str, pictures: list[bytes], *, labels: bool = False) -> None:
        target = self.inputs / folder
        target.mkdir()
        (target / "images.bin").write_bytes(b"".join(pictures))
        ends = np.cumsum([len(p) for p in pictures])
        np.save(target / "spans.npy", np.stack([ends - [len(p) for p in pictures], ends], axis=1))
        if labels:
            np.save(target / "labels.npy", np.arange(len(pictures)) % 2)
            np.save(target / "domains.npy", np.zeros(len(pictures), np.int64))

    def output_json(self, name: str) -> Any:
        return json.loads((self.output / name).read_text())

    def failure(self) -> tuple[str, str]:
        assert not (self.output / "result.json").exists()
        error = self.output_json("error.json")
        return error["code"], error["message"]


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


def pictures(count: int = 5) -> list[bytes]:
    rng = np.random.default_rng(0)
    found = []
    for i in range(count):
        file = io.BytesIO()
        Image.fromarray(rng.integers(0, 256, (9 + i, 12, 3), dtype=np.uint8)).save(file, "PNG")
        found.append(file.getvalue())
    return found


def expected(items: list[bytes], scale: float = 1.0) -> Any:
    images = np.stack([preprocess(i, Images(size=8)) for i in items])
    return images.reshape(len(items), -1)[:, :2].astype(np.float32) * scale


def test_classification_from_images(site: Site) -> None:
    site.job("on-images", config={"scale": 2})
    site.stage("train", pictures(3), labels=True)
    site.stage("test", pictures())
    done = site.run()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "seed 5 on cpu for a b\n"
    assert site.output_json("result.json") == {"outputs": ["logits"]}
    assert site.output_json("progress.json") == {"phase": "predict", "done": 5, "total": 5}
    np.testing.assert_array_equal(np.load(site.output / "logits.npy"), expected(pictures(), 2.0))
    names = {p.name for p in site.output.iterdir()}
    assert names == {"result.json", "progress.json", "logits.npy", "work"}


def on_the_line(site: Site, **job: Any) -> subprocess.CompletedProcess[str]:
    site.job("line", **job)
    site.stage("train", pictures(2), labels=True)
    site.stage("test", pictures())
    return site.run()


def test_every_point_of_a_curve_is_predicted_after_the_run(site: Site) -> None:
    assert on_the_line(site, curve=3, probe=True).returncode == 0
    assert site.output_json("curve.json") == {"points": [0.0, 0.5, 1.0]}
    np.testing.assert_allclose(np.load(site.output / "logits.npy"), 0.75 * expected(pictures()))
    for number, point in enumerate((0.0, 0.5, 1.0)):
        found = np.load(site.output / jobs.curve_file(number))
        np.testing.assert_allclose(found, point * expected(pictures()))
    repeat = np.load(site.output / "probe-repeat.npy")  # was made at the entry's own place
    np.testing.assert_allclose(repeat, 0.75 * expected(pictures()), rtol=1e-6)
    assert site.output_json("progress.json") == {"phase": "predict", "done": 15, "total": 15}


def test_a_curve_without_room_is_left_out(site: Site) -> None:
    done = on_the_line(site, curve=2)
    assert "the curve has 3 points; here is room for 2, so it is left out" in done.stdout
    assert {p.name for p in site.output.iterdir()} == {"result.json", "progress.json", "logits.npy", "work"}


def test_a_curve_that_fails_costs_no_run(site: Site) -> None:
    done = on_the_line(site, curve=3, config={"fail": "curve"})
    assert done.returncode == 0
    assert "farfield: the curve failed; the predictions stand" in done.stdout
    assert "ValueError: out of line" in done.stderr
    assert not (site.output / "curve.json").exists()
    np.testing.assert_allclose(np.load(site.output / "logits.npy"), 0.75 * expected(pictures()))


def test_classification_from_features(site: Site) -> None:
    site.job("on-features")
    for folder in ("train", "test"):
        (site.inputs / folder).mkdir()
        np.save(site.inputs / folder / "features.npy", np.arange(9, dtype=np.float32).reshape(3, 3))
    np.save(site.inputs / "train" / "labels.npy", np.array([0, 1, 0]))
    np.save(site.inputs / "train" / "domains.npy", np.zeros(3, np.int64))
    assert site.run().returncode == 0
    np.testing.assert_array_equal(np.load(site.output / "logits.npy"), [[0, 1], [3, 4], [6, 7]])


def test_ood_detection_writes_both_outputs_of_the_family(site: Site) -> None:
    site.job("detector")
    site.stage("train", pictures(2), labels=True)
    site.stage("test", pictures())
    assert site.run().returncode == 0
    assert tuple(site.output_json("result.json")["outputs"]) == ("logits", "scores")
    assert set(families.of("ood-detection").outputs(families.Size(examples=1, classes=1))) == {"logits", "scores"}
    np.testing.assert_array_equal(np.load(site.output / "scores.npy"), expected(pictures()).max(axis=1))


def test_features_of_a_backbone(site: Site) -> None:
    site.job("mean", kind="features")
    site.stage("test", pictures())
    assert site.run().returncode == 0
    images = np.stack([preprocess(p, Images(size=8)) for p in pictures()])
    np.testing.assert_allclose(np.load(site.output / "features.npy"), images.mean(axis=(1, 2)), rtol=1e-6)


def test_images_are_made_ready_by_the_thread_that_reads_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Doubles:
        """A network that is given twice the pixels."""

        threads: ClassVar[set[int]] = set()

        def ready(self, images: np.ndarray) -> np.ndarray:
            self.threads.add(threading.get_ident())
            return images.astype(np.float32) * 2

        def __call__(self, images: np.ndarray) -> np.ndarray:
            return images.mean(axis=(1, 2))

    spec = BackboneSpec(
        name="doubles", dim=3, build=lambda _: Doubles(), inputs=Images(size=8), pretraining=(), licence="MIT"
    )
    registry = SimpleNamespace(backbone=lambda _: SimpleNamespace(spec=spec))
    monkeypatch.setattr(run, "load", lambda _: registry)
    monkeypatch.setattr(run, "open_source", lambda *_: ArraySource(np.ones((5, 2, 2, 3), np.uint8)))
    for folder in ("in", "out"):
        (tmp_path / folder).mkdir()
    Job(kind="features", plugin="toy", name="doubles").write(tmp_path / "in")
    run.run(tmp_path / "in", tmp_path / "out")
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "features.npy"), np.full((5, 3), 2.0))
    assert threading.get_ident() not in Doubles.threads


def test_the_next_images_are_read_while_the_network_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = threading.Event()

    class Two:
        """Two images; the second says that it is asked for."""

        largest_batch = None

        def __len__(self) -> int:
            return 2

        def read(self, indices: np.ndarray) -> np.ndarray:
            if indices[0] == 1:
                read.set()
            return np.full((1, 2, 2, 3), indices[0], np.uint8)

    def look(images: np.ndarray) -> np.ndarray:
        assert read.wait(10)
        return images.mean(axis=(1, 2), dtype=np.float32)

    spec = BackboneSpec(
        name="waits", dim=3, build=lambda _: look, inputs=Images(size=8), pretraining=(), licence="MIT", batch_size=1
    )
    registry = SimpleNamespace(backbone=lambda _: SimpleNamespace(spec=spec))
    monkeypatch.setattr(run, "load", lambda _: registry)
    monkeypatch.setattr(run, "open_source", lambda *_: Two())
    for folder in ("in", "out"):
        (tmp_path / folder).mkdir()
    Job(kind="features", plugin="toy", name="waits").write(tmp_path / "in")
    run.run(tmp_path / "in", tmp_path / "out")
    np.testing.assert_array_equal(np.load(tmp_path / "out" / "features.npy"), [[0.0] * 3, [1.0] * 3])


@pytest.mark.parametrize(
    ("config", "code", "message"),
    [
        ({"fail": "raise"}, "plugin.raised", "ValueError: no such luck"),
        ({"fail": "memory"}, "resources.memory", "the method ran out of memory"),
        ({"fail": "gpu memory"}, "resources.memory", "the method ran out of memory"),
        ({"fail": "torch memory"}, "resources.memory", "the method ran out of memory"),
        ({"fail": "exit"}, "plugin.raised", "the method ended its process with SystemExit(0)"),
        ({"fail": "nan"}, "plugin.protocol", "predict: logits must be finite float32 numbers; 4 of 4 are not"),
        ({"scale": -1}, "plugin.bad_config", "scale: -1 is below the minimum 0.0"),
    ],
)
def test_a_failing_method_leaves_a_code_and_a_sentence(
    site: Site, config: dict[str, Any], code: str, message: str
) -> None:
    site.job("on-images", config=config)
    site.stage("train", pictures(2), labels=True)
    site.stage("test", pictures())
    done = site.run()
    assert done.returncode == 1
    assert site.failure() == (code, message)
    assert "Traceback" in done.stderr


def test_a_killed_method_leaves_neither_file(site: Site) -> None:
    site.job("on-images", config={"fail": "kill"})
    site.stage("train", pictures(2), labels=True)
    site.stage("test", pictures())
    assert site.run().returncode == -9
    assert not (site.output / "result.json").exists()
    assert not (site.output / "error.json").exists()


def test_a_damaged_test_image_is_named_by_its_position(site: Site) -> None:
    site.job("on-images")
    site.stage("train", pictures(2), labels=True)
    site.stage("test", [*pictures(3), b"damage"])
    assert site.run().returncode == 1
    code, message = site.failure()
    assert code == "platform.bad_job"
    assert message.startswith("image 3: cannot be decoded: UnidentifiedImageError")


@pytest.mark.parametrize(
    ("name", "changes", "code", "message"),
    [
        (
            "absent",
            {},
            "plugin.unknown_name",
            "no method is called 'absent'; available: detector, few, line, ",
        ),
        ("on-images", {}, "plugin.protocol", "this method has `fit`, but the benchmark has no training split"),
        ("few", {}, "plugin.protocol", "type misses `fit_novel` and `detect`"),
        ("wrong", {"kind": "features"}, "plugin.protocol", "backbone wrong: features must have the shape (5, 3)"),
        ("on-images", {"kind": "other"}, "platform.bad_job", "job.json has the kind 'other'"),
    ],
)
def test_a_job_that_cannot_be_run_says_why(
    site: Site, name: str, changes: dict[str, Any], code: str, message: str
) -> None:
    site.job(name, **changes)
    site.stage("test", pictures())
    assert site.run().returncode == 1
    found = site.failure()
    assert found[0] == code
    assert found[1].startswith(message)


def test_a_missing_job_and_missing_inputs(site: Site) -> None:
    assert site.run().returncode == 1
    assert site.failure() == ("platform.bad_job", "job.json cannot be read: No such file or directory")
    site.job("mean", kind="features")
    assert site.run().returncode == 1
    assert site.failure() == ("platform.bad_job", "test/spans.npy cannot be read: No such file or directory")


def test_a_plugin_that_does_not_import(site: Site) -> None:
    site.module.write_text("import nowhere_to_be_found")
    site.job("on-images")
    assert site.run().returncode == 1
    code, message = site.failure()
    assert code == "plugin.broken_import"
    assert message.startswith("plugin 'runner-toy' of distribution 'runner-toy': ModuleNotFoundError")


def test_describe_lists_what_is_installed_without_its_code(site: Site) -> None:
    assert site.run("describe", str(site.output)).returncode == 0
    described = site.output_json("result.json")
    methods = {m["name"]: m for m in described["methods"]}
    assert {"on-images", "on-features", "detector", "few"} <= set(methods)
    found = methods["on-images"]
    assert (found["plugin"], found["distribution"], found["version"]) == ("runner-toy", "runner-toy", "1.2")
    assert found["config_schema"]["properties"]["scale"]["minimum"] == 0.0
    mean = {"plugin": "runner-toy", "version": "1.2", "dim": 3, "takes": [], "texts": False}
    assert described["backbones"]["mean"] == mean


@pytest.mark.parametrize(("used", "gib"), [(True, 1.5), (False, 0.0)])
def test_the_memory_of_a_gpu_is_torchs_peak_in_gib(monkeypatch: pytest.MonkeyPatch, used: bool, gib: float) -> None:
    cuda = SimpleNamespace(is_initialized=lambda: used, max_memory_allocated=lambda: 3 * 2**29)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
    assert _gpu_memory() == gib


def test_without_torch_no_memory_of_a_gpu_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert _gpu_memory() == 0.0


def test_wrong_arguments_show_the_usage(site: Site) -> None:
    done = site.run("describe")
    assert done.returncode == 2
    assert done.stderr.startswith("usage: python -m farfield.runner")


def inspected(site: Site, name: str, **changes: Any) -> None:
    site.job(name, kind="inspect", **changes)


@pytest.mark.parametrize("name", ["on-images", "on-features", "detector"])
def test_inspect_tests_one_method_and_describes_all(site: Site, name: str) -> None:
    inspected(site, name, config={"scale": 2.0})
    done = site.run()
    assert (done.returncode, site.output_json("result.json")["method"]) == (0, name), done.stderr
    found = {m["name"]: m for m in site.output_json("result.json")["methods"]}
    assert set(found) == {"on-images", "line", "on-features", "detector", "few"}
    assert (found[name]["plugin"], found[name]["distribution"], found[name]["version"]) == (
        ("runner-toy", "runner-toy", "1.2")
    )
    assert not list(site.output.glob("*.npy"))


def test_inspect_takes_the_only_method_without_its_name(site: Site) -> None:
    start = MODULE.index('        spec("line"')
    site.module.write_text(MODULE[:start] + MODULE[MODULE.index("    ]\n", start) :])
    inspected(site, "")
    assert site.run().returncode == 0
    assert site.output_json("result.json")["method"] == "on-images"


@pytest.mark.parametrize(
    ("name", "changes", "code", "message"),
    [
        ("", {}, "plugin.which_method", "name one of them: detector, few, line, on-features, on-images"),
        ("other", {}, "plugin.which_method", "runner-toy has no method 'other'; it has detector, few, "),
        ("on-images", {"config": {"scale": -1.0}}, "plugin.bad_config", "scale: -1.0 is below the minimum"),
        ("on-images", {"config": {"fail": "raise"}}, "plugin.raised", "ValueError: no such luck"),
        ("on-images", {"config": {"fail": "exit"}}, "plugin.raised", "ended its process"),
        ("on-images", {"config": {"fail": "nan"}}, "plugin.protocol", "finite"),
        ("few", {}, "plugin.protocol", ""),
    ],
)
def test_inspect_says_what_is_wrong(site: Site, name: str, changes: dict[str, Any], code: str, message: str) -> None:
    inspected(site, name, **changes)
    assert site.run().returncode == 1
    found = site.failure()
    assert found[0] == code
    assert message in found[1]


def test_inspect_of_a_distribution_without_methods(site: Site) -> None:
    site.module.write_text("from farfield import hookimpl\n@hookimpl\ndef farfield_methods():\n    return []\n")
    inspected(site, "")
    assert site.run().returncode == 1
    assert site.failure()[0] == "plugin.no_method"


def test_inspect_knows_a_distribution_by_any_spelling_and_imports_no_other(site: Site) -> None:
    other = site.folder / "site" / "other-1.0.dist-info"
    other.mkdir()
    (other / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
    (other / "entry_points.txt").write_text("[farfield]\nother = nowhere_to_be_found\n")
    Job(plugin="Runner.Toy", name="on-images", kind="inspect").write(site.inputs)
    assert site.run().returncode == 0
    (site.output / "result.json").unlink()
    Job(plugin="absent", name="on-images", kind="inspect").write(site.inputs)
    assert site.run().returncode == 1
    code, message = site.failure()
    assert code == "plugin.unknown_name"
    assert message.startswith("no distribution is called 'absent'; available: ")
