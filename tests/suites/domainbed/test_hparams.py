"""The hyperparameter space: DomainBed's own draws, and what every draw keeps."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from farfield import MethodSpec
from farfield.errors import UnknownName
from farfield_baselines.generalization.listed import SPECS
from farfield_evaluators.suites.domainbed.datasets import DATASETS, find
from farfield_evaluators.suites.domainbed.draws import Choice, Fixed, Uniform
from farfield_evaluators.suites.domainbed.hparams import (
    Hyperparameter,
    default_hparams,
    hparams_of,
    random_hparams,
    space,
)
from farfield_evaluators.suites.domainbed.registry import ADDITIONS, ALGORITHMS, BACKBONE, algorithm_name
from farfield_evaluators.suites.domainbed.seeds import seed_hash

ANY_ALGORITHM, ANY_DATASET = st.sampled_from(ALGORITHMS), st.sampled_from([d.name for d in DATASETS])
MEASURED: Mapping[str, Any] = json.loads(Path(__file__).with_name("hparams.json").read_text(encoding="utf-8"))
# As they stand in the records of DomainBed's own sweep of ERM on VLCS.
DRAWN = {
    0: {
        "batch_size": 39,
        "lr": 2.7028930742148706e-05,
        "resnet_dropout": 0.5,
        "weight_decay": 0.00044832883881609976,
    },
    1: {
        "batch_size": 8,
        "lr": 2.2352558725944602e-05,
        "resnet_dropout": 0.5,
        "weight_decay": 1.9967320578799288e-06,
    },
}


@pytest.mark.parametrize("trial", DRAWN)
def test_the_draws_in_domainbeds_own_sweep(trial: int) -> None:
    found = hparams_of("ERM", "VLCS", 1, trial)
    assert {name: found[name] for name in DRAWN[trial]} == DRAWN[trial]


def test_every_algorithms_own_defaults_and_draws_are_domainbeds() -> None:
    """As `measure_hparams.py` measured them, which says which seed and data sets."""
    assert tuple(MEASURED) == ALGORITHMS
    for algorithm, datasets in MEASURED.items():
        for dataset, expected in datasets.items():
            rows = space(algorithm, dataset, backbone=True)
            common = {} if algorithm == "ERM" else {h.name: pair(h) for h in space("ERM", dataset, backbone=True)}
            own = {h.name: pair(h) for h in rows if common.get(h.name) != pair(h)}
            assert own == expected, (algorithm, dataset)


def pair(hyperparameter: Hyperparameter) -> list[Any]:
    """Its default, and its draw with the seed of `measure_hparams.py`."""
    drawn = hyperparameter.draw(np.random.RandomState(seed_hash(5, hyperparameter.name)))
    return [hyperparameter.default, drawn]


def test_seed_0_is_the_defaults_in_every_trial() -> None:
    defaults = {
        "batch_size": 32,
        "class_balanced": False,
        "data_augmentation": True,
        "lr": 5e-05,
        "nonlinear_classifier": False,
        "resnet18": False,
        "resnet_dropout": 0.0,
        "weight_decay": 0.0,
    }
    for trial in range(3):
        assert hparams_of("ERM", "VLCS", 0, trial).items() >= defaults.items()


def test_small_images_have_defaults_of_their_own() -> None:
    found = default_hparams("ERM", "RotatedMNIST")
    assert (found["lr"], found["batch_size"], found["weight_decay"]) == (1e-3, 64, 0.0)
    assert all(random_hparams("ERM", "ColoredFashion", seed)["weight_decay"] == 0.0 for seed in range(20))


@given(ANY_ALGORITHM, ANY_DATASET, st.integers(0, 2**31 - 1))
@settings(max_examples=200)
def test_a_draw_fits_in_a_record_and_is_drawn_by_name_alone(algorithm: str, dataset: str, seed: int) -> None:
    drawn = random_hparams(algorithm, dataset, seed)
    assert drawn.keys() == default_hparams(algorithm, dataset).keys()
    assert json.loads(json.dumps(drawn)) == drawn
    assert {type(v) for v in drawn.values()} <= {bool, int, float, str}
    erm = random_hparams("ERM", dataset, seed)
    shared = erm.keys() - {"batch_size", "lr"}
    assert {name: drawn[name] for name in shared} == {name: erm[name] for name in shared}


@given(st.integers(0, 2**31 - 1))
def test_ranges_of_common_draws(seed: int) -> None:
    small, large = random_hparams("ERM", "ColoredMNIST", seed), random_hparams("ERM", "PACS", seed)
    assert 10**-4.5 <= float(small["lr"]) <= 10**-2.5
    assert 10**-5 <= float(large["lr"]) <= 10**-3.5
    assert 10**-6 <= float(large["weight_decay"]) <= 10**-2
    assert 8 <= int(small["batch_size"]) < 512
    assert 8 <= int(large["batch_size"]) <= 45
    assert 8 <= int(random_hparams("ERM", "DomainNet", seed)["batch_size"]) < 32
    assert random_hparams("ARM", "PACS", seed)["batch_size"] == 8
    assert random_hparams("arm-cml", "PACS", seed)["batch_size"] == 8
    assert random_hparams("mtl-mean", "PACS", seed)["mtl_ema"] == random_hparams("MTL", "PACS", seed)["mtl_ema"]


def test_each_algorithm_has_its_own_additions() -> None:
    own = {a: {h.name for h in space(a, "PACS")} - {h.name for h in space("ERM", "PACS")} for a in ALGORITHMS}
    assert own["IRM"] == {"irm_lambda", "irm_penalty_anneal_iters"}
    assert (
        own["CDANN"]
        == own["DANN"]
        == {
            *("lambda", "weight_decay_d", "d_steps_per_g_step", "grad_penalty", "beta1", "mlp_width", "mlp_depth"),
            *("mlp_dropout", "lr_g", "lr_d", "weight_decay_g"),
        }
    )
    assert own["RSC"] == {"rsc_f_drop_factor", "rsc_b_drop_factor"}
    assert own["MLDG"] == {"mldg_beta", "n_meta_test"}
    assert {a for a in ALGORITHMS if not own[a]} == {"ERM", "ARM", "SelfReg"}
    on_clip = {f"dg-clip-{name}" for name in ("car-ft", "erm", "linear-probe", "wise-ft")}
    assert ADDITIONS.keys() - {*ALGORITHMS} == {"irmcon", "miro", "mtl-mean", "sam", "smos", "udim"} | on_clip


def test_the_adversary_has_a_learning_rate_drawn_apart() -> None:
    drawn = [random_hparams("DANN", "PACS", seed) for seed in range(5)]
    assert all(len({d["lr"], d["lr_g"], d["lr_d"]}) == 3 for d in drawn)
    defaults = default_hparams("DANN", "ColoredMNIST")
    assert (defaults["lr_g"], defaults["lr_d"], defaults["weight_decay_g"]) == (1e-3, 1e-3, 0.0)


def test_the_backbone_is_the_methods_own_matter_unless_asked_for() -> None:
    usual, with_backbone = space("ERM", "PACS"), space("ERM", "PACS", backbone=True)
    assert [h.name for h in usual] == [
        *("data_augmentation", "resnet18", "resnet_dropout", "class_balanced", "nonlinear_classifier"),
        *("lr", "weight_decay", "batch_size"),
    ]
    assert {h.name for h in with_backbone} - {h.name for h in usual} == BACKBONE.keys()


def test_some_additions_depend_on_the_data_set() -> None:
    assert default_hparams("RDM", "DomainNet")["rdm_lambda"] == 0.5
    assert default_hparams("RDM", "PACS")["batch_size"] == 88
    assert default_hparams("RDM", "TerraIncognita")["variance_weight"] == 0.0
    assert default_hparams("ADRMX", "ColoredMNIST")["lr"] == 3e-3


def test_a_method_that_domainbed_does_not_have_brings_its_own() -> None:
    mine = Hyperparameter(name="mine", default=0.05, draw=Choice((0.01, 0.05, 0.1)))
    frozen = Hyperparameter(name="resnet18", default=True, draw=Fixed(True))
    found = default_hparams("my-method", find("domainbed/pacs"), [mine, frozen])
    assert (found["mine"], found["resnet18"], found["lr"]) == (0.05, True, 5e-5)
    drawn = random_hparams("my-method", "PACS", 7, [mine, frozen])
    expected = np.random.RandomState(seed_hash(7, "mine")).choice([0.01, 0.05, 0.1])
    assert (drawn["mine"], drawn["resnet18"]) == (expected, True)


@given(st.integers(0, 2**32 - 1))
def test_a_choice_is_that_of_numpy_with_the_type_kept(seed: int) -> None:
    values = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2)
    assert Choice(values)(np.random.RandomState(seed)) == np.random.RandomState(seed).choice(values)
    assert type(Choice((1, 2))(np.random.RandomState(seed))) is int
    assert type(Uniform(0, 9, whole=True)(np.random.RandomState(seed))) is int


def test_an_unknown_data_set_is_named() -> None:
    with pytest.raises(UnknownName, match="'Pacs'.*PACS"):
        default_hparams("ERM", "Pacs")


def test_a_method_has_the_name_of_domainbeds_algorithm() -> None:
    assert [algorithm_name(name) for name in ("erm", "vrex", "sagnet", "ib-erm", "causirl-coral")] == [
        *("ERM", "VREx", "SagNet", "IB_ERM", "CausIRL_CORAL")
    ]
    assert [algorithm_name(name) for name in ("udim", "car-ft")] == ["udim", "car-ft"]
    assert all(algorithm_name(name) == name for name in ALGORITHMS)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.name)
def test_our_methods_have_settings_of_these_names_and_defaults(spec: MethodSpec) -> None:
    assert spec.config is not None
    settings = {f.name.rstrip("_"): f.default for f in fields(spec.config)}  # `lambda` is a word of Python's
    common = {h.name for h in space("ERM", "PACS")}
    own = {h.name: h.default for h in space(algorithm_name(spec.name), "VLCS") if h.name not in common}
    assert {name: settings.get(name) for name in own} == own
