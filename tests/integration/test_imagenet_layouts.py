"""From the official layout of every set around ImageNet to every figure, with a real network in a real runner.

Trees of a few photographs are imported by the commands an operator types, a classifier and a detector are evaluated as
a worker does, and each figure is computed anew from the method's own logits and from what the album says of every
picture. Each trap is shown to be sprung: its wrong figure is another one.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from scipy.special import logsumexp, softmax
from tests.integration import imagenet_figures as anew
from tests.integration import imagenet_world as world
from tests.integration.imagenet_figures import Figures, Set
from tests.integration.imagenet_world import NO_CLASS, Album
from torchvision import transforms

from farfield.cli import main
from farfield_baselines.networks.lite0 import load
from farfield_evaluators.catalog import find
from farfield_evaluators.data import imagenet_classes as classes
from farfield_evaluators.data.packs import open_pack, verify
from farfield_evaluators.paths import packs_folder
from farfield_evaluators.run_plan import Cell
from farfield_workers.evaluation import Evaluator, Outcome, Request
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

pytestmark = pytest.mark.slow

TREES: dict[str, Callable[[Path, Album], Path]] = {
    "imagenet/train": world.train,
    "imagenet/val": world.flat_val,
    "imagenet/v2": world.v2,
    "imagenet/r": world.renditions,
    "imagenet/a": world.adversarial,
    "imagenet/sketch": world.sketches,
    "imagenet/objectnet": world.objectnet,
    "imagenet/c": world.corrupted,
    "openood/imagenet": world.openood,
    "imagenet/classic-ood": world.classic,
    "imagenet/o": world.outsiders,
}
FULL_SPECTRUM = "openood/imagenet-full-spectrum"  # of the tree that openood/imagenet is imported from
SHIFTS = ("v2", "r", "a", "sketch", "objectnet")
RESTRICTED = ("r", "a", "objectnet")
CORRUPTIONS = tuple(anew.ALEXNET)
CROP = transforms.CenterCrop(224)
AT_224 = transforms.Compose([transforms.Resize(224, transforms.InterpolationMode.BICUBIC), CROP])
AT_256 = transforms.Compose([transforms.Resize(256, transforms.InterpolationMode.BICUBIC), CROP])


@dataclass(frozen=True, kw_only=True)
class World:
    """The trees' folder, what lies in it, and the way to evaluate a method on what was imported of it."""

    root: Path
    album: Album
    installed: Installed

    def evaluate(self, method: str, benchmark: str, **config: object) -> "Found":
        wanted = find(benchmark)
        pack = open_pack(packs_folder(), wanted.pack)
        runnable, cell = Runnable(description=self.installed.method(method)), Cell(at={"trial": 0}, seed=1)
        request = Request(benchmark=wanted, pack=pack, runnable=runnable, cell=cell, config=config, threads=1)
        evaluated = Evaluator(self.installed, ProcessSandbox(), self.root / "var").run(request, Quiet())
        blob, spans = pack.blob.read_bytes(), pack.spans[evaluated.staged.truth.positions].tolist()
        pictures = [blob[start:end] for start, end in spans]
        return Found(evaluated=evaluated, pictures=pictures, shown=[self.album.of(one) for one in pictures])


