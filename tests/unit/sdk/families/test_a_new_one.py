"""A family that there is not yet: one file and one line, and it is checked, run, read back and scored."""

import shutil
import subprocess
import sys
from pathlib import Path

import farfield

FILE = '''
"""Counting: how many things an image shows."""

import numpy as np

from farfield.families.family import ArrayRule
from farfield.families.streams import Batched
from farfield.families.toys import Toys, check_stream
from farfield.runtime.loops import checked, fit


def counts_of(method, images, size):
    return {"counts": checked(method.count(images), (len(images),), "count: counts", np.float64)}


COUNTS = Batched(predict=counts_of, phase="count")


class Counting:
    name, title, protocol, members, optional = "counting", "Counting", object, ("count",), ("fit",)
    annotated, curves, asks = (), False, False

    def problems(self, inputs):
        return []

    def outputs(self, size):
        return {"counts": ArrayRule(shape=(size.examples,), dtype="float64", lowest=0)}

    def run(self, method, inputs, out, schedule):
        fit(method, inputs)
        COUNTS.run(self, method, inputs, out, schedule)

    def check(self, build):
        toys = Toys(build)
        check_stream(build, toys, lambda method: fit(method, toys), COUNTS)


FAMILY = Counting()
'''
LINE = '    COUNTING = "counting"\n'
PLUGIN = """
from farfield import Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Bright:
    def __init__(self, context):
        pass
    def count(self, images):
        return (images > 127).sum(axis=(1, 2, 3)).astype(float)

@hookimpl
def farfield_methods():
    return [MethodSpec(name="bright", family=TaskFamily.COUNTING, summary="Bright spots.", build=Bright,
                       inputs=Images(size=8), claims=TrackClaims(backbone="none"))]
"""
SCRIPT = """
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np

folder = Path(sys.argv[1])
import counting_toy
from farfield import families
from farfield.runtime.job import Job
from farfield.runtime.run import main
from farfield.testing import check_method

check_method(counting_toy.farfield_methods()[0], folder)
(folder / "in" / "test").mkdir(parents=True)
images = np.zeros((5, 8, 8, 3), np.uint8)
images[3, :2] = 255
np.save(folder / "in" / "test" / "images.npy", images)
Job(plugin="counting-toy", name="bright", probe=True).write(folder / "in")
assert main([str(folder / "in"), str(folder / "out")]) == 0

from farfield_evaluators.run_plan import Staged
from farfield_workers.outputs import read_outputs, rules_of

staged = Staged(truth=None, job={}, examples=5, classes=0)
rules = rules_of(SimpleNamespace(family="counting", size=families.Size), staged)
arrays = read_outputs(rules, staged, folder / "out").arrays
from farfield_evaluators.evaluate import check_predictions, expected_shapes

check_predictions(rules, arrays)
assert expected_shapes("counting", 5, 0) == {"counts": (5,)}
from farfield_web.pages.describe import family_title

print(family_title("counting"), arrays["counts"].tolist())
"""


def test_one_file_and_one_line_make_a_family(tmp_path: Path) -> None:
    sdk = tmp_path / "site" / "farfield"
    shutil.copytree(Path(farfield.__file__).parent, sdk, ignore=shutil.ignore_patterns("__pycache__"))
    (sdk / "families" / "counting.py").write_text(FILE)
    method, last = sdk / "method.py", '    REGRESSION = "regression"\n'
    method.write_text(method.read_text().replace(last, last + LINE))
    (tmp_path / "site" / "counting_toy.py").write_text(PLUGIN)
    info = tmp_path / "site" / "counting_toy-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: counting-toy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\ncounting-toy = counting_toy\n")
    first = f"import sys; sys.path.insert(0, {str(tmp_path / 'site')!r})\n"
    command = [sys.executable, "-c", first + SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "Counting [0.0, 0.0, 0.0, 48.0, 0.0]\n"), done.stderr[-3000:]
