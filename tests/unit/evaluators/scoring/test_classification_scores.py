"""The classification family: every metric on every set, each in its own label space."""

from dataclasses import replace

import numpy as np
import pytest
from tests.unit.evaluators.scoring.made import classified, figures_of

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.data.label_space import LabelSpace, subset
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.figure import Figure
from farfield_evaluators.metric import Metric
from farfield_evaluators.metrics.calibration import brier, ece, nll, outcomes
from farfield_evaluators.metrics.catalog import METRICS
from farfield_evaluators.metrics.corruption import ALEXNET, MAIN, mce, relative_mce
from farfield_evaluators.metrics.labelspace import Space
from farfield_evaluators.metrics.robustness import TESTBED, effective_robustness
from farfield_evaluators.scoring import test
from farfield_evaluators.scoring.aggregates import USUAL, aggregated
from farfield_evaluators.scoring.classification import HIT, PROBABILITIES, TOP_HIT
from farfield_evaluators.scoring.scorer import ScorerError
from farfield_evaluators.scoring.test import Outcome, Test
from farfield_evaluators.suites.mini.classification import IMAGENET_OOD_MINI

CLASSES = 12
METRIC = Metric(name="m", title="M", higher_is_better=True, description="Any.")
Figures = dict[tuple[str, str], Figure]


def labelled(name: str, role: str, seed: int, space: Space | None = None, count: int = 80) -> Test:
    rng = np.random.default_rng(seed)
    members = np.arange(CLASSES)
    if isinstance(space, LabelSpace):
        members = np.array([g[0] for g in space.groups] if space.kind == "max" else space.classes)
    labels = rng.choice(members, count)
    logits = rng.normal(size=(count, CLASSES)).astype(np.float32)
    logits[np.arange(count), labels] += 1.5
    return classified(name, role, logits, labels, space)


def figures(scores: tuple[Figure, ...]) -> Figures:
    found = {(s.metric, s.domain): s for s in scores}
    assert len(found) == len(scores)
    return found


def test_each_set_has_its_accuracies_and_calibration() -> None:
    one = labelled("val", "id", 1)
    found = figures(figures_of([one]))
    order = np.argsort(-one.outputs["logits"], axis=1, kind="stable")
    assert found["accuracy", "val"].value == (order[:, 0] == one.labels).mean()
    assert found["top5", "val"].value == (order[:, :5] == one.labels[:, None]).any(axis=1).mean()
    assert found["brier", "val"].value == brier(one.outputs["logits"], one.labels)
    assert found["nll", "val"].value == nll(one.outputs["logits"], one.labels)
    said = outcomes(one.outputs["logits"], one.labels)
    assert found["ece", "val"].value == ece(said.confidence, said.hits).value
    by_class = [(order[one.labels == c, 0] == c).mean() for c in np.unique(one.labels)]
    assert found["class-accuracy", "val"].value == pytest.approx(np.mean(by_class))
    assert {s.n for s in found.values()} == {80}
    for metric in ("accuracy", "top5", "ece", "brier", "nll"):
        assert found[metric, "id"] == replace(found[metric, "val"], domain="id")


def test_a_subset_is_read_on_its_classes_alone() -> None:
    space = subset((1, 4, 6, 7, 9, 10))
    shift = labelled("r", "shift", 2, space)
    found = figures(figures_of([labelled("val", "id", 1), shift]))
    kept = list(space.classes)
    answers = np.array(kept)[shift.outputs["logits"][:, kept].argmax(axis=1)]
    assert found["accuracy", "r"].value == (answers == shift.labels).mean()
    assert found["accuracy", "r"].value > (shift.outputs["logits"].argmax(axis=1) == shift.labels).mean()
    numbers = np.array([kept.index(label) for label in shift.labels])
    assert found["nll", "r"].value == nll(shift.outputs["logits"][:, kept], numbers)
    assert found["brier", "r"].value == brier(shift.outputs["logits"][:, kept], numbers)


