"""Zero-shot evaluation, and a whole run against a plain script: stage, sandbox, validate and score are all in ours."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from bench.result import Result
from bench.timing import in_turn
from bench.zero_shot import zero_shot
from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.figure import Figure
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.installed import describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

SAME = 1e-9  # points of accuracy


def measure(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """Two CLIP models; then EfficientNet-Lite0 on imagenet-ood/mini, of which there is no smaller size."""
    yield from zero_shot(scratch / "zero-shot", quick=quick)
    pack = import_demo(scratch / "packs")
    sandbox = ProcessSandbox()
    evaluator = Evaluator(describe_installed(sandbox), sandbox, scratch)
    runnable = Runnable(description=evaluator.installed.method("lite0"))
    request = Request(benchmark=IMAGENET_OOD_MINI, pack=pack, runnable=runnable, cell=Cell(at={"trial": 0}))
    accuracies: dict[str, dict[str, float]] = {}

    def ours() -> None:
        accuracies["ours"] = _by_domain(evaluator.run(request, Quiet()).evidence.figures)

    def script() -> None:
        done = subprocess.run([sys.executable, "-m", "bench.plain"], check=True, capture_output=True, text=True)
        accuracies["script"] = json.loads(done.stdout)

    seconds, peer = in_turn(ours, script, 1 if quick else 2)
    difference = max(abs(accuracies["ours"][domain] - value) for domain, value in accuracies["script"].items())
    if difference > SAME:
        raise SystemExit(f"accuracies differ by {difference:.4f} points: the two sides do different things")
    for state, turns in (("cold", slice(1)), ("warm", slice(1, None))):  # the first computes the features
        if seconds[turns]:
            yield Result(
                row=1, name="lite0 on imagenet-ood/mini, whole run", ours=seconds[turns], peer=peer[turns], unit="s",
                state=state, peer_name="timm and DataLoader", peer_version=version("timm"),
            )  # fmt: skip


def _by_domain(scores: tuple[Figure, ...]) -> dict[str, float]:
    return {score.domain: score.value for score in scores if score.metric == "accuracy"}
