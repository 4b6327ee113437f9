"""Facts of DomainBed's hyperparameter registry: names, defaults and ranges, as tables.

Those of the algorithms up to EQRM are the same in all versions that were looked at, from 7b76666 (2022) on; those of
RDM, ADRMX, ERMPlusPlus and URM, and the backbone's, came later. The first versions drew Mixup's alpha from
10**U(-1, -1), which is always 0.1; later ones, and this table, from 10**U(-1, 1).
"""

from collections.abc import Mapping

from farfield_evaluators.suites.domainbed.datasets import DATASETS
from farfield_evaluators.suites.domainbed.draws import Choice, Draw, Fixed, Power, Uniform, Value

Row = tuple[Value, Draw]
Rows = Mapping[str, Row]

ADVERSARIAL = frozenset({"DANN", "CDANN"})
DROPOUT = Choice((0.0, 0.1, 0.5))


def _same(value: Value) -> Row:
    return value, Fixed(value)


COMMON: Rows = {
    "data_augmentation": _same(True),
    "resnet18": _same(False),
    "resnet_dropout": (0.0, DROPOUT),
    "class_balanced": _same(False),
    "nonlinear_classifier": _same(False),
}

# What chooses and tunes the backbone in later versions. Not of the published results: those are of a ResNet-50 with
# torchvision's weights and frozen BatchNorm, where these defaults are of AugMix weights and BatchNorm that is trained.
BACKBONE: Rows = {
    "resnet50_augmix": _same(True),
    "dinov2": _same(False),
    "vit": _same(False),
    "vit_attn_tune": _same(False),
    "freeze_bn": _same(False),
    "lars": _same(False),
    "linear_steps": _same(500),
    "vit_dropout": (0.0, DROPOUT),
}

# By whether images are small.
DATASET_SIZE: Mapping[bool, Rows] = {
    True: {"lr": (1e-3, Power(10, -4.5, -2.5)), "weight_decay": (0.0, Fixed(0.0))},
    False: {"lr": (5e-5, Power(10, -5, -3.5)), "weight_decay": (0.0, Power(10, -6, -2))},
}

# (algorithms, data sets, small images, row): the first that fits; an empty set fits all.
BATCH: tuple[tuple[frozenset[str], frozenset[str], bool, Row], ...] = (
    (frozenset(), frozenset(), True, (64, Power(2, 3, 9, whole=True))),
    (frozenset({"ARM", "arm-cml"}), frozenset(), False, _same(8)),
    (frozenset({"RDM"}), frozenset({"DomainNet", "TerraIncognita"}), False, (40, Uniform(30, 60, whole=True))),
    (frozenset({"RDM"}), frozenset(), False, (88, Uniform(70, 100, whole=True))),
    (frozenset(), frozenset({"DomainNet"}), False, (32, Power(2, 3, 5, whole=True))),
    (frozenset(), frozenset(), False, (32, Power(2, 3, 5.5, whole=True))),
)

_TUNED_LR: Row = (1e-5, Power(10, -6, -4.5))  # of a CLIP model's fine-tuning
_RHO: Row = (0.05, Choice((0.01, 0.02, 0.05, 0.1)))
_LAMBDA: Draw = Power(10, -1, 5)
_ANNEAL: Row = (500, Power(10, 0, 4, whole=True))
_BETA1: Row = (0.5, Choice((0.0, 0.5)))
_WEIGHT_DECAY_D: Row = (0.0, Power(10, -6, -2))
_ETA: Row = (1e-2, Power(10, -3, -1))

_ADVERSARIAL: Rows = {
    "lambda": (1.0, Power(10, -2, 2)),
    "weight_decay_d": _WEIGHT_DECAY_D,
    "d_steps_per_g_step": (1, Power(2, 0, 3, whole=True)),
    "grad_penalty": (0.0, Power(10, -2, 1)),
    "beta1": _BETA1,
    "mlp_width": (256, Power(2, 6, 10, whole=True)),
    "mlp_depth": (3, Choice((3, 4, 5))),
    "mlp_dropout": (0.0, DROPOUT),
}
_MTL: Rows = {"mtl_ema": (0.99, Choice((0.5, 0.9, 0.99, 1.0)))}
_MMD: Rows = {"mmd_gamma": (1.0, Power(10, -1, 1))}
_IRM: Rows = {"irm_lambda": (1e2, _LAMBDA), "irm_penalty_anneal_iters": _ANNEAL}
_IB: Rows = {"ib_lambda": (1e2, _LAMBDA), "ib_penalty_anneal_iters": _ANNEAL}
_CAD: Rows = {
    "lmbda": (1e-1, Choice((1e-4, 1e-3, 1e-2, 1e-1, 1.0, 1e1, 1e2))),
    "temperature": (0.1, Choice((0.05, 0.1))),
    "is_normalized": _same(False),
    "is_project": _same(False),
    "is_flipped": _same(True),
}
_TRANSFER: Rows = {
    "t_lambda": (1.0, Power(10, -2, 1)),
    "delta": (2.0, Uniform(0.1, 3.0)),
    "d_steps_per_g": (10, Choice((1, 2, 5))),
    "weight_decay_d": _WEIGHT_DECAY_D,
    "gda": (False, Fixed(True)),
    "beta1": _BETA1,
    "lr_d": (1e-3, Power(10, -4.5, -2.5)),
}
_ADRMX: Rows = {
    "cnt_lambda": _same(1.0),
    "dclf_lambda": _same(1.0),
    "disc_lambda": _same(0.75),
    "rmxd_lambda": _same(1.0),
    "d_steps_per_g_step": _same(2),
    "beta1": _same(0.5),
    "mlp_width": _same(256),
    "mlp_depth": (9, Choice((8, 9, 10))),
    "mlp_dropout": (0.0, Fixed(0)),
}
_URM: Rows = {
    "urm": _same("adversarial"),
    "urm_adv_lambda": (0.1, Uniform(0, 0.2)),
    "urm_discriminator_label_smoothing": (0, Fixed(0.0)),
    "urm_discriminator_optimizer": _same("adam"),
    "urm_discriminator_hidden_layers": (1, Choice((1, 2, 3))),
    "urm_generator_output": ("tanh", Choice(("tanh", "relu"))),
}


