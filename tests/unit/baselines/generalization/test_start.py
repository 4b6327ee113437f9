"""What a run's start costs: libraries of other networks are not imported."""

import subprocess
import sys


def test_a_network_of_ones_own_needs_neither_timm_nor_open_clip() -> None:
    script = (
        "import sys; from farfield_baselines.networks import featurizers as f; "
        "f.featurizer(f.Wanted(name='mnist-cnn', shape=(2, 28, 28))); f.on_vectors(8, 4, 1); "
        "print({'timm', 'open_clip', 'torchvision'} & {*sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
