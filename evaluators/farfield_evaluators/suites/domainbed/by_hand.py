"""What can be set by hand for a sweep: a method's own settings, and of DomainBed's hyperparameters those beside them.

DomainBed's `--hparams` takes every hyperparameter by its name. The size of the minibatches and the balance of classes
are the loop's here, the network is a setting, and a name that Python keeps for itself has an underscore in a method.
"""

from collections.abc import Mapping
from dataclasses import replace
from keyword import iskeyword
from typing import Any

from farfield.config import JsonObject, check_config
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.draws import Value
from farfield_evaluators.suites.domainbed.hparams import default_hparams
from farfield_evaluators.suites.domainbed.registry import ADVERSARIAL, BACKBONE, DATASET_SIZE, drawn_as

BATCH_SIZE, CLASS_BALANCED, RESNET18, FEATURIZER, WEIGHTS = (
    *("batch_size", "class_balanced", "resnet18"),
    *("featurizer", "weights"),
)
CROP = "random_crop"  # in the augmentation; Spawrious has none
SCRATCH = "from_scratch"  # in the hyperparameters of a record; DomainBed's scripts pass over it
SMALL_NETWORK, LARGE_NETWORK, LESSER_NETWORK = "mnist-cnn", "resnet50", "resnet18"
# Networks that are nothing without weights, where DomainBed has ImageNet's. The others bring theirs, or start from
# scratch in DomainBed too.
WANTS_WEIGHTS = ("resnet18", "resnet50", "dinov2", "timm:", "open_clip:")
_MOST_IN_A_BATCH = 4096
_NAMED_OTHERWISE = ("resnet50_augmix", "dinov2", "vit")
_BESIDE: Mapping[str, str] = {
    BATCH_SIZE: "Images of each training domain in a step.",
    CLASS_BALANCED: "Draws every class of a training domain as often as another.",
    RESNET18: "A ResNet-18 in place of the ResNet-50; without effect on small images.",
}
# A method's own where it has them.
_ELSEWHERE = BACKBONE.keys() - {"freeze_bn"}
_INERT = "DomainBed takes it too, and it is without effect here."
_TYPES: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number"}


def sweep_schema(schema: JsonObject, method: str, dataset: DataSet, *, every: bool = True) -> JsonObject:
    """A method's schema with DomainBed's hyperparameters that stand beside its settings on this data set.

    `every` adds those that are for other networks or other names of what is there, which a form need not show.
    """
    own: JsonObject = schema["properties"]
    beside = {name: prop for name, prop in _beside(own, method, dataset).items() if name not in own}
    further = _more(own, method, dataset) if every else {}
    more = {name: prop for name, prop in further.items() if name not in own and name not in beside}
    order = [*schema.get("propertyOrder", own), *beside, *more]
    return {**schema, "properties": {**own, **beside, **more}, "propertyOrder": order}


def sweep_problems(schema: JsonObject, method: str, dataset: DataSet, config: Mapping[str, Any]) -> list[str]:
    """Why these settings cannot be those of a sweep of the method; empty when they can."""
    problems = check_config(sweep_schema(schema, method, dataset), config)
    if problems:
        return problems
    wrong = [name for name in _NAMED_OTHERWISE if config.get(name)]
    problems += [f"{name}: no network is chosen by this; name it by {FEATURIZER}, with its {WEIGHTS}" for name in wrong]
    if config.get(RESNET18) and FEATURIZER in config:
        problems.append(f"{RESNET18}: {FEATURIZER} names the network too; leave one of them out")
    twice = [name for name in config if f"{name}_" in config]
    return problems + [f"{name}: it is set as {name}_ too; leave one of them out" for name in twice]


def as_space(dataset: DataSet, *, features: bool) -> DataSet:
    """The data set as its hyperparameters see it: on features of a frozen backbone nothing large is trained."""
    return replace(dataset, small_images=True) if features else dataset


def named_as_domainbed(config: Mapping[str, Any], drawn: Mapping[str, Value]) -> dict[str, Any]:
    """Settings by their names in records: `lambda_` is `lambda` there.

    >>> named_as_domainbed({"lambda_": 2.0, "lr": 0.1}, {"lambda": 1.0, "lr": 0.5})
    {'lambda': 2.0, 'lr': 0.1}
    """
    return {_plain(name) if _plain(name) in drawn else name: value for name, value in config.items()}


def of_the_method(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings less those that a method need not have: what it can be built with before its schema is known.

    >>> of_the_method({"batch_size": 8, "lambda": 2.0, "lr": 0.1})
    {'lambda_': 2.0, 'lr': 0.1}
    """
    own = {name: value for name, value in config.items() if name not in _BESIDE and name not in _ELSEWHERE}
    return {f"{name}_" if iskeyword(name) else name: value for name, value in own.items()}


def network_of(hparams: Mapping[str, Any], dataset: DataSet) -> str:
    """The network that a method is given by default: DomainBed's for the size of the images."""
    if dataset.small_images:
        return SMALL_NETWORK
    return LESSER_NETWORK if hparams.get(RESNET18) else LARGE_NETWORK


def from_scratch(schema: JsonObject, hparams: Mapping[str, Any], dataset: DataSet) -> bool:
    """Whether these settings start a network from scratch for which DomainBed has weights of ImageNet."""
    if not {FEATURIZER, WEIGHTS} <= schema["properties"].keys() or hparams.get(WEIGHTS):
        return False
    return str(hparams.get(FEATURIZER) or network_of(hparams, dataset)).startswith(WANTS_WEIGHTS)


def _beside(own: JsonObject, method: str, dataset: DataSet) -> JsonObject:
    batch = default_hparams(drawn_as(method), dataset)[BATCH_SIZE]
    size = {**_property(batch, _BESIDE[BATCH_SIZE]), "minimum": 1, "maximum": _MOST_IN_A_BATCH}
    found = {BATCH_SIZE: size, CLASS_BALANCED: _property(False, _BESIDE[CLASS_BALANCED])}
    return {**found, RESNET18: _property(False, _BESIDE[RESNET18])} if FEATURIZER in own else found


def _more(own: JsonObject, method: str, dataset: DataSet) -> JsonObject:
    """Other names of its own settings; and what DomainBed takes without effect."""
    found = {_plain(name): prop for name, prop in own.items() if name != _plain(name)}
    return {**found, **{name: _property(default, _INERT) for name, default in _inert(own, method, dataset).items()}}


def _inert(own: JsonObject, method: str, dataset: DataSet) -> dict[str, Value]:
    """What DomainBed has for every algorithm and uses for some, with its defaults.

    Its adversaries have rates of their own, what is small has one network and is not augmented, and later versions
    choose and tune other networks.
    """
    found: dict[str, Value] = {}
    if drawn_as(method) in ADVERSARIAL:
        found |= {name: default for name, (default, _) in DATASET_SIZE[dataset.small_images].items()}
    if FEATURIZER in own:
        return found | {name: default for name, (default, _) in BACKBONE.items()}
    return found | ({RESNET18: False, "data_augmentation": True} if dataset.small_images else {})


def _property(default: Value, says: str) -> JsonObject:
    return {"type": _TYPES[type(default)], "description": says, "default": default}


def _plain(name: str) -> str:
    return name.removesuffix("_")
