"""Measure what `zscl.json` holds by running ZSCL's own functions: `python measure_zscl.py FOLDER > zscl.json`.

FOLDER is a checkout of https://github.com/Thunderbeee/ZSCL (the committed figures are of b96e714). The functions that
its training calls are taken out of `mtil/src/models/helpers.py`, whose other imports need its data sets.
"""

import ast
import json
import sys
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.clip import zscl_case as case

WANTED = ("distillation", "l2_loss", "merge_we", "wise_we")


def functions(folder: Path) -> dict[str, Any]:
    tree = ast.parse((folder / "mtil" / "src" / "models" / "helpers.py").read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in WANTED]
    known: dict[str, Any] = {"F": functional, "torch": torch}
    exec(compile(tree, "helpers.py", "exec"), known)
    return known


def main(folder: Path) -> None:
    theirs, (teacher, student) = functions(folder), case.logits()
    losses = {}
    for temperature in case.TEMPERATURES:
        rows = theirs["distillation"](teacher, student, T=temperature)
        losses[f"{temperature:g}"] = [
            float(rows),
            float(theirs["distillation"](teacher.t(), student.t(), T=temperature)),
        ]
    mean = case.network()
    for count, model in enumerate(case.along(), 1):
        mean = theirs["merge_we"](model, mean, count)
    measured = {
        "distillation": losses,
        "l2": [float(theirs["l2_loss"](model, case.network())) for model in case.along()],
        "mean": [parameter.flatten().tolist() for parameter in mean.parameters()],
    }
    print(json.dumps(measured))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