def test_a_projection_takes_any_class_of_the_group_as_right() -> None:
    space = LabelSpace(kind="max", groups=((0, 5), (2, 3, 8), (11,)))
    logits = np.full((3, CLASSES), -1.0)
    logits[0, 5], logits[1, 8], logits[2, 7] = 3, 3, 9  # 7 is in no group, and does not count
    logits[2, 11] = 2
    shift = classified("objectnet", "shift", logits, np.array([0, 2, 11]), space)
    assert figures(figures_of([shift]))["accuracy", "objectnet"].value == 1


def test_the_id_accuracy_on_a_shifts_classes() -> None:
    space = LabelSpace(kind="max", groups=((0, 5), (2, 3, 8), (11,)))
    val, plain = labelled("val", "id", 1, count=300), labelled("v2", "shift", 3)
    found = figures(figures_of([labelled("objectnet", "shift", 2, space), val, plain]))
    group_of = {0: 0, 5: 0, 2: 1, 3: 1, 8: 1, 11: 2}
    rows = [i for i, label in enumerate(val.labels) if int(label) in group_of]
    hits = [
        int(np.argmax([max(val.outputs["logits"][i, c] for c in g) for g in space.groups]))
        == group_of[int(val.labels[i])]
        for i in rows
    ]
    score = found["id-subset-accuracy", "objectnet"]
    assert (score.value, score.n) == (np.mean(hits), len(rows))
    assert [domain for metric, domain in found if metric == "id-subset-accuracy"] == ["objectnet"]


def test_without_an_id_image_of_its_classes_there_is_no_id_accuracy() -> None:
    val = labelled("val", "id", 1, subset((0, 1, 2, 3, 4, 5)))
    found = figures(figures_of([replace(val, space=None), labelled("r", "shift", 2, subset((10, 11)))]))
    assert ("id-subset-accuracy", "r") not in found


def test_a_label_beyond_the_space_is_an_error_and_never_a_miss() -> None:
    wrong = replace(labelled("r", "shift", 2), space=subset((0, 1)))
    with pytest.raises(ScorerError, match="labels of r are not in its label space"):
        figures_of([wrong])


def test_top5_of_five_classes_is_left_out() -> None:
    scores = figures_of([labelled("a", "shift", 2, subset(range(5))), labelled("b", "shift", 3)])
    assert [s.domain for s in scores if s.metric == "top5"] == ["b"]  # and no mean over half of the shifts


def test_a_likelihood_of_nothing_is_left_out() -> None:
    logits = np.tile([1e308, *[-1e308] * 11], (2, 1))
    found = figures(figures_of([classified("val", "id", logits, np.array([0, 1]))]))
    assert ("nll", "val") not in found
    assert found["brier", "val"].value == 1


def test_means_are_over_all_of_a_role_or_none() -> None:
    scores = [Figure(metric="m", domain=d, value=v, stderr=e, n=10) for d, v, e in (("a", 0.2, 0.3), ("b", 0.4, 0.4))]
    roles = {"a": "shift", "b": "shift", "c": "id"}
    [over] = aggregated(METRIC, scores, roles, USUAL)
    assert over == Figure(metric="m", domain="shifts", value=pytest.approx(0.3), stderr=pytest.approx(0.25), n=20)
    assert list(aggregated(METRIC, scores, roles | {"d": "shift"}, USUAL)) == []
    [unknown] = aggregated(METRIC, [scores[0], replace(scores[1], stderr=None)], roles, USUAL)
    assert unknown.stderr is None


def imagenet(benchmark: Benchmark, per_domain: int = 40) -> tuple[Truth, np.ndarray]:
    rng = np.random.default_rng(7)
    domains = np.repeat(np.arange(len(benchmark.domains)), per_domain)
    labels = rng.integers(0, 20, len(domains))
    logits = rng.normal(size=(len(domains), 30)).astype(np.float32)
    logits[np.arange(len(domains)), labels] += 2
    return Truth(labels=labels, domains=domains, classes=30), logits


