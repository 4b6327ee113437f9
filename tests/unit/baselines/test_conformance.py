"""Every registered method keeps its protocol, and the plugin is listed without loading a network."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from farfield import Features, MethodSpec
from farfield.cli import main
from farfield.registry import load
from farfield.testing import check_method
from farfield_baselines import plugin
from farfield_baselines.adaptation import fixmatch
from farfield_baselines.adaptation import listed as adaptation
from farfield_baselines.classification import listed as classification
from farfield_baselines.detection import listed as detection
from farfield_baselines.few_shot_classification import crlnet, prototypes
from farfield_baselines.few_shot_detection import listed as few_shot_detection
from farfield_baselines.generalization import listed as generalization
from farfield_baselines.groups import listed as groups
from farfield_baselines.longtail import listed as longtail
from farfield_baselines.ood_detection import disco_patch, neglabel
from farfield_baselines.ood_detection import listed as ood_detection
from farfield_baselines.ood_training import listed as ood_training
from farfield_baselines.retrieval import clip_retrieval
from farfield_baselines.sequences import listed as sequences

METHODS = plugin.farfield_methods()
# Those that take any featurizer or any CLIP model keep their protocol in their own folders, on small ones.
EACH = [spec.with_input(name) for spec in METHODS for name in spec.inputs_by_name]
ELSEWHERE = (
    *(spec.with_input("images") for spec in (*generalization.SPECS, *groups.SPECS, *longtail.SPECS)),
    *classification.ON_CLIP,
    *(spec.with_input(name) for spec in (*ood_detection.INSIDE, *ood_training.SPECS) for name in spec.inputs_by_name),
    *sequences.SPECS,
    neglabel.SPEC,
    *(disco_patch.SPEC.with_input(name) for name in disco_patch.SPEC.inputs_by_name),
    *(spec.with_input("images") for spec in adaptation.SPECS if spec.choices),
    fixmatch.SPEC,
    prototypes.SPEC.with_input("clip"),
    clip_retrieval.SPEC.with_input("clip"),
    *(crlnet.SPEC.with_input(name) for name in ("lite0", "resnet12")),
    *(
        spec.with_input(name)
        for spec in (*detection.SPECS, *few_shot_detection.SPECS, *few_shot_detection.QUERY_BASED)
        for name in spec.inputs_by_name
    ),
)
AS_THEY_ARE = [spec for spec in EACH if spec not in ELSEWHERE]


def word(spec: MethodSpec) -> str:
    return spec.called or spec.name


# The protocol is kept, or not, after a few steps as after many. More than 20 are adapted: after each 20 it is looked.
SHORT = {
    "mini-clip-wise-ft": {"epochs": 1},
    **{name: {"epochs": 2, "head_steps": 21, "target_steps": 21} for name in ("shot-lp-ft", "mini-clip-shot-lp-ft")},
    **{f"{model}-adu-probe": {"steps": 10} for model in ("lite0", "mini-clip", "clip")},
    **{f"scratch-{detector}": {"epochs": 2} for detector in ("msp", "energy", "knn")},
}
BACKBONES = {b.name: b for b in plugin.farfield_backbones()}


@pytest.mark.parametrize("spec", AS_THEY_ARE, ids=word)
def test_keeps_its_protocol(spec: MethodSpec, tmp_path: Path) -> None:
    check_method(spec, tmp_path, SHORT.get(word(spec), {}))


def test_what_is_shortened_is_there() -> None:
    assert SHORT.keys() <= {word(spec) for spec in AS_THEY_ARE}


@pytest.mark.parametrize("spec", EACH, ids=word)
def test_features_are_those_of_a_registered_backbone(spec: MethodSpec) -> None:
    if isinstance(spec.inputs, Features):
        backbone = BACKBONES[spec.inputs.backbone]
        assert spec.inputs.dim == backbone.dim
        assert spec.claims.pretraining == backbone.pretraining


@pytest.mark.parametrize("spec", EACH, ids=word)
def test_says_what_it_may_be_used_for(spec: MethodSpec) -> None:
    assert spec.licence
    assert bool(spec.papers) == (spec.claims.backbone != "none")
    json.dumps(spec.describe())


def test_what_was_a_method_of_its_own_before_is_still_called_so() -> None:
    """Entries have these names, seeds hash them, and the figures of all of them stay."""
    words = {word(spec) for spec in EACH}
    detectors = "msp max-logit energy odin gradnorm react-train ash knn mahalanobis vim abet"
    algorithms = (
        "erm irm groupdro mixup mldg coral mmd dann cdann vrex rsc sagnet mtl mtl-mean sam swad udim batchformer"
    )
    on_lite0 = f"ncm linear-probe class-means {detectors} {algorithms}".split()
    on_mini_clip = ("zero-shot", "linear-probe", "wise-ft", "mcm")
    on_clip = ("clip-zero-shot", "clip-linear-probe", "clip-wise-ft")
    assert {*(f"lite0-{n}" for n in on_lite0), *(f"mini-clip-{n}" for n in on_mini_clip), *on_clip} <= words


def test_is_registered_as_the_entry_point() -> None:
    registry = load(["farfield-baselines"])
    assert set(registry.methods) == {spec.name for spec in METHODS}
    assert set(registry.backbones) == {"efficientnet-lite0", "mini-clip", "clip", "timm"}


def test_listing_imports_no_network() -> None:
    code = (
        "import sys, farfield_baselines.plugin as p; p.farfield_methods(); p.farfield_backbones(); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "timm", "open_clip", "scipy", "sklearn"} & set(done.stdout.split())


def test_check_says_what_a_former_name_is_now(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "lite0-erm"]) == 1
    assert capsys.readouterr().err == "farfield: lite0-erm is now erm with input=lite0; set that [plugin.bad_config]\n"
