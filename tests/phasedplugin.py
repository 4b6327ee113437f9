"""A plugin of few-shot detectors that say in the log which phase they are in, for tests of the base phase."""

from pathlib import Path

SOURCE = '''
import os, time
from pathlib import Path
import numpy as np
from farfield import Detections, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, hookimpl, setting
from dataclasses import dataclass

INPUTS = Path("/farfield/in") if Path("/farfield/in").exists() else Path.cwd().parent / "in"

@dataclass(frozen=True, kw_only=True)
class Config:
    side: float = setting(0.5, ge=0, le=1, help="Of the box, as a part of the image's.")

class Phased:
    """A box in the middle, of the novel class, once it has learned how large boxes are."""
    def __init__(self, context):
        self.context = context
    def fit_base(self, base):
        self.context.log(f"BASE of {len(base)} images, {sorted(os.listdir(INPUTS))}, seed {self.context.seed}")
        self.context.progress(1, 1)
        shares = [scene.boxes / (np.array(scene.image.shape[:2])[[1, 0, 1, 0]]) for scene in base]
        self.share = np.concatenate(shares).mean(axis=0)
    def save_base(self, folder):
        np.save(folder / "share.npy", self.share)
    def load_base(self, folder):
        self.share = np.load(folder / "share.npy")
        self.context.log(f"LOADED {[round(float(value), 2) for value in self.share]}")
    def fit_novel(self, support):
        self.context.log(f"NOVEL, {sorted(os.listdir(INPUTS))}")
        (self.label,) = {int(label) for scene in support for label in scene.labels}
    def detect(self, images):
        one = np.ones(1, np.int64)
        return [Detections(boxes=(self.share * np.array(image.shape[:2])[[1, 0, 1, 0]])[None], scores=one * 0.5,
                           labels=one * self.label) for image in images]

class Together(Phased):
    save_base = load_base = None

class Novel(Together):
    fit_base = None
    share = np.array([0.25, 0.25, 0.75, 0.75])

class Raises(Phased):
    def fit_base(self, base):
        raise ValueError("no such base")

class Sleeps(Phased):
    def fit_base(self, base):
        print("BASE asleep", flush=True)
        time.sleep(600)

class Slow(Phased):
    def fit_base(self, base):
        super().fit_base(base)
        time.sleep(1.5)

class SavesALink(Phased):
    def save_base(self, folder):
        super().save_base(folder)
        os.symlink("/etc/hostname", folder / "name")

class Poisons(Phased):
    """Changes what it is given, for whoever comes next."""
    def fit_novel(self, support):
        super().fit_novel(support)
        for path in (INPUTS / "base-model").iterdir():
            try:
                os.chmod(path, 0o777)
                np.save(path, np.array([0.0, 0.0, 0.01, 0.01]))
                print("GOT into", path, flush=True)
            except OSError as error:
                print("refused:", error.strerror, flush=True)

def spec(name, build):
    return MethodSpec(name=name, family=TaskFamily.FEW_SHOT_DETECTION, summary=build.__name__, build=build,
                      config=Config, inputs=Images(crop="none"), claims=TrackClaims(backbone="none"),
                      resources=Resources(memory_gib=1, minutes=1))

@hookimpl
def farfield_methods():
    kinds = [Phased, Together, Novel, Raises, Sleeps, Slow, SavesALink, Poisons]
    return [spec(f"phased-{kind.__name__.lower()}", kind) for kind in kinds]
'''


def install_phased_plugin(folder: Path) -> Path:
    """Write the plugin below `folder`; putting that on FARFIELD_PLUGIN_PATH installs it."""
    info = folder / "farfield_phased-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (folder / "farfield_phased.py").write_text(SOURCE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: farfield-phased\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\nfarfield-phased = farfield_phased\n")
    for path in (folder, info):
        path.chmod(0o755)
    return folder
