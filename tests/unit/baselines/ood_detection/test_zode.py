"""ZODE: p-values, Benjamini and Hochberg by hand, and the zoo."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from farfield.errors import ConfigError, ProtocolError
from farfield_baselines.ood_detection import energy, knn, zode
from farfield_baselines.ood_detection.core import Known

Make = Callable[..., Any]


def test_a_p_value_is_the_share_of_id_scores_at_or_below() -> None:
    found = zode.p_values(np.array([3.0, 1.0, 2.0, 2.0]), np.array([0.5, 1.0, 2.0, 2.5, 3.0]))
    assert found.tolist() == [0.0, 0.25, 0.75, 0.75, 1.0]


@pytest.mark.parametrize(
    ("values", "level", "ood"),
    [
        # m = 5 at 1 - TPR0 = .05: the limits are .01, .02, .03, .04, .05.
        ([0.011, 0.021, 0.031, 0.041, 0.051], 0.05, False),
        ([0.011, 0.021, 0.030, 0.041, 0.051], 0.05, True),
        ([0.9, 0.9, 0.01, 0.9, 0.9], 0.05, True),
        ([0.9, 0.9, 0.011, 0.9, 0.9], 0.05, False),
        ([0.05, 0.05, 0.05, 0.05, 0.05], 0.05, True),
        ([0.05, 0.05, 0.05, 0.05, 0.051], 0.05, False),
        # One model: a plain threshold. Two at .1: .05 and .1.
        ([0.05], 0.05, True),
        ([0.06], 0.05, False),
        ([0.1, 0.06], 0.1, True),
        ([0.11, 0.06], 0.1, False),
    ],
)
def test_benjamini_hochberg_by_hand(values: list[float], level: float, ood: bool) -> None:
    assert zode.is_ood(np.array([values]), level).tolist() == [ood]


def test_the_example_of_benjamini_and_hochberg() -> None:
    """Their fifteen p-values (1995, section 4.1): at .05 four are rejected, the fourth being .0095 <= 4/15 * .05."""
    values = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    values += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000]
    assert zode.is_ood(np.array([values]), 0.05).tolist() == [True]
    assert zode.is_ood(np.array([values[4:]]), 0.05).tolist() == [False]
    np.testing.assert_allclose(zode.smallest_level(np.array([values])), 15 * 0.0001)


@pytest.mark.parametrize(
    ("values", "level"),
    [([0.2], 0.2), ([0.2, 0.3], 0.3), ([0.1, 0.9], 0.2), ([0.3, 0.2, 0.25], 0.3), ([1.0, 1.0], 1.0)],
)
def test_the_score_by_hand(values: list[float], level: float) -> None:
    np.testing.assert_allclose(zode.smallest_level(np.array([values])), level)


def test_the_score_is_the_level_at_which_the_test_turns(rng: np.random.Generator) -> None:
    values = rng.random((200, 4))
    level = zode.smallest_level(values)
    for shift, expected in ((1e-9, True), (-1e-9, False)):
        assert [bool(zode.is_ood(v[None], s + shift)[0]) for v, s in zip(values, level, strict=True)] == [
            expected
        ] * 200


def test_the_score_does_not_see_the_members_order_and_rises_with_each(rng: np.random.Generator) -> None:
    values = rng.random((50, 3))
    np.testing.assert_array_equal(zode.smallest_level(values), zode.smallest_level(values[:, ::-1]))
    raised = np.minimum(values + np.array([0.0, 0.1, 0.0]), 1.0)
    assert (zode.smallest_level(raised) >= zode.smallest_level(values)).all()


def test_id_images_are_accepted_at_the_rate_that_is_asked_for(rng: np.random.Generator) -> None:
    """Independent members on 2,000 fresh ID images: at most 5% are called OOD, up to chance."""
    values = np.stack([zode.p_values(rng.normal(size=2000), rng.normal(size=2000)) for _ in range(5)], axis=1)
    assert zode.is_ood(values, 0.05).mean() < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_calibration_never_scores_what_was_learned_from(known: Known) -> None:
    """A training image is its own nearest neighbour: its distance would be 0."""
    config = knn.Config(k=1)
    assert np.isclose(knn.knn(known, config)(known.seen), 0.0, atol=1e-7).all()
    assert (zode.calibration_scores(knn.RULE, config, known) < -1e-3).all()


def test_calibration_of_a_rule_that_does_not_learn_is_its_score(known: Known) -> None:
    config = energy.Config()
    expected = energy.energy(known, config)(known.seen)
    np.testing.assert_array_equal(zode.calibration_scores(energy.RULE, config, known), expected)
    with pytest.raises(ValueError, match="3 ID training images are too few for 4 folds"):
        zode.calibration_scores(knn.RULE, knn.Config(), known.take(np.arange(3)))


def test_folds_share_the_classes(known: Known) -> None:
    folds = zode._dealt(known.labels)
    counts = [np.bincount(known.labels[folds == fold], minlength=5).tolist() for fold in range(4)]
    assert counts == [[3] * 5] * 4


@pytest.mark.parametrize("zoo", ["lite0", "lite0/nothing", "/energy,lite0", ""])
def test_a_member_that_is_none_is_refused(zoo: str) -> None:
    with pytest.raises(ConfigError, match="zoo: "):
        zode.members_of(zoo)


def test_members_may_have_files() -> None:
    first, second = zode.members_of("timm:test_vit@/some/where/w.safetensors/vim, mini-clip/mcm")
    assert (first.model.model, first.model.checkpoint, first.detector) == (
        "timm:test_vit",
        "/some/where/w.safetensors",
        "vim",
    )
    assert (second.model.model, second.detector) == ("mini-clip", "mcm")


def test_the_zoo_on_images(build: Make, labeled: Make, rng: np.random.Generator) -> None:
    images = rng.integers(0, 256, (14, 224, 224, 3), dtype=np.uint8)
    method = build(zode.SPEC, {"zoo": "mini-clip/energy, lite0/knn"})
    with pytest.raises(ProtocolError, match="needs ID training images for its p-values"):
        method.score(images[:2])
    method.fit(labeled(images[:12], np.arange(12) % 3))
    score, logits = method.score(images[10:])
    assert logits.shape == (4, 3)
    # Twelve images and two members give no other levels than these.
    assert set(np.round(score * 12).tolist()) <= set(range(13))
    assert ((score >= 0) & (score <= 1)).all()
