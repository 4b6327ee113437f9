"""The loops over a method, and each complaint they have about what it returns."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from farfield import Detections, TaskFamily, families
from farfield.errors import ProtocolError
from farfield.families.boxes import detect
from farfield.families.classification import PREDICTIONS
from farfield.families.domain_generalization import balanced, checkpoints_of, generalize, require_finite
from farfield.families.family import Size
from farfield.families.few_shot_detection import learn
from farfield.families.ood_detection import SCORES
from farfield.families.toys import scenes
from farfield.runtime.dataset import ArraySource, LabeledSet, group_by_group, in_order
from farfield.runtime.loops import checked, classes_predicted, fit, parts_asked, require_members


def joined(batched: Any, method: Any, source: ArraySource, classes: int, batch: int, tell: Any) -> dict[str, Any]:
    inputs: Any = SimpleNamespace(size=Size(examples=len(source), classes=classes))
    batches = list(batched.batches(method, source, inputs, tell, batch))
    return {name: np.concatenate([arrays[name] for arrays in batches]) for name in batches[0]}


def predict(method: Any, source: ArraySource, classes: int, batch: int, tell: Any) -> Any:
    return joined(PREDICTIONS, method, source, classes, batch, tell)["logits"]


def score(method: Any, source: ArraySource, classes: int, batch: int, tell: Any) -> tuple[Any, Any]:
    arrays = joined(SCORES, method, source, classes, batch, tell)
    return arrays["scores"], arrays["logits"]


def parts(**sets: Any) -> Any:
    return SimpleNamespace(part=sets.get, scenes=lambda name: sets.get(name, ()), base_model=None)


def source(count: int = 5) -> ArraySource:
    return ArraySource(np.arange(count * 2, dtype=np.float32).reshape(count, 2))


def quiet(*_: object) -> None:
    return None


def predicting(returned: Any) -> Any:
    return SimpleNamespace(predict=lambda images: returned(len(images)) if callable(returned) else returned)


def test_logits_come_in_the_order_of_the_inputs() -> None:
    steps: list[tuple[str, int, int]] = []
    method: Any = SimpleNamespace(predict=lambda images: images * 2)
    logits = predict(method, source(), 2, 2, lambda *step: steps.append(step))
    np.testing.assert_array_equal(logits, np.arange(10).reshape(5, 2) * 2)
    assert logits.dtype == np.float32
    assert steps == [("predict", 2, 5), ("predict", 4, 5), ("predict", 5, 5)]


@pytest.mark.parametrize(
    "returned",
    [
        lambda n: [[0.5, 1.0]] * n,
        lambda n: np.zeros((n, 2), np.float16),
        lambda n: torch.zeros(n, 2),
    ],
)
def test_anything_numpy_reads_is_taken(returned: Any) -> None:
    assert predict(predicting(returned), source(), 2, 2, quiet).shape == (5, 2)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, r"shape \(2, 2\), got \(\)"),
        (lambda n: np.zeros((n, 3)), r"predict: logits must have the shape \(2, 2\), got \(2, 3\)"),
        (lambda n: np.zeros(n), r"got \(2,\)"),
        (lambda n: np.zeros((n, 2), np.int64), "must be floating point, got int64"),
        (lambda n: np.zeros((n, 2), complex), "must be floating point, got complex128"),
        (lambda n: np.full((n, 2), "a"), "must be floating point"),
        (lambda n: np.full((n, 2), None), "must be floating point, got object"),
        (lambda n: np.full((n, 2), np.nan), "must be finite float32 numbers; 4 of 4 are not"),
        (lambda n: np.array([[1.0, np.inf]] * n), "2 of 4 are not"),
        (lambda n: np.full((n, 2), 1e300), "must be finite float32 numbers"),
        (lambda n: [[1.0], [1.0, 2.0]], "cannot be read as an array"),
        (lambda n: torch.zeros(n, 2, requires_grad=True), r"detach\(\).*return numpy arrays"),
        (lambda n: torch.zeros(n, 2, dtype=torch.bfloat16), "return numpy arrays"),
        (lambda n: torch.zeros(n, 2, device="meta"), "return numpy arrays"),
    ],
)
def test_wrong_logits_are_explained(returned: Any, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        predict(predicting(returned), source(), 2, 2, quiet)


def test_scores_keep_double_precision() -> None:
    method: Any = SimpleNamespace(score=lambda images: (1 + images[:, 0].astype(np.float64) * 1e-12, images))
    scores, logits = score(method, source(), 2, 2, quiet)
    assert scores.dtype == np.float64
    assert len(np.unique(scores)) == 5
    np.testing.assert_array_equal(logits, source().read(np.arange(5)))


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (np.zeros(2), "must return the pair"),
        ([np.zeros(2), np.zeros((2, 2))], "must return the pair"),
        ((np.zeros(2),), "must return the pair"),
        ((np.zeros((2, 1)), np.zeros((2, 2))), r"score: score must have the shape \(2,\)"),
        ((np.full(2, np.nan), np.zeros((2, 2))), "score: score must be finite"),
        ((np.zeros(2), np.zeros((2, 3))), "score: logits must have the shape"),
    ],
)
def test_wrong_scores_are_explained(returned: Any, message: str) -> None:
    method: Any = SimpleNamespace(score=lambda images: returned)
    with pytest.raises(ProtocolError, match=message):
        score(method, source(2), 2, 2, quiet)


@pytest.mark.parametrize(
    ("family", "missing"),
    [
        (TaskFamily.CLASSIFICATION, "`predict`"),
        (TaskFamily.OOD_DETECTION, "`score`"),
        (TaskFamily.DOMAIN_GENERALIZATION, "`update` and `predict`"),
        (TaskFamily.FEW_SHOT_DETECTION, "`fit_novel` and `detect`"),
        (TaskFamily.REGRESSION, "`predict`"),
        (TaskFamily.DETECTION, "`fit` and `detect`"),
    ],
)
def test_every_missing_member_is_named(family: TaskFamily, missing: str) -> None:
    with pytest.raises(ProtocolError, match=f"SimpleNamespace misses {missing}, which the {family} protocol"):
        require_members(SimpleNamespace(score=None, predict=3), families.of(family))


def labelled(count: int = 6) -> LabeledSet:
    numbers = np.arange(count, dtype=np.int64)
    return LabeledSet(source(count), numbers % 3, numbers % 2)


def test_fit_is_optional_but_needs_a_training_set() -> None:
    seen: list[object] = []
    fit(SimpleNamespace(), parts())
    train = labelled()
    fit(SimpleNamespace(fit=seen.append), parts(train=train))
    assert seen == [train]
    with pytest.raises(ProtocolError, match="the benchmark has no training split"):
        fit(SimpleNamespace(fit=seen.append), parts())
    with pytest.raises(ProtocolError, match="cannot be called"):
        fit(SimpleNamespace(fit=True), parts(train=train))


def test_fit_is_given_the_parts_that_it_names() -> None:
    seen: list[Any] = []

    class Asking:
        def fit(self, train: Any, *, val: Any = None, unlabeled: Any = None, epochs: int = 3) -> None:
            seen.extend([train, val, unlabeled, epochs])

    fit(Asking(), parts(train="t", val="v"))
    assert seen == ["t", "v", None, 3]
    assert parts_asked(Asking()) == {"val": False, "unlabeled": False}


def test_a_part_without_a_default_must_be_there() -> None:
    needing: Any = SimpleNamespace(fit=lambda train, *, unlabeled: None)
    with pytest.raises(ProtocolError, match="needs the part `unlabeled`, and the benchmark has none; give"):
        fit(needing, parts(train="t"))
    fit(needing, parts(train="t", unlabeled="u"))


def test_a_part_that_there_is_not_is_found_when_the_method_is_built() -> None:
    method: Any = SimpleNamespace(predict=quiet, fit=lambda train, *, test: None)
    with pytest.raises(ProtocolError, match="`fit` asks for `test`; .* may have val, unlabeled, target, target_val"):
        require_members(method, families.of("classification"))


def generalizing(returned: Any) -> list[tuple[int, dict[str, float]]]:
    method: Any = SimpleNamespace(update=lambda minibatches, unlabeled: returned)
    return list(generalize(method, labelled(), steps=5, batch=4, checkpoint_every=2, seed=0))


def test_checkpoints_fall_as_in_domainbed() -> None:
    assert [step for step, _ in generalizing({"loss": torch.tensor(1.5)})] == [0, 2, 4]
    method: Any = SimpleNamespace(update=lambda minibatches, unlabeled: {"loss": 0.0})
    steps = [s for s, _ in generalize(method, labelled(), steps=6, batch=4, checkpoint_every=4, seed=0)]
    assert steps == [0, 4, 5]


def test_checkpoints_are_known_beforehand_and_every_step_is_told() -> None:
    assert checkpoints_of(6, 4) == (0, 4, 5)
    assert checkpoints_of(1, 100) == (0,)
    for steps, every in ((0, 1), (1, 0), (-5, 2)):
        with pytest.raises(ValueError, match="at least 1 step"):
            checkpoints_of(steps, every)
    told: list[tuple[str, int, int]] = []
    method: Any = SimpleNamespace(update=lambda minibatches, unlabeled: {"loss": 0.0})
    schedule = {"steps": 3, "batch": 4, "checkpoint_every": 2, "seed": 0}
    list(generalize(method, labelled(), **schedule, progress=lambda *done: told.append(done)))
    assert told == [("fit", 1, 3), ("fit", 2, 3), ("fit", 3, 3)]


def test_every_step_has_one_minibatch_per_domain_and_the_seed_decides() -> None:
    def run(seed: int) -> list[Any]:
        seen: list[Any] = []

        def update(batches: Any, unlabeled: Any) -> dict[str, float]:
            seen.append(batches)
            return {"loss": 0.0}

        method: Any = SimpleNamespace(update=update)
        list(generalize(method, labelled(), steps=3, batch=4, checkpoint_every=1, seed=seed))
        return [[(b.domains.tolist(), b.inputs.tolist()) for b in batches] for batches in seen]

    first = run(1)
    assert [[set(domains) for domains, _ in step] for step in first] == [[{0}, {1}]] * 3
    assert first == run(1)
    assert first != run(2)


def test_unlabeled_images_come_beside_the_minibatches_one_list_a_domain() -> None:
    seen: list[Any] = []

    def update(batches: Any, unlabeled: Any) -> dict[str, float]:
        seen.append(unlabeled)
        return {"loss": 0.0}

    method: Any = SimpleNamespace(update=update)
    given = labelled()
    list(generalize(method, given, unlabeled=given, steps=2, batch=4, checkpoint_every=1, seed=0))
    own = [{row.tobytes() for row in given.take(np.flatnonzero(given.domains == d)).inputs} for d in (0, 1)]
    for step in seen:
        assert [len(inputs) for inputs in step] == [4, 4]
        assert all({row.tobytes() for row in inputs} <= of for inputs, of in zip(step, own, strict=True))
    list(generalize(method, given, steps=1, batch=4, checkpoint_every=1, seed=0))
    assert seen[-1] is None


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "non-empty dict of losses, got NoneType"),
        ({}, "non-empty dict"),
        ({"loss": [1.0, 2.0]}, "every loss must be one number"),
        ({"loss": torch.zeros(2)}, "every loss must be one number"),
        ({"loss": "low"}, "every loss must be one number"),
    ],
)
def test_wrong_losses_are_explained(returned: Any, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        generalizing(returned)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, torch.tensor(float("nan"))])
def test_a_loss_that_is_no_number_ends_nothing_as_in_domainbed(bad: Any) -> None:
    losses = iter([1.0, bad, 2.0, 3.0, 4.0])
    method: Any = SimpleNamespace(update=lambda minibatches, unlabeled: {"loss": next(losses)})
    told = list(generalize(method, labelled(), steps=5, batch=4, checkpoint_every=2, seed=0))
    assert [step for step, _ in told] == [0, 2, 4]
    assert (told[0][1], told[2][1]) == ({"loss": 1.0}, {"loss": 3.5})
    np.testing.assert_equal(told[1][1]["loss"], (float(bad) + 2.0) / 2)


def test_infinities_of_both_signs_have_no_mean_and_warn_of_nothing() -> None:
    losses = iter([1.0, np.inf, -np.inf])
    method: Any = SimpleNamespace(update=lambda minibatches, unlabeled: {"loss": next(losses)})
    told = list(generalize(method, labelled(), steps=3, batch=4, checkpoint_every=5, seed=0))
    assert np.isnan(told[-1][1]["loss"])


def test_a_loss_that_is_no_number_is_named_where_it_may_not_be() -> None:
    require_finite({"loss": 1.0}, 3)
    with pytest.raises(ProtocolError, match="the loss 'nll' is not finite at step 3"):
        require_finite({"loss": 1.0, "nll": np.nan}, 3)


@pytest.mark.parametrize(
    "row",
    [[0.1, 0.9, 0.2], [np.nan] * 3, [0.5, np.nan, 0.9], [np.inf, 1.0, np.nan], [-np.inf, 0.0, np.inf], [0.5, 0.5, 0.1]],
)
def test_the_class_of_broken_logits_is_torchs_as_in_domainbed(row: list[float]) -> None:
    predicted = classes_predicted(predicting(lambda n: np.array([row] * n)), source(), 3, in_order(source(), 2))
    assert predicted.tolist() == [int(torch.tensor(row).argmax())] * 5


def test_classes_come_in_staged_order_whatever_the_batches() -> None:
    method: Any = SimpleNamespace(predict=lambda images: np.eye(10)[images[:, 0].astype(int)])
    groups = np.array([1, 0, 1, 0, 0])
    batches = list(group_by_group(groups, 2, (3, 100)))
    assert classes_predicted(method, source(), 10, batches).tolist() == [0, 2, 4, 6, 8]
    assert [groups[rows].tolist() for rows in batches] == [[0, 0], [0], [1, 1]]


def test_a_group_is_in_another_order_at_another_step() -> None:
    groups = np.zeros(50, np.int64)
    orders = [np.concatenate(list(group_by_group(groups, 64, (3, step)))).tolist() for step in (0, 100, 100)]
    assert orders[1] == orders[2] != orders[0]
    assert sorted(orders[0]) == list(range(50))


def test_balanced_minibatches_hold_every_class_as_often() -> None:
    labels = np.repeat([0, 1, 4], [80, 15, 5])
    assert [balanced(labels)[labels == c].sum() for c in (0, 1, 4)] == pytest.approx([1 / 3] * 3)
    train = LabeledSet(source(100), labels, np.zeros(100, np.int64))
    counts = np.zeros(5)

    def update(batches: Any, unlabeled: Any) -> dict[str, float]:
        counts[:] += np.bincount(batches[0].labels, minlength=5)
        return {"loss": 0.0}

    method: Any = SimpleNamespace(update=update)
    list(generalize(method, train, steps=60, batch=20, checkpoint_every=60, seed=0, class_balanced=True))
    assert counts[[0, 1, 4]] / counts.sum() == pytest.approx([1 / 3] * 3, abs=0.05)


def found(**changes: Any) -> Detections:
    good = {"boxes": np.array([[1.0, 2.0, 3.0, 4.0]]), "scores": np.array([0.5]), "labels": np.array([1])}
    return Detections(**good | changes)


def detecting(results: Any, images: int = 1) -> list[Detections]:
    method: Any = SimpleNamespace(detect=lambda images: results)
    return detect(method, [scene.image for scene in scenes(images)], 3)


def test_detections_pass_with_and_without_masks_and_when_nothing_is_found() -> None:
    nothing = Detections(boxes=np.zeros((0, 4)), scores=np.zeros(0), labels=np.zeros(0, np.int64))
    masked = found(masks=np.zeros((1, 48, 64), bool))
    results = [nothing, masked, found()]
    assert [id(d) for d in detecting(results, 3)] == [id(d) for d in results]


def test_base_and_support_reach_the_method_in_order() -> None:
    calls: list[tuple[str, int]] = []

    method: Any = SimpleNamespace(
        fit_base=lambda base: calls.append(("base", len(base))),
        fit_novel=lambda support: calls.append(("novel", len(support))),
    )
    learn(method, parts(base=scenes(4), support=scenes(2)))
    assert calls == [("base", 4), ("novel", 2)]
    with pytest.raises(ProtocolError, match="the benchmark has no base set"):
        learn(method, parts(support=scenes(2)))


@pytest.mark.parametrize(
    ("results", "message"),
    [
        (None, "must return a list of farfield.Detections, got NoneType"),
        ([], "1 images gave 0 results"),
        ([{"boxes": []}], "image 0: must be farfield.Detections, got dict"),
        ([found(boxes=np.zeros((2, 4)))], r"boxes must have the shape \(1, 4\), got \(2, 4\)"),
        ([found(boxes=[[3.0, 2.0, 1.0, 4.0]])], "boxes are x1 <= x2"),
        ([found(boxes=[[np.nan, 2.0, 1.0, 4.0]])], "boxes must be finite"),
        ([found(boxes=[[1, 2, 3, 4]])], "boxes must be floating point"),
        ([found(scores=[1.5])], "scores lie in 0..1"),
        ([found(scores=0.5)], r"scores must have the shape \(0,\)"),
        ([found(labels=[3])], r"labels must be 1 whole numbers in 0..2"),
        ([found(labels=[-1])], "whole numbers in 0..2"),
        ([found(labels=[1.0])], "whole numbers in 0..2"),
        ([found(labels=[1, 2])], "1 whole numbers"),
        ([found(masks=np.zeros((1, 4, 4), bool))], r"masks must be bool of the shape \(1, 48, 64\)"),
        ([found(masks=np.zeros((1, 48, 64)))], "got float64"),
    ],
)
def test_wrong_detections_are_explained(results: Any, message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        detecting(results)


def test_checked_copies_so_that_a_method_cannot_change_it_later() -> None:
    kept = np.zeros(2, np.float32)
    stored = checked(kept, (2,), "values")
    kept[:] = 7
    assert not stored.any()
