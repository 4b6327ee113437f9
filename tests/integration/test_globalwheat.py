"""GlobalWheat the whole way, on made scenes in the official layout: imported, learned from by the small Faster R-CNN.

Each figure is computed anew from what the detector said, by WILDS' words and not by our scorer.
"""

from collections import defaultdict

import numpy as np
import pytest
import torch
from tests.suites.wilds.data import wheat
from torchvision.ops import box_iou

from farfield.cli import main
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import open_pack
from farfield_evaluators.paths import packs_folder
from farfield_evaluators.run_plan import Cell
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.installed import describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

pytestmark = pytest.mark.slow

BOARD = "wilds/globalwheat"
COUNTS = {"train": 30, "val": 4, "test": 10, "id_val": 4, "id_test": 7}
QUICK = {"side": 96, "longest": 96, "epochs": 4}


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    folder = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FARFIELD_VAR", str(folder / "var"))
        assert main(["data", "import", "wilds-globalwheat", str(wheat.tree(folder, COUNTS))]) == 0
        pack, installed = open_pack(packs_folder(), "wilds-globalwheat"), describe_installed(ProcessSandbox())
        runnable, cell = Runnable(description=installed.method("faster-rcnn")), Cell(at={"trial": 0}, seed=1)
        request = Request(benchmark=find(BOARD), pack=pack, runnable=runnable, cell=cell, config=QUICK, threads=1)
        return Evaluator(installed, ProcessSandbox(), folder / "var").run(request, Quiet())


def figures(evaluated: Outcome) -> dict[tuple[str, str], float]:
    return {(figure.metric, figure.domain): figure.value for figure in evaluated.evidence.figures}


def test_it_finds_most_of_the_fruit_in_styles_that_it_has_not_seen(evaluated: Outcome) -> None:
    known = figures(evaluated)
    assert known["session-mean-detection-accuracy", "test"] > 0.3
    assert known["session-mean-detection-accuracy", "id-test"] > 0.3


def test_the_headline_is_that_of_wilds_words(evaluated: Outcome) -> None:
    known = figures(evaluated)
    for number, domain in enumerate(find(BOARD).domains):
        by_session = sessions(evaluated, number)
        means = {name: float(np.mean(values)) for name, values in by_session.items()}
        every = [value for values in by_session.values() for value in values]
        assert known["session-mean-detection-accuracy", domain.name] == pytest.approx(np.mean([*means.values()]))
        assert known["detection-accuracy", domain.name] == pytest.approx(np.mean(every))
        assert known["worst-session-detection-accuracy", domain.name] == pytest.approx(min(means.values()))
        for name, mean in means.items():
            assert known["detection-accuracy", f"{domain.name}[session={name}]"] == pytest.approx(mean)


def sessions(evaluated: Outcome, domain: int) -> dict[str, list[float]]:
    """The accuracies of a domain's pictures, by their session."""
    truth, arrays = evaluated.staged.truth, evaluated.arrays
    ends = np.cumsum(arrays["boxes-rows"])
    own: dict[str, list[float]] = defaultdict(list)
    session, right = truth.attributes["session"], np.cumsum(truth.targets["boxes-rows"])
    for place in np.flatnonzero(truth.domains == domain).tolist():
        said = slice(int(ends[place] - arrays["boxes-rows"][place]), int(ends[place]))
        boxes = arrays["boxes"][said][arrays["scores"][said] > 0.5]
        objects = truth.targets["boxes"][right[place] - truth.targets["boxes-rows"][place] : right[place]]
        corners = np.concatenate([objects[:, :2], objects[:, :2] + objects[:, 2:]], axis=1)
        own[session.values[session.numbers[place]]].append(accuracy(corners, boxes))
    return own


def accuracy(objects: np.ndarray, boxes: np.ndarray) -> float:
    if not len(objects) or not len(boxes):
        return float(len(objects) == len(boxes))
    overlaps, best = box_iou(torch.tensor(objects).double(), torch.tensor(boxes).double()).max(dim=0)
    hit = set(best[overlaps >= 0.5].tolist())
    return len(hit) / (len(objects) + len(boxes) - len(hit))
