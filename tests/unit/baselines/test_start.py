"""What a run imports: of the plugin the one method's files, and of libraries what the method computes with."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from farfield.runtime.job import Job
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


def stage(folder: Path, method: str, inputs: str) -> None:
    """A run of the method with 24 training inputs and 5 to be predicted."""
    rng = np.random.default_rng(0)
    for part, count in (("train", 24), ("test", 5)):
        (folder / part).mkdir(parents=True)
        values = rng.random((count, 1280), np.float32) if inputs == "features" else np.zeros((count, 8, 8, 3), np.uint8)
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