def _rdm(weight: Row, anneal: Row, variance: Row) -> Rows:
    lr = (1.5e-5, Uniform(8e-6, 2e-5))
    return {"rdm_lambda": weight, "rdm_penalty_anneal_iters": anneal, "variance_weight": variance, "rdm_lr": lr}


_RDM_ANNEAL: Row = (1500, Uniform(800, 2700, whole=True))
_RDM_VARIANCE: Row = (0.004, Uniform(0.001, 0.007))
_RDM_WIDE: Row = (5.0, Uniform(0.1, 10.0))
_RDM_NARROW: Row = (5.0, Uniform(1.0, 10.0))
_NO_VARIANCE: Row = _same(0.0)

_SMALL = frozenset(d.name for d in DATASETS if d.small_images)
_ALL: frozenset[str] = frozenset()

# An algorithm's own: (data sets, rows), the first that fits; an empty set fits all.
ADDITIONS: Mapping[str, tuple[tuple[frozenset[str], Rows], ...]] = {
    "ADRMX": (
        (_SMALL, {**_ADRMX, "lr": (3e-3, Choice((5e-4, 1e-3, 2e-3, 3e-3)))}),
        (_ALL, {**_ADRMX, "lr": (3e-5, Choice((2e-5, 3e-5, 4e-5, 5e-5)))}),
    ),
    "ANDMask": ((_ALL, {"tau": (1, Uniform(0.5, 1.0))}),),
    "CAD": ((_ALL, _CAD),),
    "CDANN": ((_ALL, _ADVERSARIAL),),
    "CORAL": ((_ALL, _MMD),),
    "CausIRL_CORAL": ((_ALL, _MMD),),
    "CausIRL_MMD": ((_ALL, _MMD),),
    "CondCAD": ((_ALL, _CAD),),
    "DANN": ((_ALL, _ADVERSARIAL),),
    "EQRM": (
        (
            _ALL,
            {
                "eqrm_quantile": (0.75, Uniform(0.5, 0.99)),
                "eqrm_burnin_iters": (2500, Power(10, 2.5, 3.5)),
                "eqrm_lr": (1e-6, Power(10, -7, -5)),
            },
        ),
    ),
    "ERMPlusPlus": ((_ALL, {"linear_lr": (5e-5, Power(10, -5, -3.5))}),),
    "Fish": ((_ALL, {"meta_lr": (0.5, Choice((0.05, 0.1, 0.5)))}),),
    "Fishr": (
        (
            _ALL,
            {
                "lambda": (1000.0, Power(10, 1.0, 4.0)),
                "penalty_anneal_iters": (1500, Uniform(0.0, 5000.0, whole=True)),
                "ema": (0.95, Uniform(0.90, 0.99)),
            },
        ),
    ),
    "GroupDRO": ((_ALL, {"groupdro_eta": _ETA}),),
    "IB_ERM": ((_ALL, _IB),),
    "IB_IRM": ((_ALL, {**_IRM, **_IB}),),
    "IGA": ((_ALL, {"penalty": (1000, Power(10, 1, 5))}),),
    "IRM": ((_ALL, _IRM),),
    "MLDG": ((_ALL, {"mldg_beta": (1.0, Power(10, -1, 1)), "n_meta_test": (2, Choice((1, 2)))}),),
    "MMD": ((_ALL, _MMD),),
    "MTL": ((_ALL, _MTL),),
    "Mixup": ((_ALL, {"mixup_alpha": (0.2, Power(10, -1, 1))}),),
    "RDM": (
        (
            frozenset({"DomainNet"}),
            _rdm((0.5, Uniform(0.1, 1.0)), (2400, Uniform(1500, 3000, whole=True)), _NO_VARIANCE),
        ),
        (frozenset({"TerraIncognita"}), _rdm(_RDM_NARROW, _RDM_ANNEAL, _NO_VARIANCE)),
        (frozenset({"PACS"}), _rdm(_RDM_NARROW, _RDM_ANNEAL, _RDM_VARIANCE)),
        (frozenset({"OfficeHome"}), _rdm(_RDM_WIDE, _RDM_ANNEAL, _NO_VARIANCE)),
        (_ALL, _rdm(_RDM_WIDE, _RDM_ANNEAL, _RDM_VARIANCE)),
    ),
    "RSC": ((_ALL, {"rsc_f_drop_factor": (1 / 3, Uniform(0, 0.5)), "rsc_b_drop_factor": (1 / 3, Uniform(0, 0.5))}),),
    "SANDMask": ((_ALL, {"tau": (1.0, Uniform(0.0, 1.0)), "k": (1e1, Power(10, -3, 5))}),),
    "SD": ((_ALL, {"sd_reg": (0.1, Power(10, -5, -1))}),),
    "SagNet": ((_ALL, {"sag_w_adv": (0.1, Power(10, -2, 1))}),),
    "TRM": (
        (
            _ALL,
            {
                "cos_lambda": (1e-4, Power(10, -5, 0)),
                "iters": (200, Power(10, 0, 4, whole=True)),
                "groupdro_eta": _ETA,
            },
        ),
    ),
    "Transfer": ((_ALL, _TRANSFER),),
    "URM": (
        (_SMALL, {**_URM, "urm_discriminator_lr": (1e-3, Power(10, -5.5, -3.5))}),
        (_ALL, {**_URM, "urm_discriminator_lr": (5e-5, Power(10, -6, -4.5))}),
    ),
    "VREx": ((_ALL, {"vrex_lambda": (1e1, _LAMBDA), "vrex_penalty_anneal_iters": _ANNEAL}),),
    # Methods that DomainBed does not have, under our names. MIRO's values are its paper's (Cha et al. 2022, section 4);
    # SAM's lie about its paper's default (Foret et al. 2021); the others' papers state no space, and these are ours.
    "dg-clip-car-ft": ((_ALL, {"lr": _TUNED_LR, "car_lambda": (1.0, Power(10, -1, 1))}),),
    "dg-clip-erm": ((_ALL, {"lr": _TUNED_LR}),),
    "dg-clip-linear-probe": ((_ALL, {"lr": (1e-2, Power(10, -3, -1))}),),
    "dg-clip-wise-ft": ((_ALL, {"lr": _TUNED_LR, "wise_alpha": (0.5, Choice((0.1, 0.3, 0.5, 0.7, 0.9)))}),),
    "irmcon": ((_ALL, {"irmcon_lambda": (0.1, Power(10, -2, 0)), "irmcon_base": (0.5, Uniform(0.1, 1.0))}),),
    "miro": ((_ALL, {"miro_lambda": (0.1, Choice((0.001, 0.01, 0.1, 1.0)))}),),
    "mtl-mean": ((_ALL, _MTL),),
    "sam": ((_ALL, {"rho": _RHO}),),
    "smos": ((_ALL, {"smos_weight": (0.15, Choice((0.05, 0.1, 0.15, 0.2)))}),),
    "udim": ((_ALL, {"rho": _RHO, "udim_lambda": (1.0, Power(10, -1, 1))}),),
}

