"""`make bench`: prints our seconds, the alternative's, and the ratio (below 1: ours is faster)."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sklearn import metrics

from bench.coco import coco_scores
from bench.colored_mnist import training
from bench.given_inputs import giving
from bench.ranks import ranking
from bench.timing import Comparison, compare
from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics import detection
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.installed import describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

RUNS = 3
SCORES = 100_000
SAME = 1e-9  # points of accuracy


def main() -> None:
    """All comparisons, one a line; and the check that both sides gave the same numbers."""
    with tempfile.TemporaryDirectory() as folder:
        pack = import_demo(Path(folder) / "packs")
        print(f"{'':<44} {'ours':>11} {'theirs':>11}  ratio (of single pairs)")
        print(evaluation(pack, Path(folder)), flush=True)
        print(training(Path(folder)), flush=True)
        print(giving(pack, Path(folder)), flush=True)
        for comparison in coco_scores(Path(folder)):
            print(comparison, flush=True)
    print(ranking(), flush=True)
    for comparison in detection_metrics():
        print(comparison, flush=True)


def evaluation(pack: Pack, var: Path) -> Comparison:
    """The whole path (stage, sandbox, validate, score) against a plain script with the same model and images."""
    sandbox = ProcessSandbox()
    evaluator = Evaluator(describe_installed(sandbox), sandbox, var)
    runnable = Runnable(description=evaluator.installed.method("lite0"))
    request = Request(benchmark=IMAGENET_OOD_MINI, pack=pack, runnable=runnable, cell=Cell(at={"trial": 0}))
    found: dict[str, dict[str, float]] = {}

    def ours() -> None:
        found["ours"] = _by_domain(evaluator.run(request, Quiet()).evidence.figures)

    def theirs() -> None:
        script = subprocess.run([sys.executable, "-m", "bench.plain"], check=True, capture_output=True, text=True)
        found["theirs"] = json.loads(script.stdout)

    result = compare("lite0 on imagenet-ood/mini, whole run", ours, theirs, "timm + DataLoader script", RUNS)
    differences = [abs(found["ours"][d] - value) for d, value in found["theirs"].items()]
    if max(differences) > SAME:
        raise SystemExit(f"accuracies differ by {max(differences):.4f} points: the two sides do different things")
    return result


def _by_domain(scores: tuple[Figure, ...]) -> dict[str, float]:
    return {score.domain: score.value for score in scores if score.metric == "accuracy"}


def detection_metrics() -> list[Comparison]:
    """AUROC and FPR@95 of 100,000 scores against scikit-learn."""
    rng = np.random.default_rng(0)
    id_scores, ood_scores = rng.normal(1, 1, SCORES // 2), rng.normal(0, 1, SCORES // 2)
    is_ood = np.r_[np.zeros(len(id_scores)), np.ones(len(ood_scores))]
    conf = np.r_[id_scores, ood_scores]

    def curve() -> float:
        fpr, tpr, _ = metrics.roc_curve(is_ood, -conf)
        return float(fpr[np.argmax(tpr >= detection.RECALL)])

    return [
        compare(
            f"AUROC of {SCORES:,} scores",
            lambda: detection.auroc(id_scores, ood_scores),
            lambda: metrics.roc_auc_score(is_ood, -conf),
            "scikit-learn",
            20,
        ),
        compare(
            f"FPR@95 of {SCORES:,} scores",
            lambda: detection.fpr95(id_scores, ood_scores),
            curve,
            "scikit-learn",
            20,
        ),
    ]


if __name__ == "__main__":
    main()
