"""CNS-Bench's figures are those of its release, in whatever order the images are; data come in by their names."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.suites.imagenet.nuisance.measure_cns_bench import CLASSES, SCALES, SEEDS, made

from farfield_evaluators.data.columns import Attribute
from farfield_evaluators.data.packs import PackError
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.scoring.scorer import Wanted
from farfield_evaluators.scoring.test import LABEL, Test
from farfield_evaluators.suites.imagenet.data.cns_bench import import_cns_bench
from farfield_evaluators.suites.imagenet.nuisance import scoring
from farfield_evaluators.suites.imagenet.nuisance.board import SHIFTS
from farfield_evaluators.suites.imagenet.nuisance.measures import failures

RELEASE = json.loads(Path(__file__).with_name("cns_bench.json").read_text(encoding="utf-8"))


def figures(hits: np.ndarray, classes: np.ndarray, seeds: np.ndarray, scales: np.ndarray) -> dict[str, float]:
    """Of a test whose one logit is highest at the label where it is a hit."""
    logits = np.zeros((len(hits), CLASSES))
    logits[np.arange(len(hits)), np.where(hits, classes, (classes + 1) % CLASSES)] = 1.0
    names = tuple(f"{scale:g}" for scale in SCALES)
    attributes = {
        LABEL: Attribute(numbers=classes, values=()),
        scoring.SEED: Attribute(numbers=seeds, values=()),
        scoring.SCALE: Attribute(numbers=np.array([SCALES.index(scale) for scale in scales]), values=names),
    }
    test = Test(
        domain="snow",
        role="shift",
        count=len(hits),
        outputs={"logits": logits},
        targets={LABEL: classes},
        attributes=attributes,
        classes=CLASSES,
    )
    wanted = Wanted(metrics=frozenset(metric.name for metric in scoring.TRAJECTORIES.gives))
    return {f.metric: f.value for f in scoring.TRAJECTORIES.score([test], wanted) if f.domain == "snow"}


def test_the_figures_of_trajectories_are_the_releases() -> None:
    table = made()
    found = figures(**table)
    shuffled = np.random.default_rng(1).permutation(len(table["hits"]))
    assert figures(**{name: column[shuffled] for name, column in table.items()}) == pytest.approx(found)
    ours = ("failure-point", "failure-point-largest", "failure-point-spread", "failure-margin")
    theirs = ("fp_avg", "fp_max", "fp_std", "margin_fp_avg")
    assert [found[name] for name in ours] == pytest.approx([RELEASE[name] for name in theirs])
    assert found["failed-trajectories"] * CLASSES * SEEDS == pytest.approx(RELEASE["N_failed"])
    for scale in scoring.SCALES:
        assert found[scoring.FAILING[scale].name] == pytest.approx(RELEASE["failing"].get(scale, 0.0))
        if scale in scoring.DROPS:
            assert found[scoring.DROPS[scale].name] == pytest.approx(RELEASE["drops"][scale])


def test_a_classifier_that_never_fails_has_no_failure_point_and_no_margin() -> None:
    whole = failures(np.ones(4, bool), np.array([0, 0, 1, 1]), np.array([0.0, 1.0, 0.0, 1.0]))
    assert (whole.mean, whole.spread, whole.margin.value) == (None, None, 0.0)


def grow(root: Path, shift: str, names: tuple[str, ...], folder: str = "022_eagle") -> None:
    for number, name in enumerate(names):
        place = root / shift / folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((6, 6, 3), 7 * number, np.uint8)).save(place)


def trajectory(seed: int) -> tuple[str, ...]:
    return tuple(f"seed_{seed:04}_scale_{int(1000 * scale)}.png" for scale in SCALES)


def test_images_are_read_by_their_names(tmp_path: Path) -> None:
    for word in SHIFTS:
        grow(tmp_path / "data", f"heavy_{word}_style", (*trajectory(34), *trajectory(5)))
    pack = import_cns_bench(tmp_path / "data", tmp_path / "packs")
    assert (pack.official, pack.release) == (True, "uncounted")
    members = pack.members("shift/snow")
    seeds, scales = (pack.attributes(members)[name] for name in (scoring.SEED, scoring.SCALE))
    assert (seeds.values, scales.values) == (("0005", "0034"), scoring.SCALES)
    assert sorted(zip(seeds.numbers.tolist(), scales.numbers.tolist(), strict=True)) == [
        (seed, scale) for seed in range(2) for scale in range(6)
    ]
    assert set(pack.labels[members].tolist()) == {22}


def test_what_is_wrong_with_a_copy_is_said(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(PackError, match="none of CNS-Bench's shifts"):
        import_cns_bench(tmp_path / "empty", tmp_path / "packs")
    grow(tmp_path / "data", "heavy_snow", trajectory(1)[:5])
    grow(tmp_path / "data", "heavy_snow", ("seed_0002_scale_700.png",))
    grow(tmp_path / "data", "heavy_snow", trajectory(3), "eagle")
    with pytest.raises(ImportProblems) as refused:
        import_cns_bench(tmp_path / "data", tmp_path / "packs", subset=True)
    assert refused.value.problems == (
        "heavy_snow/022_eagle/seed_0002_scale_700.png: its name has no seed, or none of the scales",
        "heavy_snow/eagle: its name has no number of one of ImageNet's classes",
        "snow: class 22, seed 0001: the scales 0, 0.5, 1, 1.5, 2, not 0, 0.5, 1, 1.5, 2, 2.5",
    )
