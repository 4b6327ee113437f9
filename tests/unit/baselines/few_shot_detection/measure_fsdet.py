"""Measure what `fsdet.json` holds by running TFA's own code: `python measure_fsdet.py FOLDER > fsdet.json`.

FOLDER is a checkout of https://github.com/ucbdrive/few-shot-object-detection (the committed figures are of 148a039).
Nothing of it is kept here but what it gives.
"""

import importlib.util
import json
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

import torch

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.unit.baselines.few_shot_detection import fsdet_case as case

SETTINGS = SimpleNamespace(MODEL=SimpleNamespace(ROI_HEADS=SimpleNamespace(COSINE_SCALE=20.0)))
PREFIX = "roi_heads.box_predictor."


def main(folder: str) -> None:
    layers = module(Path(folder) / "fsdet" / "modeling" / "roi_heads" / "fast_rcnn.py")
    surgery = module(Path(folder) / "tools" / "ckpt_surgery.py")
    with redirect_stdout(sys.stderr):  # it prints
        told = {
            "fc": predicted(layers.FastRCNNOutputLayers, biased=True),
            "cosine": predicted(layers.CosineSimOutputLayers, biased=False),
            "combined": combined(surgery),
        }
    print(json.dumps(told, indent=1))


def module(path: Path) -> ModuleType:
    """A file of the reference, whose own imports are stood in for: what is compared needs torch alone."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    names = ("detectron2", "detectron2.layers", "detectron2.structures", "detectron2.utils", "detectron2.utils.events")
    stood_in = {name: mock.MagicMock() for name in (*names, "detectron2.utils.registry", "fvcore", "fvcore.nn")}
    stood_in["detectron2.utils.registry"].Registry = Registry
    with mock.patch.dict(sys.modules, stood_in):
        spec.loader.exec_module(made)
    return made


class Registry:
    """Where the reference lists its classes; they stay what they are."""

    def __init__(self, *_: object) -> None: ...

    def register(self) -> Any:
        return lambda listed: listed


def predicted(kind: Any, *, biased: bool) -> dict[str, Any]:
    """Scores and deltas, and the weights after some steps of gradient descent on the scores alone."""
    classes = len(case.ALL)
    layers = kind(SETTINGS, case.WIDTH, classes, False)
    given = case.last_layers(classes, 10, biased=biased)
    layers.load_state_dict({name: torch.from_numpy(array) for name, array in given.items()})
    features, labels = torch.from_numpy(case.features()), torch.tensor(case.labels(classes))
    scores, deltas = (tensor.tolist() for tensor in layers(features))
    optimiser = torch.optim.SGD(layers.parameters(), lr=case.LR, momentum=0.9, weight_decay=1e-4)
    for _ in range(case.STEPS):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(layers(features)[0], labels).backward()
        optimiser.step()
    return {"scores": scores, "deltas": deltas, "weight": layers.cls_score.weight.tolist()}


def combined(surgery: Any) -> dict[str, Any]:
    """Last layers of base and of novel classes beside each other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, classes, seed in (("base", case.BASE, 20), ("novel", case.NOVEL, 30)):
            given = case.last_layers(len(classes), seed, biased=True)
            torch.save({"model": {PREFIX + n: torch.from_numpy(a) for n, a in given.items()}}, folder / f"{file}.pth")
        surgery.BASE_CLASSES, surgery.NOVEL_CLASSES = list(case.BASE), list(case.NOVEL)
        surgery.ALL_CLASSES, surgery.TAR_SIZE = list(case.ALL), len(case.ALL)
        surgery.IDMAP = {label: label for label in case.ALL}
        asked = SimpleNamespace(
            src1=str(folder / "base.pth"),
            src2=str(folder / "novel.pth"),
            method="combine",
            save_dir=str(folder),
            tar_name="told",
            coco=True,
            lvis=False,
            param_name=[f"{PREFIX}cls_score", f"{PREFIX}bbox_pred"],
        )
        surgery.combine_ckpts(asked)
        told = torch.load(folder / "told_combine.pth")["model"]
    return {key.removeprefix(PREFIX): tensor.tolist() for key, tensor in told.items()}


if __name__ == "__main__":
    main(sys.argv[1])