@dataclass(frozen=True, kw_only=True)
class Found:
    """A run's figures and arrays, and what the album says of every row's picture."""

    evaluated: Outcome
    pictures: list[bytes]
    shown: list[world.Shown]

    @property
    def figures(self) -> Figures:
        return {(score.metric, score.domain): score.value for score in self.evaluated.evidence.figures}

    @property
    def logits(self) -> np.ndarray:
        return self.evaluated.arrays["logits"]

    def counts(self) -> Counter[str]:
        """Different pictures of each domain."""
        assert len(set(self.pictures)) == len(self.pictures)
        return Counter(shown.domain for shown in self.shown)

    def rows(self, domain: str) -> list[int]:
        return [row for row, shown in enumerate(self.shown) if shown.domain == domain]

    def set(self, domain: str, groups: anew.Groups | None = None) -> Set:
        rows = self.rows(domain)
        found = {"logits": self.logits[rows], "labels": [self.shown[row].label for row in rows]}
        return Set(**found) if groups is None else Set(**found, groups=groups)

    def one_by_one(self, domain: str) -> list[Set]:
        """A set for each picture, as where there is one at each severity."""
        return [Set(logits=self.logits[[row]], labels=[self.shown[row].label]) for row in self.rows(domain)]

    def scores(self, domain: str) -> np.ndarray:
        return self.evaluated.arrays["scores"][self.rows(domain)]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All data sets, imported by the commands."""
    root, album = tmp_path_factory.mktemp("imagenet"), Album()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FARFIELD_VAR", str(root / "var"))
        for name, grow in TREES.items():
            assert main(["data", "import", name, str(grow(root / name.replace("/", "-"), album)), "--subset"]) == 0
        assert main(["data", "import", "imagenet/ood"]) == 0
        assert main(["data", "import", FULL_SPECTRUM, str(root / "openood-imagenet"), "--subset"]) == 0
        yield World(root=root, album=album, installed=describe_installed(ProcessSandbox()))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def shifted(imported: World) -> Found:
    return imported.evaluate("lite0", "imagenet-ood/imagenet")


@pytest.fixture(scope="module")
def corrupted(imported: World) -> Found:
    """By a method that asks for images resized to 256 and cropped to 224: the same network, as timm prepares images."""
    save_file(network().state_dict(), imported.root / "lite0.safetensors")
    settings = {"model": "tf_efficientnet_lite0", "checkpoint": str(imported.root / "lite0.safetensors")}
    return imported.evaluate("timm-classifier", "imagenet-ood/imagenet-c", **settings)


def groups_of(shift: str) -> anew.Groups | None:
    """The classes of a shift: those of the lists that timm ships, and those that the tree of ObjectNet was made of."""
    if shift == "objectnet":
        return world.objectnet_groups()
    wnids = {"r": classes.imagenet_r(), "a": classes.imagenet_a()}.get(shift)
    return wnids and tuple((classes.numbers()[wnid],) for wnid in wnids)


@cache
def network() -> torch.nn.Module:
    return load()


def logits_of(pictures: list[bytes], prepare: transforms.Compose, mean: float, std: float) -> np.ndarray:
    """The network's logits of images that torchvision prepared."""
    images = [prepare(Image.open(BytesIO(picture)).convert("RGB")) for picture in pictures]
    pixels = torch.from_numpy(np.stack([np.array(image) for image in images])).permute(0, 3, 1, 2).float()
    with torch.inference_mode():
        return network()((pixels - mean) / std).numpy()


def test_all_is_imported_as_a_part_and_intact(imported: World) -> None:
    for name in (*TREES, "imagenet/ood", FULL_SPECTRUM):
        pack = open_pack(packs_folder(), name)
        assert not pack.official
        verify(pack)


# --- the five shifts -------------------------------------------------------------------------------------------------


def test_every_picture_of_the_shifts_is_tested_once_and_no_other(shifted: Found) -> None:
    assert shifted.counts() == {"val": 16, "v2": 10, "r": 12, "a": 12, "sketch": 10, "objectnet": 12}


def test_every_figure_of_the_five_shifts(shifted: Found) -> None:
    clean = shifted.set("val")
    shifts = {name: shifted.set(name, groups_of(name)) for name in SHIFTS}
    expected = anew.over_shifts(clean, shifts, "val") | anew.robustness(clean, shifts, RESTRICTED)
    assert shifted.figures == pytest.approx(expected, abs=1e-9)
    assert 0 < shifted.figures["accuracy", "shifts"] < shifted.figures["accuracy", "id"] < 1


def test_the_logits_are_those_of_the_network_on_what_the_files_show(shifted: Found) -> None:
    rows = [row for name in ("val", "objectnet") for row in shifted.rows(name)[:4]]
    expected = logits_of([shifted.pictures[row] for row in rows], AT_224, 127, 128)
    np.testing.assert_allclose(shifted.logits[rows], expected, atol=1e-3)


