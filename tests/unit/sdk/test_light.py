"""The SDK needs numpy and pluggy only: everything else is blocked, and it must not notice."""

import subprocess
import sys

SCRIPT = """
import sys

ALLOWED = {"farfield", "numpy", "pluggy", *sys.stdlib_module_names}

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in ALLOWED:
            raise ImportError(f"{name} is not part of the SDK's needs")

sys.meta_path.insert(0, Blocker())

import importlib, pkgutil
import farfield

for room in ("", "families.", "runtime.", "packaging.", "client.", "client.commands."):
    place = importlib.import_module(f"farfield.{room}".rstrip(".")).__path__
    for module in pkgutil.iter_modules(place):
        if (room, module.name) != ("client.", "http"):  # what it needs is an extra
            importlib.import_module(f"farfield.{room}{module.name}")

import pathlib, tempfile
import numpy as np
from farfield.testing import check_method

class Mean:
    def __init__(self, context):
        self.classes = context.class_count
    def predict(self, features):
        return features[:, : self.classes]

check_method(
    farfield.MethodSpec(
        name="mean", family=farfield.TaskFamily.CLASSIFICATION, summary="A toy.", build=Mean,
        inputs=farfield.Features(backbone="toy", dim=4), claims=farfield.TrackClaims(backbone="toy"),
    ),
    pathlib.Path(tempfile.gettempdir()),
)
for blocked in ("PIL", "torch", "django"):
    try:
        importlib.import_module(blocked)
    except ImportError:
        continue
    raise SystemExit(f"{blocked} was not blocked")
print("light")
"""


def test_numpy_and_pluggy_are_enough() -> None:
    done = subprocess.run([sys.executable, "-I", "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("light\n", "")
