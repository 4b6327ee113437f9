"""What robust fine-tuning is for, measured: `python -m bench.robust_fine_tuning`.

Every method is fitted with the mini CLIP, end to end at 128 pixels, once for each seed. `--data photographs`: to the
training photographs of imagenet-ood/mini, and asked for photographs (ID) and ten drawing styles (OOD, the mean of the
styles' accuracies). `--data twemoji`: to Twemoji's seen concepts of domainbed/styles, 14 coarse classes, and asked for
its unseen concepts (ID) and for those of the six other families (OOD).

The recipe is that of mini-clip-wise-ft. The seed decides the order of the images and which are mirrored, and the part
that chooses alpha and the probe's strength. Differences are paired by seed; the interval is Student's, at 95%, over
seeds: it says how much training chance moves the difference on these test images, and nothing about other test images.
`--alphas 0.1 0.2 ... 0.9` measures the whole curve.
"""

import argparse
import math
import statistics
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats

from farfield import Images, MethodSpec, RunContext, parse_config
from farfield.runtime.dataset import ArraySource, LabeledSet
from farfield.runtime.images import EncodedImages
from farfield_baselines import validation
from farfield_baselines.classification import wise_ft
from farfield_baselines.classification.listed import ON_CLIP
from farfield_baselines.networks import fine_tuning
from farfield_evaluators.data.demo import import_demo
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.suites.domainbed.data.styles import SEEN, UNSEEN, import_styles
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI

SPECS = {spec.name: spec for spec in ON_CLIP}
ZERO_SHOT, PROBE, FT, CHOSEN, CAR = "zero-shot", "linear probe", "FT", "WiSE-FT chosen", "CAR-FT"

TUNED = "twemoji"
Members = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """In percent: on what was trained on, and the mean over the shifts."""

    id: float
    ood: float


@dataclass(frozen=True, kw_only=True)
class Data:
    """A pack in memory: images uint8 [N, 128, 128, 3]. `inside` is the ID test, `shifts` the others by name."""

    names: tuple[str, ...]
    train: LabeledSet
    inside: LabeledSet
    shifts: Mapping[str, LabeledSet]


Row = dict[str, Accuracy]  # by method


def main() -> None:
    arguments = parsed()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        data = DATA[arguments.data](Path(folder))
        settings = {"epochs": arguments.epochs, "learning_rate": arguments.learning_rate}
        zero_shot, rows = measured(fitted(SPECS["zero-shot"], data, 0, {}), data), []
        for seed in range(arguments.seeds):
            rows.append({ZERO_SHOT: zero_shot} | one_seed(data, seed, settings, arguments.alphas))
            print(f"seed {seed}: {listed(rows[-1])}", flush=True)
    print(report(rows))


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Robust fine-tuning of the mini CLIP.")
    parser.add_argument("--data", choices=sorted(DATA), default="photographs")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--alphas", type=float, nargs="+", default=[0.5], help="Points of WiSE-FT's curve.")
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def photographs(packs: Path) -> Data:
    """imagenet-ood/mini."""
    pack, benchmark = import_demo(packs), IMAGENET_OOD_MINI
    if benchmark.train_set is None:
        raise ValueError("imagenet-ood/mini has lost its training split")
    (inside,) = (d.set for d in benchmark.domains if d.role == "id")
    return Data(
        names=tuple(c.name for c in pack.classes),
        train=part(pack, pack.members(benchmark.train_set)),
        inside=part(pack, pack.members(inside)),
        shifts={d.name: part(pack, pack.members(d.set)) for d in benchmark.domains if d.role == "shift"},
    )


def twemoji(packs: Path) -> Data:
    """domainbed/styles: Twemoji, which the mini CLIP never saw, and the other families."""
    pack = import_styles(packs)
    seen, unseen = pack.members(SEEN), pack.members(UNSEEN)

    def of(members: Members, family: str) -> LabeledSet:
        return part(pack, members[pack.domain_numbers[members] == pack.domains.index(family)])

    return Data(
        names=tuple(c.name for c in pack.classes),
        train=of(seen, TUNED),
        inside=of(unseen, TUNED),
        shifts={family: of(unseen, family) for family in pack.domains if family != TUNED},
    )


DATA = {"photographs": photographs, TUNED: twemoji}


