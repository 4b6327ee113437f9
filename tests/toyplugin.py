"""A plugin of well- and ill-behaved methods, laid out as an installed distribution in a folder of the test's."""

from pathlib import Path

SOURCE = '''
import os, subprocess, sys, time
import numpy as np
from farfield import Features, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, hookimpl, setting
from dataclasses import dataclass

@dataclass(frozen=True, kw_only=True)
class Config:
    shift: int = setting(0, ge=0, le=100, help="Added to the class number.")

class Brightness:
    """Class = mean brightness bucket."""
    def __init__(self, context):
        self.context = context
    def fit(self, train):
        self.context.log(f"fitting on {len(train)} images of {', '.join(self.context.domain_names)}")
        self.context.progress(1, 1)
    def predict(self, images):
        c = self.context.class_count
        bucket = (images.mean(axis=(1, 2, 3)) / 256 * c).astype(int) + self.context.config.shift
        return np.eye(c, dtype=np.float32)[bucket % c]

class Line(Brightness):
    """As Brightness with one shift or another; alone it has the configured one."""
    curve_points = (0, 1, 2)
    shift = None
    def move_to(self, point):
        self.shift = point
    def predict(self, images):
        logits = super().predict(images)
        return logits if self.shift is None else np.roll(logits, int(self.shift) - self.context.config.shift, axis=1)

class Detector(Brightness):
    def score(self, images):
        return images.std(axis=(1, 2, 3)).astype(np.float64), self.predict(images)

class Raises(Brightness):
    def predict(self, images):
        raise ValueError("colour is a lie")

class NotFinite(Brightness):
    def predict(self, images):
        return np.full((len(images), self.context.class_count), np.nan, np.float32)

class Sleeps(Brightness):
    def predict(self, images):
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "farfield-orphan"])
        print("asleep", flush=True)
        time.sleep(600)

class Eats(Brightness):
    def predict(self, images):
        blocks = []
        while True:
            blocks.append(np.ones(1 << 24))

class Floods(Brightness):
    def predict(self, images):
        while True:
            print("x" * 1000)

class Dies(Brightness):
    def predict(self, images):
        os.kill(os.getpid(), 11)

class Quits(Brightness):
    def predict(self, images):
        os._exit(0)

class QuitsLate(Line):
    def move_to(self, point):
        os._exit(0)

class Environment(Brightness):
    def predict(self, images):
        print("ENV", sorted(os.environ), flush=True)
        return super().predict(images)

class Slow(Brightness):
    def predict(self, images):
        time.sleep(0.25)
        return super().predict(images)

def spec(name, build, **more):
    values = dict(name=name, family=TaskFamily.CLASSIFICATION, summary=build.__name__, build=build, config=Config,
                  inputs=Images(size=16), claims=TrackClaims(backbone="none"))
    return MethodSpec(**(values | more))

@hookimpl
def farfield_methods():
    quick = Resources(memory_gib=1, minutes=0.1)
    return [
        spec("toy-brightness", Brightness),
        spec("toy-line", Line),
        spec("toy-detector", Detector, family=TaskFamily.OOD_DETECTION),
        spec("toy-raises", Raises),
        spec("toy-nan", NotFinite),
        spec("toy-sleeps", Sleeps, resources=quick),
        spec("toy-eats", Eats, resources=Resources(memory_gib=1, minutes=1)),
        spec("toy-floods", Floods, resources=quick),
        spec("toy-dies", Dies),
        spec("toy-quits", Quits),
        spec("toy-quits-late", QuitsLate),
        spec("toy-environment", Environment),
        spec("toy-slow", Slow, batch_size=64),
    ]
'''


def install_toy_plugin(folder: Path) -> Path:
    """Write the plugin below `folder`; putting that on FARFIELD_PLUGIN_PATH (or PYTHONPATH) installs it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "farfield_toy.py").write_text(SOURCE)
    info = folder / "farfield_toy-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: farfield-toy\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\nfarfield-toy = farfield_toy\n")
    return folder