def test_effective_robustness_of_the_testbeds_shifts() -> None:
    benchmark = find("imagenet-ood/imagenet")
    truth, logits = imagenet(benchmark)
    number = [d.name for d in benchmark.domains].index("r")
    truth = replace(truth, spaces={number: subset(range(20))})
    found = figures(evaluate(benchmark, truth, {"logits": logits}))
    x, y = found["accuracy", "id"].value, found["accuracy", "v2"].value
    assert found["effective-robustness", "v2"].value == effective_robustness(x, y, TESTBED["v2"])
    x, y = found["id-subset-accuracy", "r"].value, found["accuracy", "r"].value
    assert found["effective-robustness", "r"].value == effective_robustness(x, y, TESTBED["r"])
    assert x > found["accuracy", "id"].value
    values = [found["effective-robustness", name].value for name in TESTBED]
    assert found["effective-robustness", "shifts"].value == pytest.approx(np.mean(values))


def test_corruption_errors_of_imagenet_c() -> None:
    benchmark = find("imagenet-ood/imagenet-c")
    truth, logits = imagenet(benchmark)
    found = figures(evaluate(benchmark, truth, {"logits": logits}))
    errors = {name: [1 - found["accuracy", name.replace("_", "-")].value] for name in MAIN}
    assert found["mce", "shifts"].value == mce(errors)
    assert found["relative-mce", "shifts"].value == relative_mce(errors, 1 - found["accuracy", "id"].value)
    assert found["corruption-error", "fog"].value == errors["fog"][0] / ALEXNET["fog"]
    assert found["mce", "shifts"].n == 15 * 40


def test_severities_apart_give_the_same_mce_as_pooled() -> None:
    sets = [labelled(f"c/{name}/{severity}", "corruption", i, count=20) for i, name in enumerate(MAIN)
            for severity in range(1, 6)]  # fmt: skip
    pooled = [
        classified(
            name,
            "corruption",
            np.concatenate([s.outputs["logits"] for s in sets[5 * i : 5 * i + 5]]),
            np.concatenate([s.labels for s in sets[5 * i : 5 * i + 5]]),
        )
        for i, name in enumerate(MAIN)
    ]
    apart, together = (figures(figures_of(s)) for s in (sets, pooled))
    assert apart["mce", "shifts"].value == pytest.approx(together["mce", "shifts"].value, abs=1e-12)
    assert ("relative-mce", "shifts") not in apart  # there is no ID set to say how the error grows
    some = figures(figures_of(sets[:-1]))
    assert ("mce", "shifts") not in some
    assert ("corruption-error", MAIN[-1].replace("_", "-")) not in some


def test_boards_get_what_they_declare_and_nothing_else() -> None:
    truth, logits = imagenet(IMAGENET_OOD_MINI)
    assert {s.metric for s in evaluate(IMAGENET_OOD_MINI, truth, {"logits": logits})} == {"accuracy"}


def test_existing_benchmarks_keep_their_keys() -> None:
    keys = {name: find(name).comparability_key("x") for name in ("imagenet-ood/mini", "ood-detection/mini")}
    assert keys == {"imagenet-ood/mini": "42ccb4b3d4fdea41", "ood-detection/mini": "624c8315d4bdb876"}


def test_every_metric_has_one_entry_in_the_catalog() -> None:
    names = [metric.name for metric in METRICS]
    assert len(names) == len(set(names))
    truth, logits = imagenet(find("imagenet-ood/imagenet-c"))
    assert {s.metric for s in evaluate(find("imagenet-ood/imagenet-c"), truth, {"logits": logits})} <= set(names)


@pytest.mark.parametrize("outcome", [HIT, TOP_HIT, PROBABILITIES], ids=lambda outcome: outcome.columns[0])
@pytest.mark.parametrize("space", [None, subset((1, 4, 5, 7, 8, 11))])
def test_outcomes_looked_at_in_blocks_are_those_of_all_at_once(
    outcome: Outcome, space: Space | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, blocks = (labelled("id", "id", 3, space).part(np.arange(79, -1, -1)) for _ in range(2))
    whole, blocks = replace(whole, within=None), replace(blocks, within=None)
    expected = whole.outcome(outcome)
    monkeypatch.setattr(test, "BLOCK_ROWS", 7)
    for name, values in blocks.outcome(outcome).items():
        assert values.dtype == expected[name].dtype
        np.testing.assert_array_equal(values, expected[name])
