"""Zero-shot of two CLIP models against clip_benchmark and the bare forward pass: the same files and weights."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from safetensors.torch import save_file

from bench.machine import ROOT
from bench.photographs import CLASSES, make
from bench.result import Result
from farfield_evaluators.benchmark import Column
from farfield_evaluators.data.packs import Example, Pack, PackClass, Source, build
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.installed import describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

PEER = "clip_benchmark"
HEAVY, LIGHT = "ViT-B-32", "ViT-S-32-alt"
IMAGES, FEW = 384, 64
AGAIN, LEAST_OF_FEATURES = 3, 50.0  # runs that find their features; the goal of their rate
CLOSE = 2e-5  # between cosines of both sides
BENCHMARK = replace(
    IMAGENET_OOD_MINI,
    name="bench/photographs",
    pack="bench-photographs",
    train_set=None,
    domains=tuple(domain for domain in IMAGENET_OOD_MINI.domains if domain.role == "id"),
    columns=(Column(metric="accuracy", domain="id", title="ID"),),
)
Floats = npt.NDArray[np.float32]


def zero_shot(scratch: Path, *, quick: bool) -> Iterator[Result]:
    """Images a second: cold, warm, with features, and the peers'. Raises SystemExit where the two sides differ."""
    files = make(scratch / "images", FEW if quick else IMAGES)
    pack = _imported(files, scratch / "packs")
    sandbox = ProcessSandbox()
    known = Evaluator(describe_installed(sandbox), sandbox, scratch)
    # As a method whose network the platform does not know: it is given images.
    evaluator = replace(known, installed=replace(known.installed, backbones={}))
    for name in (LIGHT, HEAVY):
        checkpoint = _weights(name, scratch / f"{name}.safetensors")
        request = _request(evaluator, pack, name, checkpoint)
        # Both models have images of one size, which the second would find: each begins with an empty cache.
        cold, warm = (evaluator.run(request, Quiet()) for _ in range(2))
        theirs = _theirs(name, checkpoint, scratch)
        logits = np.load(scratch / "logits.npy")
        _check(("pixels",), (cold, warm), pack, logits)
        rates = {side: (len(files) / seconds,) for side, seconds in theirs.items()}
        title = f"zero-shot, {name}, {len(files)} JPEGs"
        for state, outcome, against, goal in (
            ("cold", cold, PEER, 1.3 if name == LIGHT else 1.0),
            ("warm", warm, PEER, None),
            ("warm", warm, "bare", 0.95),
        ):
            yield Result(
                row=1, name=title, state=state, unit="images/s",
                ours=(len(files) / outcome.seconds["predict"],), peer=rates[against], goal=goal,
                peer_name=against if against == PEER else "bare forward pass",
                peer_version=version(PEER) if against == PEER else torch.__version__,
            )  # fmt: skip
        first, *later = (known.run(request, Quiet()) for _ in range(1 + AGAIN))
        _check(("features", "texts"), (first, *later), pack, logits)
        for state, outcomes, goal in (("cold", [first], None), ("warm", later, LEAST_OF_FEATURES)):
            yield Result(
                row=1, name=f"{title}, its features given", state=state, unit="images/s",
                ours=tuple(len(files) / _with_features(outcome) for outcome in outcomes), peer=rates[PEER], goal=goal,
                peer_name=PEER, peer_version=version(PEER),
            )  # fmt: skip
        for path in (scratch / "cache" / "pixels").rglob("*.pixels"):
            path.unlink()


def _with_features(outcome: Outcome) -> float:
    """Seconds in which features are computed or looked up and laid out, too, which is before the method's process."""
    return outcome.seconds["prepare"] + outcome.seconds["predict"]


def _imported(files: list[Path], packs: Path) -> Pack:
    classes = tuple(PackClass(name=name, synsets=()) for name in CLASSES)
    examples = tuple(
        Example(path=path, set="id/test", label=CLASSES.index(path.parent.name), order=number)
        for number, path in enumerate(files)
    )
    return build(
        Source(
            name=BENCHMARK.pack, title="Made pictures", licence="none", classes=classes, domains=("photographs",),
            examples=examples, ordered=True,
        ),
        packs,
    )  # fmt: skip


def _weights(name: str, path: Path) -> Path:
    """Random, of a fixed seed: both sides read them from this file."""
    torch.manual_seed(0)
    save_file({key: value.contiguous() for key, value in open_clip.create_model(name).state_dict().items()}, path)
    return path


def _request(evaluator: Evaluator, pack: Pack, name: str, checkpoint: Path) -> Request:
    config = {"input": "clip", "model": name, "checkpoint": str(checkpoint), "templates": "single"}
    runnable = Runnable(description=evaluator.installed.method("zero-shot")).chosen(config)
    description = {**runnable.description, "batch_size": 64}
    return Request(
        benchmark=BENCHMARK, pack=pack, runnable=replace(runnable, description=description), cell=Cell(at={"trial": 0}),
        config=config,
    )  # fmt: skip


def _theirs(name: str, checkpoint: Path, scratch: Path) -> dict[str, float]:
    words = (name, str(checkpoint), str(scratch / "images"), str(scratch / "logits.npy"))
    command = [sys.executable, "-m", "bench.zero_shot_theirs", *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    seconds: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return seconds


def _check(caches: tuple[str, ...], outcomes: Sequence[Outcome], pack: Pack, theirs: Floats) -> None:
    """The first of these runs found nothing in its caches, later ones everything, and all say what the peer says."""
    shares = [dict(outcome.cached) for outcome in outcomes]
    if shares != [dict.fromkeys(caches, 0.0), *(dict.fromkeys(caches, 1.0) for _ in outcomes[1:])]:
        raise SystemExit(f"one after the other, runs had in a cache: {shares}")
    scale = open_clip.create_model(LIGHT).logit_scale.detach().exp().item()
    cosines = [_in_order(outcome, pack) / scale for outcome in outcomes]
    difference = max(float(np.abs(mine - theirs / 100).max()) for mine in cosines)
    if difference > CLOSE:
        raise SystemExit(f"cosines differ by {difference:.2g}: the two sides do different things")


def _in_order(outcome: Outcome, pack: Pack) -> Floats:
    """The logits [N, C] in the order of the files."""
    logits, positions = outcome.arrays["logits"], outcome.staged.truth.positions
    by_position = np.empty_like(logits)
    by_position[positions] = logits
    in_order: Floats = by_position[pack.in_source_order(np.arange(len(positions)))]
    return in_order
