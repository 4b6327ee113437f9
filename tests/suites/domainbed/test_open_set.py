"""Open-set boards: who shows which classes, what is drawn, and H by hand; the data sets' packs in their sets."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from tests.suites.domainbed.data.trees import grow, tiny

from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.metrics.calibration import Estimate
from farfield_evaluators.scoring.scorer import Wanted, score_tests
from farfield_evaluators.scoring.test import LABEL, Test
from farfield_evaluators.suites.domainbed.data.official import PACS
from farfield_evaluators.suites.domainbed.open_set import data, scoring
from farfield_evaluators.suites.domainbed.open_set.benchmarks import OPEN_SET
from farfield_evaluators.suites.domainbed.open_set.splits import (
    DRAWINGS,
    OPEN_OFFICE_HOME,
    OPEN_PACS,
    SPLITS,
    Split,
    code_at,
)


@pytest.mark.parametrize("split", SPLITS, ids=lambda split: split.name)
def test_the_sources_show_all_known_classes_between_them_and_none_shows_all(split: Split) -> None:
    shown = [set(classes) for classes in split.sources]
    assert set().union(*shown) == {*range(split.known)}
    assert all(len(classes) < split.known for classes in shown)
    assert len(shown) == len(split.domains) - 1


def test_the_official_splits() -> None:
    assert OPEN_PACS.sources == ((3, 0, 1), (4, 0, 2), (5, 1, 2))
    assert [len(classes) for classes in OPEN_OFFICE_HOME.sources] == [26, 26, 26]
    joined = OPEN_PACS.joined()
    assert set(joined["train-1-photo"]) == {
        *(f"art_painting/{label}/a" for label in (3, 0, 1)),
        *(f"cartoon/{label}/a" for label in (4, 0, 2)),
        *(f"sketch/{label}/a" for label in (5, 1, 2)),
    }
    assert set(joined["train-5-photo"]) - set(joined["train-1-photo"]) == {
        part.replace("/a", "/b") for part in joined["train-1-photo"]
    }


def test_a_target_is_tested_on_all_of_its_images_and_lends_none_to_its_training() -> None:
    for split in SPLITS:
        joined = split.joined()
        for target in split.domains:
            learned = {part for name in ("train-5", "val") for part in joined[f"{name}-{target}"]}
            assert not learned & set(joined[f"test-{target}"])
            assert {part.split("/")[0] for part in joined[f"test-{target}"]} == {target}
            assert not set(joined[f"train-5-{target}"]) & set(joined[f"val-{target}"])


def test_the_drawings_have_one_and_five_images_a_class_and_source() -> None:
    source = data.drawings_source(demo_root())
    joined, counts = dict(source.joined), Counter(example.columns["set"] for example in source.examples)
    assert [c.name for c in source.classes][-1] == "unknown"
    for target in DRAWINGS.domains:
        sizes = {name: sum(counts[part] for part in joined[f"{name}-{target}"]) for name in ("train-1", "test")}
        assert sizes["train-1"] == sum(map(len, DRAWINGS.sources))
        few = [sum(counts[f"{target}/{label}/{code}"] for code in "ab") for label in range(DRAWINGS.known)]
        assert max(few) == 5
        assert sizes["test"] == sum(count for name, count in counts.items() if name.startswith(f"{target}/"))


def test_an_official_folder_becomes_a_pack_of_its_sets(tmp_path: Path) -> None:
    spec = tiny(PACS, ("dog", "elephant", "giraffe"))
    split = Split(name="open-dg/pacs", domains=PACS.domains, known=2, sources=((0,), (1,), (0,)), official=spec)
    pack = data.import_official(split, spec, grow(spec, tmp_path), tmp_path / "packs")
    assert (pack.official, [c.name for c in pack.classes]) == (True, ["dog", "elephant", "unknown"])
    test = pack.members("test-photo")
    assert sorted(pack.labels[test].tolist()) == [0, 0, 1, 1, 2, 2]
    assert sorted(pack.labels[pack.members("train-1-photo")].tolist()) == [0, 0, 1]


def test_what_images_are_drawn_for() -> None:
    assert "".join(map(code_at, range(10))) == "abbbbvvnnn"


def test_the_figures_of_a_case_by_hand() -> None:
    """Of four known images two are recognised and one is called unknown; of two unknown ones one is."""
    said = [0, 1, 1, 2, 2, 0]
    labels = np.array([0, 0, 1, 1, 2, 2])
    test = Test(
        domain="target",
        role="shift",
        count=6,
        outputs={"logits": np.eye(3)[said]},
        targets={LABEL: labels},
        classes=3,
    )
    wanted = Wanted(metrics=frozenset(metric.name for metric in scoring.METRICS), aggregates=())
    figures = {figure.metric: figure.value for figure in score_tests(scoring.SCORERS, [test], wanted)}
    assert figures == {"accuracy-known": 0.5, "accuracy-open": 0.5, "h-score": 0.5}
    closed = test.part(labels < 2)
    assert {f.metric for f in score_tests(scoring.SCORERS, [closed], wanted)} == {"accuracy-known"}


def test_who_never_says_unknown_has_no_h_and_the_error_is_to_first_order() -> None:
    half, none = Estimate(value=0.5, stderr=0.1), Estimate(value=0.0, stderr=0.0)
    assert scoring.harmonic(half, none) == Estimate(value=0.0, stderr=None)
    step = 1e-6
    a, b = Estimate(value=0.6, stderr=0.02), Estimate(value=0.3, stderr=0.05)

    def at(first: float, second: float) -> float:
        return scoring.harmonic(Estimate(value=first, stderr=0.0), Estimate(value=second, stderr=0.0)).value

    slopes = [(at(0.6 + step, 0.3) - at(0.6, 0.3)) / step, (at(0.6, 0.3 + step) - at(0.6, 0.3)) / step]
    expected = np.hypot(slopes[0] * 0.02, slopes[1] * 0.05)
    assert scoring.harmonic(a, b).stderr == pytest.approx(expected, rel=1e-4)


def test_a_board_is_ranked_by_h_with_five_shots() -> None:
    for benchmark in OPEN_SET:
        first = benchmark.columns[0]
        assert (first.metric, first.domain) == ("h-score", "target[shots=5]")
        assert benchmark.plan.count("") == 8
