"""Domain extrapolation: a folder's new domains are minibatches like those of training domains, and count alike."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from farfield import Batch, RunContext
from farfield_baselines.generalization import extrapolated
from farfield_baselines.generalization.core import Generalizer

NAMES = ("sea_lion", "bus", "tree")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two new domains; of the second only a class is drawn, whose shade is its own."""
    for domain, name, shade in (("stained glass", "Sea Lion", 40), ("stained glass", "bus", 80), ("neon", "tree", 200)):
        home = tmp_path / domain / name
        home.mkdir(parents=True)
        Image.fromarray(np.full((9, 7, 3), shade, np.uint8)).save(home / "0.png")
    return tmp_path


def _context(folder: str, **more: Any) -> RunContext:
    config = extrapolated.ExtrapolatedConfig(generated=folder, featurizer="mnist-cnn-half", **more)
    return RunContext(class_names=NAMES, domain_names=("a", "b"), config=config)


def test_new_domains_give_images_of_their_classes_in_the_size_of_the_others(
    folder: Path, rng: np.random.Generator
) -> None:
    shape, labels = (5, 12, 12, 3), np.array([0, 1, 2, 1, 0])
    given = [
        Batch(inputs=rng.integers(0, 256, shape, dtype=np.uint8), labels=labels, domains=np.full(5, d)) for d in (0, 1)
    ]
    method = Generalizer(extrapolated.Extrapolated, _context(str(folder)))
    algorithm = method.algorithm(given[0].inputs, len(given), len(given[0].labels))
    prepared = algorithm.prepare(given)
    assert [*prepared[: len(given)]] == given
    neon, glass = prepared[len(given) :]
    assert neon.inputs.shape == glass.inputs.shape == given[0].inputs.shape
    assert set(neon.labels.tolist()) == {2}
    assert set(glass.labels.tolist()) <= {0, 1}
    shades = {(int(label), int(image.mean())) for label, image in zip(glass.labels, glass.inputs, strict=True)}
    assert shades <= {(0, 40), (1, 80)}
    assert np.isfinite(list(method.update(given).values())).all()


def test_a_folder_of_no_class_and_one_of_no_image_are_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "neon" / "ghost").mkdir()
    with pytest.raises(ValueError, match="neon/ghost is none of the classes sea_lion, bus, tree"):
        extrapolated.new_domains(folder, NAMES)
    with pytest.raises(ValueError, match="has no images below"):
        extrapolated.new_domains(tmp_path / "nothing", NAMES)
