"""What a method may say about itself, and the messages when it says it wrongly."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from farfield import BackboneSpec, Features, Frozen, Images, MethodSpec, Resources, TaskFamily, TrackClaims, setting
from farfield.errors import SpecError


@dataclass(frozen=True, kw_only=True)
class Broken:
    rate: float = setting(2.0, le=1.0, help="Its default is out of bounds.")


def spec(**changes: Any) -> MethodSpec:
    good: dict[str, Any] = {
        "name": "good-one",
        "family": TaskFamily.CLASSIFICATION,
        "summary": "A good one.",
        "build": object,
        "inputs": Images(),
        "claims": TrackClaims(backbone="none"),
    }
    return MethodSpec(**good | changes)


def frozen(**changes: Any) -> tuple[Frozen]:
    return (Frozen(**{"backbones": {"": "lite0"}} | changes),)


def test_a_description_is_json_and_holds_no_code() -> None:
    described = spec(papers=("A paper",), code="https://example.org/code").describe()
    assert json.loads(json.dumps(described)) == described
    assert "build" not in described
    assert described["inputs"] == {
        "kind": "images",
        "size": 224,
        "resize": None,
        "interpolation": "bicubic",
        "crop": "center",
    }
    assert spec(inputs=Features(backbone="lite0", dim=4)).describe()["inputs"]["kind"] == "features"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "Good"}, "its name must be lower-case"),
        ({"name": "a--b"}, "its name must be lower-case"),
        ({"name": "a" * 61}, "at most 60"),
        ({"name": None}, "its name must be lower-case"),
        ({"summary": ""}, "its summary must be one line"),
        ({"summary": "a\nb"}, "its summary must be one line"),
        ({"summary": "a" * 201}, "its summary must be one line"),
        ({"family": "classification"}, "family must be a farfield.TaskFamily, not 'classification'"),
        ({"build": None}, "build must be the method's class"),
        ({"batch_size": 0}, "batch_size 0 is not a whole number in 1..4096"),
        ({"batch_size": 2.5}, "batch_size 2.5 is not a whole number"),
        ({"batch_size": True}, "batch_size True is not a whole number"),
        ({"papers": "one paper"}, "papers must be a tuple of lines of text"),
        ({"code": "javascript:alert(1)"}, "code must be empty or an address"),
        ({"licence": "a\nb"}, "licence must be one line"),
        ({"inputs": Images}, "inputs must be a farfield.Images or farfield.Features"),
        ({"claims": None}, "claims must be a farfield.TrackClaims"),
        ({"claims": TrackClaims(backbone="")}, "claims.backbone must be named"),
        ({"claims": TrackClaims(backbone="b", pretraining="imagenet-1k")}, "claims.pretraining must be a tuple"),  # type: ignore[arg-type]
        ({"claims": TrackClaims(backbone="b", extra_data=(1,))}, "claims.extra_data must be a tuple"),  # type: ignore[arg-type]
        ({"inputs": Images(size=4)}, "size 4 is not a whole number in 8..1024 pixels"),
        ({"inputs": Images(size=64.0)}, "size 64.0 is not a whole number"),  # type: ignore[arg-type]
        ({"inputs": Images(resize=100)}, "resize 100 is outside 224..2048"),
        ({"inputs": Images(interpolation="cubic")}, "interpolation 'cubic'"),  # type: ignore[arg-type]
        ({"inputs": Images(crop="random")}, "crop 'random'"),  # type: ignore[arg-type]
        ({"inputs": Features(backbone="Lite 0", dim=0)}, "backbone 'Lite 0'.*; dim 0 is not"),
        ({"resources": Resources(memory_gib=0)}, "memory_gib 0 is outside"),
        ({"resources": Resources(minutes=float("nan"))}, "minutes nan is outside"),
        ({"resources": Resources(gpu=1)}, "gpu must be True or False"),  # type: ignore[arg-type]
        ({"config": Broken}, "method 'good-one': setting 'rate': its default is not allowed"),
        ({"family": TaskFamily.DOMAIN_GENERALIZATION, "inputs": Images(crop="none")}, "need a crop"),
        ({"frozen": frozen(backbones=["lite0"])}, "frozen.backbones must be a dict"),
        ({"frozen": frozen(learns_only=("per_class",))}, "frozen.learns_only must be a dict"),
        ({"frozen": frozen(only={"zoo": ["a"]})}, "frozen must have values of settings"),
        ({"frozen": frozen(images={"size": 4000})}, "frozen.images: size 4000 is not a whole number"),
        ({"frozen": frozen(images={"side": 224})}, "frozen.images must have entries of farfield.Images"),
        ({"frozen": frozen(images={str(n): n for n in range(21)})}, "at most as many settings"),
    ],
)
def test_a_wrong_part_is_named(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        spec(**changes)


def test_all_problems_come_in_one_message() -> None:
    with pytest.raises(SpecError) as caught:
        spec(name="No", summary="", batch_size=0)
    assert str(caught.value).count(";") == 2


def test_a_backbone_is_checked_too() -> None:
    with pytest.raises(SpecError, match="backbone 'x y'.*dim 0.*size 2 "):
        BackboneSpec(
            name="x y", dim=0, build=lambda device: device, inputs=Images(size=2), pretraining=(), licence="MIT"
        )
