"""ColoredMNIST and RotatedMNIST: DomainBed's rules, by statistics and by property."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.suites.domainbed.data.trees import digit_files
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import rotate as reference_rotate
from torchvision.transforms.functional import to_pil_image

from farfield_evaluators.data.packs import Pack, PackError
from farfield_evaluators.suites.domainbed.data.digits import MNIST, import_digits
from farfield_evaluators.suites.domainbed.data.environments import (
    ANGLES,
    COLOURS,
    LABEL_NOISE,
    RULES,
    Environment,
    colored,
    colour_in,
    rotate,
    rotated,
)

COUNTS = (5000, 1001)  # not a multiple of 3 nor of 6
SIGMAS = 4.5


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Images of noise without a zero, so that a colour shows in every pixel."""
    folder = tmp_path_factory.mktemp("digits")
    return import_digits(MNIST, digit_files(folder / "files", counts=COUNTS), folder / "packs", subset=True)


def assert_rate(found: np.ndarray, probability: float) -> None:
    error = np.sqrt(probability * (1 - probability) / len(found))
    assert abs(found.mean() - probability) < SIGMAS * error


def colours_of(environment: Environment) -> np.ndarray:
    shown = environment.images.any(axis=(2, 3))
    assert (shown.sum(axis=1) == 1).all()  # one channel, the other is zero
    return shown[:, 1].astype(int)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_colour_and_label_go_together_as_the_environment_says(pack: Pack, seed: int) -> None:
    for environment in colored(pack, seed):
        agree = colours_of(environment) == environment.labels
        assert_rate(agree, 1 - COLOURS[environment.name])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_quarter_of_the_labels_is_wrong(pack: Pack, seed: int) -> None:
    for environment in colored(pack, seed):
        below_five = pack.labels[environment.positions] < 5
        assert_rate(environment.labels != below_five, LABEL_NOISE)


def test_the_colour_follows_the_noisy_label_and_not_the_digit(pack: Pack) -> None:
    for environment in colored(pack, 0):
        flip = COLOURS[environment.name]
        below_five = pack.labels[environment.positions] < 5
        both = (1 - LABEL_NOISE) * (1 - flip) + LABEL_NOISE * flip
        assert_rate(colours_of(environment) == below_five, both)


@pytest.mark.parametrize(("rule", "names"), [("colored", ["+90%", "+80%", "-90%"]), ("rotated", list(ANGLES))])
def test_environments_are_disjoint_and_use_every_digit(pack: Pack, rule: str, names: list[str]) -> None:
    environments = RULES[rule](pack, 3)
    assert [e.name for e in environments] == names
    positions = np.concatenate([e.positions for e in environments])
    assert sorted(positions.tolist()) == list(range(sum(COUNTS)))
    sizes = [len(e.labels) for e in environments]
    assert sizes == sorted(sizes, reverse=True)
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("rule", list(RULES))
def test_the_same_seed_gives_the_same_and_another_seed_another(pack: Pack, rule: str) -> None:
    first, again, other = RULES[rule](pack, 5), RULES[rule](pack, 5), RULES[rule](pack, 6)
    for one, two, three in zip(first, again, other, strict=True):
        assert np.array_equal(one.images, two.images)
        assert np.array_equal(one.labels, two.labels)
        assert not np.array_equal(one.positions, three.positions)


def test_the_draws_are_pinned(pack: Pack) -> None:
    """Another numpy or another machine must not silently make other environments."""
    order = pack.environment(0).tolist()
    first = colored(pack, 0)[0]
    assert [order.index(p) for p in first.positions[:6].tolist()] == [823, 4068, 2152, 3771, 2309, 4078]
    assert first.labels[:12].tolist() == [1, 0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1]
    assert [order.index(p) for p in rotated(pack, 0)[0].positions[:6].tolist()] == [1686, 5362, 4688, 5584, 5718, 2823]


def test_types_and_shapes(pack: Pack) -> None:
    for environment, channels in ((colored(pack, 0)[0], 2), (rotated(pack, 0)[0], 1)):
        assert environment.images.dtype == np.uint8
        assert environment.images.shape[1:] == (channels, 28, 28)
        assert environment.labels.dtype == np.int64


def test_rotated_digits_keep_their_labels_and_are_turned_by_the_angle(pack: Pack) -> None:
    for environment in rotated(pack, 0):
        assert np.array_equal(environment.labels, pack.labels[environment.positions])
        for image, position in zip(environment.images[:3], environment.positions[:3], strict=True):
            assert np.array_equal(image[0], rotate(pack.pixels[position], ANGLES[environment.name]))
    assert np.array_equal(rotated(pack, 0)[0].images[:, 0], pack.pixels[rotated(pack, 0)[0].positions])


@pytest.mark.parametrize("angle", ANGLES.values())
def test_rotation_is_torchvisions(pack: Pack, angle: int) -> None:
    for image in pack.pixels[:50]:
        drawn = to_pil_image(torch.from_numpy(np.array(image)))
        turned = reference_rotate(drawn, angle, interpolation=InterpolationMode.BILINEAR, fill=(0,))
        assert np.array_equal(rotate(image, angle), np.asarray(turned))


@settings(max_examples=40, deadline=None)
@given(colours=st.lists(st.integers(0, 1), min_size=1, max_size=20), seed=st.integers(0, 99))
def test_the_colour_picks_the_channel_and_nothing_else_changes(colours: list[int], seed: int) -> None:
    images = np.random.default_rng(seed).integers(0, 256, (len(colours), 5, 4), np.uint8)
    before = images.copy()
    coloured = colour_in(images, np.array(colours, np.int64))
    assert coloured.shape == (len(colours), 2, 5, 4)
    for image, colour, both in zip(images, colours, coloured, strict=True):
        assert np.array_equal(both[colour], image)
        assert not both[1 - colour].any()
    assert np.array_equal(images, before)


def test_too_few_digits(tmp_path: Path) -> None:
    small = import_digits(MNIST, digit_files(tmp_path / "f", counts=(1, 1)), tmp_path / "packs", subset=True)
    with pytest.raises(PackError, match="has 2 digits, fewer than the 3 environments need"):
        colored(small, 0)
