"""A plugin of classifiers that declare what they train first and say in the log when they do, for tests of bases."""

from pathlib import Path

SOURCE = '''
import os
from dataclasses import dataclass, replace
from pathlib import Path
import numpy as np
from farfield import Base, Choice, Images, MethodSpec, Resources, RunContext, TaskFamily, TrackClaims, hookimpl, setting

INPUTS = Path("/farfield/in") if Path("/farfield/in").exists() else Path.cwd().parent / "in"

@dataclass(frozen=True, kw_only=True)
class First:
    scale: float = setting(1.0, ge=0, le=9, help="Of the means.")

@dataclass(frozen=True, kw_only=True)
class Both(First):
    shift: float = setting(0.0, ge=0, le=9, help="Of the logits.")

def means(context, train, *, val=None):
    """The mean colour of each class, and a draw by the seed."""
    assert not hasattr(context.config, "shift")
    print(f"FIRST of {len(train)} images, {sorted(os.listdir(INPUTS))}, seed {context.seed}", flush=True)
    colours = train.take(np.arange(len(train))).inputs.mean(axis=(1, 2))
    rows = [colours[train.labels == c].mean(axis=0) if (train.labels == c).any() else colours[0] * 0 for c in
            range(context.class_count)]
    draw = np.random.default_rng(context.seed).normal(size=(context.class_count, 3))
    return {"means": context.config.scale * np.array(rows), "noise": draw}

class Nearest:
    sign = 1.0
    def __init__(self, context):
        self.context = context
        context.log(f"BEGINS WITH {sorted(context.base)}, {sorted(os.listdir(INPUTS))}")
        self.rows = context.base["means"] + 0.01 * context.base["noise"]
    def fit(self, train):
        self.shift = self.context.config.shift
    def predict(self, images):
        apart = images.mean(axis=(1, 2))[:, None] - self.rows
        return self.shift - self.sign * np.square(apart).sum(axis=2)

class Farthest(Nearest):
    sign = -1.0

class Poisons(Nearest):
    """Changes what it began with, for whoever comes next."""
    def fit(self, train):
        super().fit(train)
        path = INPUTS / "base-model" / "arrays.npz"
        try:
            os.chmod(path, 0o777)
            path.write_bytes(b"poison")
            print("GOT into", path, flush=True)
        except OSError as error:
            print("refused:", error.strerror, flush=True)

class Sometimes(Nearest):
    """Does without a base where there is none."""
    def __init__(self, context):
        self.context = context
        context.log(f"BEGINS WITH {context.base and sorted(context.base)}")
        self.rows = np.zeros((context.class_count, 3)) if context.base is None else context.base["means"]

def pickles(context, train):
    return {"means": np.array([{"a": 1}], dtype=object)}

BASE = Base(train=means, config=First)

def spec(name, build, base=BASE, **more):
    return MethodSpec(name=name, family=TaskFamily.CLASSIFICATION, summary=name, build=build, config=Both,
                      inputs=Images(size=8), claims=TrackClaims(backbone="none"), base=base,
                      resources=Resources(memory_gib=1, minutes=1), **more)

@hookimpl
def farfield_methods():
    return [spec("based-nearest", Nearest), spec("based-farthest", Farthest), spec("based-poisons", Poisons),
            spec("based-pickles", Nearest, Base(train=pickles)),
            spec("based-sometimes", Sometimes, replace(BASE, only={"shift": 0.0})),
            spec("based-chosen", Nearest, input_name="eight", choices={"sixteen": Choice(
                inputs=Images(size=16), summary="s", claims=TrackClaims(backbone="none"), base=BASE)})]
'''


def install_based_plugin(folder: Path) -> Path:
    """Write the plugin below `folder`; putting that on FARFIELD_PLUGIN_PATH installs it."""
    info = folder / "farfield_based-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (folder / "farfield_based.py").write_text(SOURCE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: farfield-based\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\nfarfield-based = farfield_based\n")
    return folder
