"""What detectors that look inside of a network have of their own, beside their equality with OpenOOD."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture
from tests.unit.baselines.ood_detection.test_against_openood import small_network
from tests.unit.baselines.ood_detection.test_models import weights

from farfield import MethodSpec, RunContext
from farfield.errors import ConfigError
from farfield.testing import check_method
from farfield_baselines.networks import watching
from farfield_baselines.ood_detection import gmm, gram, inside, mds_ensemble, rankfeat, stepping
from farfield_baselines.ood_detection.declare import ModelConfig
from farfield_baselines.ood_detection.listed import INSIDE
from farfield_baselines.ood_detection.models import open_model


def test_one_value_makes_the_step() -> None:
    gradient = torch.tensor([[[[1.0, -3.0], [2.0, 0.0]]]])
    assert stepping.largest(gradient).flatten().tolist() == [0.0, 1.0, 0.0, 0.0]


def test_a_hook_is_gone_after_its_block(rng: Any) -> None:
    network, pixels = small_network(), torch.from_numpy(rng.normal(size=(2, 3, 8, 8)).astype(np.float32))
    before = network.trunk(pixels)
    with inside.altered(inside.stage(network, 1), torch.zeros_like):
        assert not torch.equal(network.trunk(pixels), before)
    with watching.watched([inside.stage(network, 0)], lambda output: output.shape) as shapes:
        network.trunk(pixels)
    assert shapes == [(2, 8, 8, 8)]
    assert torch.equal(network.trunk(pixels), before)
    assert len(shapes) == 1


def test_the_largest_component_goes(rng: Any) -> None:
    maps = torch.from_numpy(rng.normal(size=(2, 5, 3, 4)))
    before, after = (torch.linalg.svdvals(m.flatten(2)) for m in (maps, rankfeat.without_the_first(maps)))
    np.testing.assert_allclose(after[:, :-1], before[:, 1:], atol=1e-12)


def test_a_row_sum_is_that_of_the_gram_matrix(rng: Any) -> None:
    output = torch.from_numpy(rng.normal(size=(2, 3, 2, 2)))
    rows = (output**3).flatten(2)
    sums = (rows @ rows.transpose(1, 2)).sum(dim=2)
    expected = sums.sign() * sums.abs() ** (1 / 3)
    np.testing.assert_allclose(gram.row_sums(output, 3)[:, 6:], expected, rtol=1e-9)


def test_a_tenth_of_each_class_is_held_out_or_else_each_image_once() -> None:
    pairs, learned = gram.parted(np.repeat([0, 1], [20, 3]))
    assert [tried.tolist() for _, tried in pairs] == [[0, 1], []]
    assert learned.tolist() == list(range(2, 23))
    pairs, learned = gram.parted(np.array([0, 1, 0, 2]))
    assert [(by.tolist(), of.tolist()) for by, of in pairs] == [([2], [0]), ([0], [2])]
    assert learned.tolist() == [0, 1, 2, 3]


def test_em_is_scikit_learns(rng: Any) -> None:
    rows = np.concatenate([rng.normal(size=(30, 3)), rng.normal(size=(30, 3)) + 2.0])
    first = gmm.started(rows, 2)
    given = {"weights_init": first.weights, "means_init": first.means, "precisions_init": first.precision}
    theirs = GaussianMixture(2, covariance_type="tied", **given).fit(rows)
    ours = gmm.fitted(rows, first)
    np.testing.assert_allclose(ours.means, theirs.means_, rtol=1e-6)
    np.testing.assert_allclose(ours.precision, theirs.precisions_, rtol=1e-6)


@pytest.mark.parametrize("spec", INSIDE, ids=lambda spec: spec.name)
def test_keeps_its_protocol(spec: MethodSpec, tmp_path: Path) -> None:
    _, file = weights("test_resnet", tmp_path, num_classes=3)
    check_method(spec, tmp_path, {"model": "timm:test_resnet", "checkpoint": file})


def test_what_cannot_be_looked_at_is_refused(tmp_path: Path) -> None:
    clip = open_model(ModelConfig(model="mini-clip"), RunContext(class_names=("cat", "dog"), work_folder=tmp_path))
    with pytest.raises(ConfigError, match="looks at feature maps; take lite0 or a model of timm's"):
        inside.body_of(clip)
    with pytest.raises(ConfigError, match="this model has 4 stages; there is none with number 5"):
        inside.stage(small_network(), 4)
    for text in ("", "a", "0, 0", "nan"):
        with pytest.raises(ConfigError, match="nor a list of numbers"):
            mds_ensemble.weights_of(text)