# In the order of DomainBed's tables; others follow by name.
ALGORITHMS = (
    *("ERM", "ERMPlusPlus", "Fish", "IRM", "GroupDRO", "Mixup", "MLDG", "CORAL", "MMD", "DANN", "CDANN", "MTL"),
    *("SagNet", "ARM", "VREx", "RSC", "SD", "ANDMask", "SANDMask", "IGA", "SelfReg", "Fishr", "TRM", "IB_ERM"),
    *("IB_IRM", "CAD", "CondCAD", "Transfer", "CausIRL_CORAL", "CausIRL_MMD", "EQRM", "RDM", "ADRMX", "URM"),
)


def algorithm_name(method: str) -> str:
    """The name that stands for a method in records, seeds and this table: DomainBed's own where it has the method.

    >>> algorithm_name("groupdro"), algorithm_name("udim")
    ('GroupDRO', 'udim')
    """
    same = {_plain(name): name for name in ALGORITHMS}
    return same.get(_plain(method), method)


def drawn_as(algorithm: str) -> str:
    """The name whose additions an algorithm's hyperparameters are drawn with: its own where it has any.

    A method that is called after another, with something in front, has that one's: `lite0-groupdro` is drawn as
    GroupDRO is.

    >>> drawn_as("lite0-groupdro"), drawn_as("lite0-sam"), drawn_as("erm"), drawn_as("something-new")
    ('GroupDRO', 'sam', 'ERM', 'something-new')
    """
    words = algorithm.split("-")
    for start in range(len(words)):
        name = algorithm_name("-".join(words[start:]))
        if name in ALGORITHMS or name in ADDITIONS:
            return name
    return algorithm


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
