"""Measure what `release.json` holds: `python measure_release.py FOLDER > release.json`.

FOLDER is a checkout of https://github.com/Thunderbeee/ZSCL (the committed figures are of b96e714). Its result files
have a row after each task, of accuracies in per cent on twelve data sets, of which CIFAR10 is none of the tasks.
"""

import json
import sys
from pathlib import Path

import numpy as np

FILES = {"Continual fine-tuning": ("t3_1", 1), "WiSE-FT": ("t3_5", 1), "ZSCL": ("t3_7", 1)}
FILES |= {"Continual fine-tuning, order 2": ("t9_1", 2), "ZSCL, order 2": ("t9_7", 2)}
CIFAR10 = 2
ORDER_2 = [9, 6, 7, 8, 5, 10, 0, 1, 3, 4, 2]


def main(folder: Path) -> None:
    found = {}
    for name, (file, order) in FILES.items():
        rows = np.delete(np.load(folder / "mtil" / "results" / f"{file}.npy").reshape(11, 12), CIFAR10, axis=1)
        rows = rows[ORDER_2][:, ORDER_2] if order == 2 else rows
        found[name] = np.round(rows, 3).tolist()
    print(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