def test_all_thousand_classes_on_r_a_and_objectnet_give_other_figures(shifted: Found) -> None:
    for name in RESTRICTED:
        assert anew.accuracy(shifted.set(name)) < shifted.figures["accuracy", name], name


def test_the_first_id_alone_of_objectnets_classes_gives_another_figure(shifted: Found) -> None:
    first = tuple(group[:1] for group in world.objectnet_groups())
    assert anew.accuracy(shifted.set("objectnet", first)) < shifted.figures["accuracy", "objectnet"]


def test_v2s_folders_sorted_as_words_give_other_figures(shifted: Found) -> None:
    words = sorted(map(str, range(1000)))
    right = shifted.set("v2")
    wrong = Set(logits=right.logits, labels=[words.index(str(label)) for label in right.labels])
    assert anew.accuracy(wrong) < shifted.figures["accuracy", "v2"]


def test_the_devkits_numbers_as_labels_give_other_figures(shifted: Found) -> None:
    right = shifted.set("val")
    wrong = Set(logits=right.logits, labels=[999 - label for label in right.labels])
    assert anew.accuracy(wrong) < shifted.figures["accuracy", "val"]


def declared(benchmark: str, figures: dict) -> dict:
    """Those of the figures whose metrics the benchmark declares: no other is stored."""
    metrics = {metric.name for metric in find(benchmark).metrics}
    return {key: value for key, value in figures.items() if key[0] in metrics}


# --- ImageNet-C ------------------------------------------------------------------------------------------------------


def test_fifteen_corruptions_at_five_severities_and_no_extra_one(corrupted: Found) -> None:
    assert corrupted.counts() == {"val": 16, **dict.fromkeys(CORRUPTIONS, 5)}


def test_every_figure_of_imagenet_c(corrupted: Found) -> None:
    clean = corrupted.set("val")
    pooled = {name: corrupted.set(name) for name in CORRUPTIONS}
    severities = {name: corrupted.one_by_one(name) for name in CORRUPTIONS}
    expected = anew.over_shifts(clean, pooled, "val") | anew.corruption_errors(clean, severities)
    assert corrupted.figures == pytest.approx(declared("imagenet-ood/imagenet-c", expected), abs=1e-9)
    assert len({corrupted.figures["corruption-error", name] for name in CORRUPTIONS}) > 5


def test_corrupted_files_are_not_resized_and_clean_ones_are(corrupted: Found) -> None:
    rows = [corrupted.rows(name)[0] for name in CORRUPTIONS[::2]]
    pictures = [corrupted.pictures[row] for row in rows]
    found = corrupted.logits[rows]
    np.testing.assert_allclose(found, logits_of(pictures, transforms.Compose([]), 127.5, 127.5), atol=1e-3)
    assert (np.abs(found - logits_of(pictures, AT_256, 127.5, 127.5)).max(axis=1) > 0.5).all()
    clean = corrupted.rows("val")[:4]
    expected = logits_of([corrupted.pictures[row] for row in clean], AT_256, 127.5, 127.5)
    np.testing.assert_allclose(corrupted.logits[clean], expected, atol=1e-3)


# --- OOD detection ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("benchmark", "groups", "counts"),
    [
        (
            "ood-detection/imagenet",
            {"near": ("ssb-hard", "ninco"), "far": ("inaturalist", "textures", "openimage-o")},
            {"val": 13, **dict.fromkeys(("ssb-hard", "ninco", "inaturalist", "textures", "openimage-o"), 6)},
        ),
        (
            "ood-detection/imagenet-classic",
            {"far": ("inaturalist", "sun", "places", "textures")},
            {"val": 16, **dict.fromkeys(("inaturalist", "sun", "places", "textures"), 6)},
        ),
    ],
    ids=["OpenOOD's lists", "the classic four"],
)
def test_every_figure_of_detection(imported: World, benchmark: str, groups: dict, counts: dict) -> None:
    found = imported.evaluate("energy", benchmark)
    assert found.counts() == counts
    np.testing.assert_allclose(found.evaluated.arrays["scores"], logsumexp(found.logits, axis=1), rtol=1e-5)
    assert {shown.label for shown in found.shown if shown.domain != "val"} == {NO_CLASS}
    sets = {group: {name: found.scores(name) for name in names} for group, names in groups.items()}
    expected = anew.over_sets(found.scores("val"), sets) | {("accuracy", "id"): anew.accuracy(found.set("val"))}
    assert found.figures == pytest.approx(declared(benchmark, expected), abs=1e-9)
    assert 0.5 < found.figures["auroc", "far"] < 1


