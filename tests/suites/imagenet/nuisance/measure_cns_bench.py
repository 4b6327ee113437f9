"""Measures what odunkel/CNS-Bench 3c09a99 says of a made table; run by hand with its folder: it needs pandas.

git clone https://github.com/odunkel/CNS-Bench && git -C CNS-Bench checkout 3c09a99
python tests/suites/imagenet/nuisance/measure_cns_bench.py CNS-Bench/evaluation
"""

import json
import sys
from pathlib import Path

import numpy as np

COMMIT = "3c09a99"
SCALES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5)
CLASSES, SEEDS = 7, 9


def made() -> dict[str, np.ndarray]:
    """A table of trajectories in which hits grow rarer, in the order of scales: hits, classes, seeds and scales."""
    rng = np.random.default_rng(3)
    scales = np.tile(SCALES, CLASSES * SEEDS)
    classes = np.repeat(np.arange(CLASSES), SEEDS * len(SCALES))
    seeds = np.tile(np.repeat(np.arange(SEEDS), len(SCALES)), CLASSES)
    hits = rng.random(len(scales)) > 0.03 + 0.12 * scales * (classes > 0)
    return {"hits": hits, "classes": classes, "seeds": seeds, "scales": scales}


def main(folder: str) -> None:
    import pandas as pd

    sys.path.insert(0, folder)
    from metrics_computer import EvalFilter

    table = made()
    frame = pd.DataFrame({"gt_class": table["classes"], "seed": table["seeds"], "scale": table["scales"]})
    frame["m"] = table["hits"]
    figures, points = EvalFilter.compute_failure_points(["m"], frame)
    unshifted = int((frame["scale"] == 0).sum())
    by_scale = frame.groupby("scale")["m"].mean()
    said = {
        "commit": COMMIT,
        **{name: float(figures[name].iloc[0]) for name in ("fp_avg", "fp_max", "fp_std", "margin_fp_avg", "N_failed")},
        "failing": {f"{scale:g}": float(count) / unshifted for scale, count in points["m"].items()},
        "drops": {f"{scale:g}": float(by_scale[0.0] - value) for scale, value in by_scale.items() if scale},
    }
    Path(__file__).with_name("cns_bench.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
