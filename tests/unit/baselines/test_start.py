"""What a run imports: of the plugin the one method's files, and of libraries what the method computes with."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from farfield.runtime.asking_texts import HEAD, TEXTS, announced, answer, understood, write_about
from farfield.runtime.job import Job
from farfield.runtime.pipes import ASK, GIVE
from farfield_baselines import plugin, where

METHODS = plugin.farfield_methods()
SYNSETS = (("n02391049",), ("n02123045", "n02123394"), ("n07753592",))
HEAVY = ("torch", "timm", "open_clip", "torchvision")
# Those that compute in NumPy on features, or on nothing: by what they are given, with which settings.
ON_IMAGES = ("constant", "constant-detector")
ON_FEATURES = """
    lite0 ncm linear-probe msp max-logit energy gen temp-scale-train kl-matching-train openmax gradnorm react-train
    vra-train ash scale dice knn cfood nnguide relation she mahalanobis rmds vim residual fdbd nci
"""
# Those that ask for text embeddings of mini-clip: how many numbers all their networks together make of an image.
ON_TEXTS = {"mcm": 192, "cooked": 1280 + 192, "zode": 1280 + 192}
# Runs the jobs one after the other, as the runner does, and says after each what of HEAVY is there.
SCRIPT = """
import json, sys
from pathlib import Path
from farfield.runtime.run import run
folder, heavy = Path(sys.argv[1]), sys.argv[2].split()
said = {}
for job in sorted(folder.glob("*/job.json")):
    output = job.parent / "out"
    output.mkdir()
    run(job.parent, output)
    assert (output / "result.json").exists()
    said[job.parent.name] = [name for name in heavy if name in sys.modules]
    if said[job.parent.name]:
        break
(folder / "said.json").write_text(json.dumps(said))
"""


def stage(folder: Path, method: str, inputs: str, width: int = 1280) -> None:
    """A run of the method with 24 training inputs and 5 to be predicted."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 24), ("test", 5)):
        (folder / part).mkdir(parents=True)
        values = (
            rng.random((count, width), np.float32) if inputs == "features" else np.zeros((count, 8, 8, 3), np.uint8)
        )
        np.save(folder / part / f"{inputs}.npy", values)
    np.save(folder / "train" / "labels.npy", np.arange(24) % 3)
    np.save(folder / "train" / "domains.npy", np.zeros(24, np.int64))
    names = ("zebra", "cat", "banana")
    Job(plugin="farfield-baselines", name=method, class_names=names, class_synsets=SYNSETS).write(folder)


def test_a_run_on_features_needs_numpy_alone(tmp_path: Path) -> None:
    """Also with images declared, where the platform gives features in their place."""
    for kind, methods in (("images", ON_IMAGES), ("features", ON_FEATURES.split())):
        for method in methods:
            stage(tmp_path / method, method, kind)
    subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT, str(tmp_path), " ".join(HEAVY)], check=True)
    said = json.loads((tmp_path / "said.json").read_text())
    assert said == {name: [] for name in (*ON_IMAGES, *ON_FEATURES.split())}


@contextmanager
def telling(folder: Path) -> Iterator[list[str]]:
    """Tells the run in this folder unit text embeddings of mini-clip, and which networks it asked for."""
    pipes, asked, rng = folder / TEXTS, list[str](), np.random.default_rng(1)
    pipes.mkdir()
    write_about(pipes)
    for name in (ASK, GIVE):
        os.mkfifo(pipes / name)

    def tell() -> None:
        with (pipes / ASK).open("rb") as ask, (pipes / GIVE).open("wb", buffering=0) as give:
            while head := ask.read(HEAD.size):
                said = announced(head)
                question = understood(ask.read(said.size), said)
                asked.append(question.backbone)
                rows = rng.normal(size=(1 + len(question.prompts), 192)).astype(np.float32)
                rows /= np.linalg.norm(rows, axis=1, keepdims=True)
                rows[0] = 100.0
                for part in answer(rows):
                    give.write(part)

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    yield asked
    thread.join(10)
    assert not thread.is_alive()


def test_a_run_that_is_told_its_texts_needs_numpy_alone(tmp_path: Path) -> None:
    for method, width in ON_TEXTS.items():
        folder = tmp_path / method
        stage(folder / "run", method, "features", width)
        with telling(folder / "run") as asked:
            subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT, str(folder), " ".join(HEAVY)], check=True)
        assert asked == ["mini-clip"]
        assert json.loads((folder / "said.json").read_text()) == {"run": []}


@pytest.mark.parametrize("method", ["constant", "msp"])
def test_a_run_imports_one_method(method: str, tmp_path: Path) -> None:
    stage(tmp_path / "in", method, "images" if method == "constant" else "features")
    code = (
        "import sys; from farfield.runner import main; status = main(sys.argv[1:]); "
        "print(*sys.modules, file=sys.__stderr__); sys.exit(status)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "in"), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(ran.stderr.split())
    methods = {f"farfield_baselines.{folder}.{path.stem}" for folder in where.FOLDERS for path in files_of(folder)}
    assert {name.rpartition(".")[2] for name in imported & methods} == {method}
    assert not imported & {*HEAVY, "scipy"}


def files_of(folder: str) -> list[Path]:
    """The files that bring a method."""
    files = (Path(where.__file__).parent / folder).glob("*.py")
    return [path for path in files if re.search("^SPECS? ?[:=]", path.read_text("utf-8"), re.MULTILINE)]


def test_each_method_is_found_alone() -> None:
    assert [where.method_named(spec.name) for spec in METHODS] == METHODS


@pytest.mark.parametrize("name", ["declare", "of-nobody", "no.such", "", "3d"])
def test_a_name_of_no_method_is_found_nowhere(name: str) -> None:
    assert where.method_named(name) is None
