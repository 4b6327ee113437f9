"""The methods that chaos submits: quick, with an end and scores that are known beforehand."""

from pathlib import Path

from chaos.pack import CLASSES

NAME = "farfield-chaos"
MARK = "chaos: answering"  # every method prints it, with its answer, before it does anything else
FLOOD = "0123456789 flood "
FLOOD_BYTES = 8 << 20  # for each batch; more than is kept of a log

# Method -> the failure code it ends with by its own doing; "" for success.
METHODS = {"chaos-quick": "", "chaos-slow": "", "chaos-fails": "plugin.raised", "chaos-floods": ""}
# How often each is submitted; the mean run takes about a second.
WEIGHTS = {"chaos-quick": 10, "chaos-slow": 7, "chaos-fails": 2, "chaos-floods": 1}

SOURCE = f'''
import time
from dataclasses import dataclass
import numpy as np
from farfield import Images, MethodSpec, Resources, TaskFamily, TrackClaims, hookimpl, setting

@dataclass(frozen=True, kw_only=True)
class Config:
    answer: int = setting(0, ge=0, le={CLASSES - 1}, help="The class given to every image.")

class Quick:
    """One answer for every image."""
    seconds = 0.1
    def __init__(self, context):
        self.context = context
    def fit(self, train):
        print("{MARK}", self.context.config.answer, flush=True)
        time.sleep(self.seconds)
    def predict(self, images):
        answers = np.zeros((len(images), self.context.class_count), np.float32)
        answers[:, self.context.config.answer] = 1
        return answers

class Slow(Quick):
    seconds = 2.0

class Fails(Quick):
    def predict(self, images):
        raise ValueError("it fails, as it should")

class Floods(Quick):
    def predict(self, images):
        for _ in range({FLOOD_BYTES} // {1000 * len(FLOOD)}):
            print("{FLOOD}" * 1000, flush=True)
        return super().predict(images)

def spec(name, build):
    return MethodSpec(name=name, family=TaskFamily.CLASSIFICATION, summary=build.__name__, build=build, config=Config,
                      inputs=Images(size=16), claims=TrackClaims(backbone="none"),
                      resources=Resources(memory_gib=1, minutes=2), batch_size=256)

@hookimpl
def farfield_methods():
    return [spec("chaos-quick", Quick), spec("chaos-slow", Slow),
            spec("chaos-fails", Fails), spec("chaos-floods", Floods)]
'''


def install_plugin(folder: Path) -> Path:
    """Lay it out in `folder` as an installed distribution; FARFIELD_PLUGIN_PATH shows it to the worker."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "farfield_chaos.py").write_text(SOURCE, encoding="utf-8")
    info = folder / "farfield_chaos-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[farfield]\n{NAME} = farfield_chaos\n", encoding="utf-8")
    return folder