def part(pack: Pack, positions: Members) -> LabeledSet:
    """These images of a pack, decoded once."""
    encoded = EncodedImages(pack.blob, pack.spans[positions], Images(size=128))
    pixels = encoded.read(np.arange(len(positions)))
    encoded.close()
    return LabeledSet(ArraySource(pixels), pack.labels[positions], np.zeros(len(positions), np.int64))


def one_seed(data: Data, seed: int, settings: Mapping[str, Any], alphas: Sequence[float]) -> Row:
    """The accuracies of every method that trains. WiSE-FT's curve comes from the one fine-tuned network that FT is."""
    tuned = fitted(SPECS["clip-wise-ft"], data, seed, {**settings, "alpha": 1.0})
    row = {PROBE: measured(fitted(SPECS["linear-probe"], data, seed, {}), data), FT: measured(tuned, data)}
    row |= curve(tuned, data, alphas)
    chosen = {**settings, "choose_alpha": True}
    row[CHOSEN] = measured(fitted(SPECS["clip-wise-ft"], data, seed, chosen), data)
    car = fitted(SPECS["clip-car-ft"], data, seed, settings)
    row[CAR] = measured(car, data)
    (averaged,) = curve(car, data, [0.5]).values()
    return {**row, f"{CAR} + WiSE-FT 0.5": averaged}


def fitted(spec: MethodSpec, data: Data, seed: int, settings: Mapping[str, Any]) -> Any:
    """The method after `fit`, with its start kept where it has a network."""
    context = RunContext(class_names=data.names, seed=seed, config=parse_config(spec.config, settings))
    method = spec.build(context)
    if hasattr(method, "network"):
        method.start = wise_ft.copied(method.network.state_dict())
    if hasattr(method, "fit"):
        method.fit(data.train)
    return method


def curve(method: Any, data: Data, alphas: Sequence[float]) -> Row:
    """Accuracies at each alpha between the start and the fitted network."""
    end, found = wise_ft.copied(method.network.state_dict()), {}
    for alpha in alphas:
        method.network.load_state_dict(fine_tuning.interpolate(method.start, end, alpha))
        found[f"WiSE-FT {alpha:g}"] = measured(method, data)
    return found


def measured(method: Any, data: Data) -> Accuracy:
    def percent(test: LabeledSet) -> float:
        return 100.0 * validation.accuracy(method.predict, test)

    return Accuracy(id=percent(data.inside), ood=statistics.fmean(map(percent, data.shifts.values())))


def report(rows: Sequence[Row]) -> str:
    """Means by method, then differences to FT and to zero-shot with their intervals."""
    lines = [f"{'method':<22} {'ID':>6} {'OOD':>6}   mean of {len(rows)} seeds, top-1 in percent"]
    for name in rows[0]:
        ids, oods = ([getattr(row[name], key) for row in rows] for key in ("id", "ood"))
        lines.append(f"{name:<22} {statistics.fmean(ids):6.1f} {statistics.fmean(oods):6.1f}")
    for other in (FT, ZERO_SHOT):
        lines.append(f"\n{'minus ' + other:<22} {'ID':>22} {'OOD':>22}   mean [95% interval over seeds]")
        lines += [against(rows, name, other) for name in rows[0] if name != other]
    return "\n".join(lines)


def against(rows: Sequence[Row], name: str, other: str) -> str:
    parts = []
    for key in ("id", "ood"):
        differences = [getattr(row[name], key) - getattr(row[other], key) for row in rows]
        mean, half = interval(differences)
        parts.append(f"{mean:+6.1f} [{mean - half:+5.1f}, {mean + half:+5.1f}]")
    return f"{name:<22} {parts[0]:>22} {parts[1]:>22}"


def interval(values: Sequence[float]) -> tuple[float, float]:
    """(mean, half the width of Student's 95% interval of it); infinite for one value.

    >>> mean, half = interval([1.0, 2.0, 3.0])
    >>> round(mean, 3), round(half, 3)
    (2.0, 2.484)
    """
    if len(values) < 2:
        return values[0], math.inf
    spread = statistics.stdev(values) / math.sqrt(len(values))
    return statistics.fmean(values), float(stats.t.ppf(0.975, len(values) - 1)) * spread


def listed(row: Row) -> str:
    return ", ".join(f"{name} {found.id:.1f}/{found.ood:.1f}" for name, found in row.items())


if __name__ == "__main__":
    main()