def test_every_figure_of_imagenet_o(imported: World) -> None:
    """The network is restricted to the folders' classes before the softmax, and AP-out is the authors' headline."""
    found = imported.evaluate("msp", "ood-detection/imagenet-o")
    assert found.counts() == {"val": 8, "imagenet-o": 8}
    known = found.rows("val")
    numbers = sorted(found.shown[row].label for row in known)
    expected = logits_of(found.pictures, AT_224, 127, 128)[:, numbers]
    np.testing.assert_allclose(found.logits, expected, atol=1e-3)
    scores = found.evaluated.arrays["scores"]
    np.testing.assert_allclose(scores, softmax(expected, axis=1).max(axis=1), atol=1e-3)
    figures = anew.over_sets(scores[known], {"near": {"imagenet-o": found.scores("imagenet-o")}})
    labels = [numbers.index(found.shown[row].label) for row in known]
    groups = tuple((number,) for number in range(len(numbers)))
    figures["accuracy", "id"] = anew.accuracy(Set(logits=found.logits[known], labels=labels, groups=groups))
    assert found.figures == pytest.approx(declared("ood-detection/imagenet-o", figures), abs=1e-9)


@pytest.fixture(scope="module")
def spectrum(imported: World) -> Found:
    return imported.evaluate("energy", "ood-detection/imagenet-full-spectrum")


def test_every_figure_of_the_full_spectrum(spectrum: Found) -> None:
    near, far = ("ssb-hard", "ninco"), ("inaturalist", "textures", "openimage-o")
    assert spectrum.counts() == {"val": 13, "v2": 10, "c": 10, "r": 12, **dict.fromkeys((*near, *far), 6)}
    sets = {group: {name: spectrum.scores(name) for name in names} for group, names in (("near", near), ("far", far))}
    every = np.concatenate([spectrum.scores(name) for name in ("val", "v2", "c", "r")])
    pooled = {(f"{m}-full-spectrum", d): value for (m, d), value in anew.over_sets(every, sets).items()}
    expected = anew.over_sets(spectrum.scores("val"), sets) | {("accuracy", "id"): anew.accuracy(spectrum.set("val"))}
    expected |= {key: value for key, value in pooled.items() if "classic" not in key[0]}
    shifted = {"val": 13, "v2": 10, "c": 10, "r": 12}
    right = sum(anew.accuracy(spectrum.set(name)) * count for name, count in shifted.items())
    expected["accuracy-full-spectrum", "id"] = right / sum(shifted.values())
    assert spectrum.figures == pytest.approx(declared("ood-detection/imagenet-full-spectrum", expected), abs=1e-9)
    for group in ("near", "far"):
        assert spectrum.figures["auroc-full-spectrum", group] < spectrum.figures["auroc", group]


def test_the_lists_corrupted_files_are_not_resized(spectrum: Found) -> None:
    rows = spectrum.rows("c")[:4]
    pictures = [spectrum.pictures[row] for row in rows]
    np.testing.assert_allclose(spectrum.logits[rows], logits_of(pictures, transforms.Compose([]), 127, 128), atol=1e-3)


def test_a_training_set_in_another_pack_has_features_too(imported: World) -> None:
    """Those of its images alone, once; what a detector that learns says of them is what it says of the images."""
    first = imported.evaluate("knn", "ood-detection/imagenet", input="lite0")
    second = imported.evaluate("knn", "ood-detection/imagenet", model="lite0")
    assert second.evaluated.cached == {"features": 1.0}
    assert first.figures == pytest.approx(second.figures, abs=1e-9)
    on_images = imported.evaluate("knn", "ood-detection/imagenet", per_class=1000)
    assert on_images.figures == pytest.approx(second.figures, abs=1e-9)
