"""Unlearning boards: every choice of domains, which images are for what, and Mem, For and H by hand."""

from collections import Counter
from math import comb
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.suites.domainbed.data.trees import grow, tiny

from farfield_evaluators.catalog import reported_for
from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.scoring.scorer import Wanted, score_tests
from farfield_evaluators.scoring.test import LABEL, Test
from farfield_evaluators.suites.domainbed.data.official import PACS
from farfield_evaluators.suites.domainbed.unlearning import data, scoring
from farfield_evaluators.suites.domainbed.unlearning.benchmarks import UNLEARNING
from farfield_evaluators.suites.domainbed.unlearning.choices import DATA_SETS, DRAWINGS, MINI_DOMAIN_NET, Unlearning
from farfield_evaluators.suites.domainbed.unlearning.mini_domain_net import import_mini_domain_net


def test_every_choice_of_a_number_of_domains_is_a_run_of_its_tier() -> None:
    for benchmark in UNLEARNING:
        assert {tier.name: benchmark.plan.count(tier.name) for tier in benchmark.plan.tiers} == {
            name: comb(4, count) for count, name in enumerate(("one", "two", "three"), start=1)
        }
        assert (benchmark.columns[0].metric, benchmark.columns[0].domain) == ("h-unlearning", "forgotten")


@pytest.mark.parametrize("of", DATA_SETS, ids=lambda of: of.name)
def test_kept_and_forgotten_domains_are_all_and_have_nothing_in_common(of: Unlearning) -> None:
    joined = of.joined()
    for name, forgotten in of.every_choice.items():
        parts = {use: {s.split("/")[0] for s in joined[f"{use}-{name}"]} for use in ("train", "forget")}
        assert parts["forget"] == {*forgotten}
        assert parts["train"] == {*of.domains} - {*forgotten}
        learned = {*joined[f"train-{name}"], *joined[f"forget-{name}"]}
        assert not learned & {*joined[f"kept-{name}"], *joined[f"forgotten-{name}"]}


def test_the_drawings_have_four_images_of_a_class_and_domain_to_learn_from() -> None:
    source = data.drawings_source(demo_root())
    counts = Counter((e.domain, e.label) for e in source.examples if str(e.columns["set"]).endswith("/learn"))
    assert set(counts) == {(domain, label) for domain in range(4) for label in range(14)}
    assert Counter(counts.values()).most_common(1)[0][0] == max(counts.values()) == DRAWINGS.shots


def test_an_official_folder_becomes_a_pack_of_its_choices(tmp_path: Path) -> None:
    spec = tiny(PACS, ("dog", "elephant", "giraffe"))
    of = Unlearning(name="unlearning/office-home", domains=PACS.domains, shots=1, official=spec)
    pack = data.import_official(of, spec, grow(spec, tmp_path), tmp_path / "packs")
    assert (pack.official, [c.name for c in pack.classes]) == (True, ["dog", "elephant", "giraffe"])
    forget = pack.members("forget-cartoon-and-photo")
    assert sorted(pack.labels[forget].tolist()) == [0, 0, 1, 1, 2, 2]
    assert {pack.domains[n] for n in pack.domain_numbers[forget]} == {"cartoon", "photo"}
    assert len(pack.members("kept-cartoon-and-photo")) > 0


def test_minidomainnet_is_what_its_lists_name(tmp_path: Path) -> None:
    root = tmp_path / "domainnet"
    for number, domain in enumerate(MINI_DOMAIN_NET.domains):
        for label, name in enumerate(("ant", "tiger_cat")):
            for place in range(10):
                file = root / domain / name / f"{place}.png"
                file.parent.mkdir(parents=True, exist_ok=True)
                Image.new("RGB", (8, 8), (20 * place, 60 * number, 90 * label)).save(file)
        (root / "splits_mini").mkdir(exist_ok=True)
        for part, places in (("train", range(8)), ("test", (8,))):  # the last of each class is in no list
            lines = [f"{domain}/{n}/{p}.png {label}" for label, n in enumerate(("ant", "tiger_cat")) for p in places]
            (root / "splits_mini" / f"{domain}_{part}.txt").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ImportProblems, match="the lists have 2 labels; expected 0 to 125"):
        import_mini_domain_net(root, tmp_path / "packs")
    pack = import_mini_domain_net(root, tmp_path / "packs", subset=True)
    assert [c.name for c in pack.classes] == ["ant", "tiger cat"]
    sizes = {use: len(pack.members(f"{use}-real")) for use in ("train", "forget", "kept", "forgotten")}
    assert sizes == {"train": 3 * 2 * 8, "forget": 2 * 8, "kept": 3 * 2, "forgotten": 2}


def _test(domain: str, role: str, hits: list[bool]) -> Test:
    said = [0 if hit else 1 for hit in hits]
    labels = np.zeros(len(hits), np.int64)
    return Test(
        domain=domain,
        role=role,
        count=len(hits),
        outputs={"logits": np.eye(2)[said]},
        targets={LABEL: labels},
        classes=2,
    )


def test_the_figures_of_a_case_by_hand() -> None:
    """Three of four kept images are recognised, and one of two forgotten ones still is: H = 2 x .75 x .5 / 1.25."""
    tests = [_test("kept", "id", [True, True, True, False]), _test("forgotten", "shift", [True, False])]
    wanted = Wanted(metrics=frozenset(metric.name for metric in scoring.UNLEARNED.gives), aggregates=())
    figures = {figure.key: figure.value for figure in score_tests((scoring.UNLEARNED,), tests, wanted)}
    assert figures == {
        ("memorised", "kept"): 0.75,
        ("forgotten", "forgotten"): 0.5,
        ("h-unlearning", "forgotten"): pytest.approx(0.6),
    }


def test_the_papers_figures_stand_on_their_tiers() -> None:
    (adu,) = [r for r in reported_for("unlearning/office-home", "one") if r.method.startswith("ADU")]
    assert list(adu.figures.values()) == [0.6996, 0.7793, 0.6434]
    assert len(reported_for("unlearning/office-home", "three")) == 2
