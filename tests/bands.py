"""A plugin for arrays of many bands: a line that learns, and one that fails in a single fold of PovertyMap."""

from pathlib import Path

SOURCE = '''
import numpy as np
from farfield import Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Bands:
    """A line through the mean of all bands."""
    def __init__(self, context):
        self.context = context
    def fit(self, train, *, val=None):
        means, wealth = zip(*((batch.inputs.mean(axis=(1, 2, 3)), batch.targets[:, 0]) for batch in train.batches(64)))
        self.context.log(f"{batch_shape(train)}; val of {len(val)}")
        self.line = np.polyfit(np.concatenate(means), np.concatenate(wealth), 1)
    def predict(self, arrays):
        return np.polyval(self.line, arrays.mean(axis=(1, 2, 3)))

def batch_shape(train):
    (batch, *_) = train.batches(1)
    return f"arrays {batch.inputs.dtype} {list(batch.inputs.shape[1:])}"

class NeedsKenya(Bands):
    """Breaks in the one fold in which no village of Kenya is learned from."""
    def fit(self, train, *, val=None):
        if "kenya" not in self.context.domain_names:
            raise RuntimeError("nothing is known of Kenya")
        super().fit(train, val=val)

def spec(name, build):
    return MethodSpec(
        name=name, summary="A line.", family=TaskFamily.REGRESSION, build=build,
        inputs=Images(size=64), claims=TrackClaims(backbone="none"),
    )

@hookimpl
def farfield_methods():
    return [spec("bands", Bands), spec("needs-kenya", NeedsKenya)]
'''


def install_bands(folder: Path) -> Path:
    """Write the plugin below `folder`; putting that on FARFIELD_PLUGIN_PATH installs it."""
    info = folder / "farfield_bands-1.0.dist-info"
    info.mkdir(parents=True)
    (folder / "farfield_bands.py").write_text(SOURCE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: farfield-bands\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\nfarfield-bands = farfield_bands\n")
    return folder
