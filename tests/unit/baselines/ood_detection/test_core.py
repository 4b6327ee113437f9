"""What detectors share: the last layer, the images that are learned from, and the method around a rule."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from farfield import Batch
from farfield.errors import ProtocolError
from farfield_baselines.ood_detection import core, knn, msp
from farfield_baselines.ood_detection.core import Head, Known, OnFeatures
from farfield_baselines.ood_detection.listed import SPECS

Make = Callable[..., Any]


def test_a_class_of_several_rows_has_the_best_ones_logit() -> None:
    head = Head(weight=np.eye(3), bias=np.array([0.0, 0.0, 1.0]), members=(np.array([0, 2]), np.array([1])))
    assert head(np.array([[5.0, 7.0, 4.5], [9.0, 0.0, 1.0]])).tolist() == [[5.5, 7.0], [9.0, 0.0]]


def test_a_restricted_layer_numbers_classes_anew(known: Known) -> None:
    kept = np.array([3, 1])
    restricted = known.head.restricted(kept)
    np.testing.assert_array_equal(restricted(known.seen.features), known.seen.logits[:, kept])


def numbered(labeled: Make, labels: Any) -> Any:
    """A training set whose features are the images' numbers."""
    return labeled(np.arange(len(labels), dtype=np.float32)[:, None], labels)


def test_all_training_images_come_in_order(labeled: Make) -> None:
    batches = list(core.learned_from(numbered(labeled, [2, 0, 1, 0])))
    assert np.concatenate([b.inputs for b in batches])[:, 0].tolist() == [0, 1, 2, 3]


def test_at_most_so_many_of_each_class(labeled: Make) -> None:
    labels = np.repeat([0, 1, 3], [400, 2, 300])
    parts = list(core.learned_from(numbered(labeled, labels), per_class=3))
    rows = np.concatenate([b.inputs for b in parts])[:, 0].astype(int)
    assert np.bincount(labels[rows]).tolist() == [3, 2, 0, 3]
    np.testing.assert_array_equal(labels[rows], np.concatenate([b.labels for b in parts]))
    again = np.concatenate([b.inputs for b in core.learned_from(numbered(labeled, labels), per_class=3)])
    assert again[:, 0].astype(int).tolist() == rows.tolist()


def test_the_split_is_read_no_further_than_it_must_be() -> None:
    read: list[int] = []

    class Split:
        labels = np.arange(5000, dtype=np.int64) % 2

        def batches(self, size: int, *, shuffle: bool = False, seed: int = 0) -> Iterator[Batch]:
            for start in range(0, 5000, size):
                read.append(start)
                labels = self.labels[start : start + size]
                yield Batch(inputs=labels[:, None], labels=labels, domains=labels)

    assert sum(len(b.labels) for b in core.learned_from(Split(), per_class=5)) == 10  # type: ignore[arg-type, misc]
    assert read == [0]


def test_a_rule_that_learns_says_so_without_training_images(known: Known) -> None:
    model = OnFeatures(head=known.head)
    method = core.post_hoc(knn.RULE, model, knn.Config())
    with pytest.raises(ProtocolError, match="learns from ID training images, and the benchmark gives none"):
        method.score(known.seen.features)
    assert not hasattr(core.post_hoc(msp.RULE, model, None), "fit")


def test_every_detector_is_on_lite0_and_on_any_model() -> None:
    names = {spec.name for spec in SPECS}
    on_lite0 = {spec.name for spec in SPECS if "lite0" in spec.inputs_by_name}
    of_logits = "msp max-logit energy gen temp-scale-train kl-matching-train openmax"
    of_both = "odin gradnorm react-train vra-train ash scale dice nnguide relation she vim fdbd nci abet"
    both = {*of_logits.split(), *of_both.split(), "knn", "cfood", "mahalanobis", "rmds", "residual", "grood"}
    inside = {"iodin", "adascale-a", "adascale-l", "rankfeat", "mds-ensemble", "gmm", "gram", "disco-patch"}
    assert on_lite0 == both | inside
    assert names == {*both, *inside, "mcm", "neglabel", "clipn", "zode", "cooked", "constant-detector"}


@pytest.mark.parametrize("spec", [s for s in SPECS if s.inputs_for], ids=lambda spec: spec.name)
def test_images_of_the_default_are_those_that_are_listed(spec: Any) -> None:
    assert spec.inputs_of(spec.config()) == spec.inputs
