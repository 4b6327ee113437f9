"""What CLIP_benchmark exports is imported with the labels, pixels, names and prompts that CLIP_benchmark reads."""

import json
from pathlib import Path
from typing import Any

import clip_benchmark
import numpy as np
import pytest
import torch
from clip_benchmark import webdataset_builder as builder
from clip_benchmark.datasets.builder import build_wds_dataset
from PIL import Image

from farfield.runtime.images import as_rgb, open_image
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.suites.clip_benchmark.data.importer import import_data_set
from farfield_evaluators.suites.clip_benchmark.datasets import DATA_SETS, DataSet
from farfield_evaluators.suites.clip_benchmark.scoring import PRESENT

# webdataset leaves its files to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore:WebDataset.shardshuffle", "ignore::ResourceWarning")
SIDE, COUNT = 9, 6
CLASSES = ("zebra", "cat", "hot dog")
PROMPTS = ("a photo of a {c}.", "a {c}")
SINGLE = DataSet(key="vtab/mine", title="Mine", what="Things", tested=(COUNT, COUNT + 1), paper="None")
SEVERAL = DataSet(key="ours", title="Ours", what="Things", tested=(COUNT, COUNT + 1), paper="None", multilabel=True)
EXPRESSIONS = next(dataset for dataset in DATA_SETS if dataset.key == "fer2013")


class Listed(list[Any]):
    """A data set as CLIP_benchmark's exporter takes it."""

    classes, templates = CLASSES, PROMPTS


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exporter starts eight workers, for six images."""
    plain = torch.utils.data.DataLoader
    monkeypatch.setattr(torch.utils.data, "DataLoader", lambda *args, **of: plain(*args, **{**of, "num_workers": 0}))


def export(root: Path, split: str, labels: list[Any], *, multilabel: bool = False) -> None:
    pictures = [np.random.default_rng(n).integers(0, 256, (SIDE, SIDE, 3), np.uint8) for n in range(len(labels))]
    images = [builder.PIL_to_bytes("webp")(Image.fromarray(pixels)) for pixels in pictures]
    listed = Listed(zip(images, labels, strict=True))
    builder.convert_dataset(listed, split, str(root), max_count=4, multilabel=multilabel, verbose=False)


def by_pixels(samples: list[tuple[Any, Any]]) -> dict[bytes, Any]:
    return {np.asarray(image).tobytes(): label for image, label in samples}


def read_back(root: Path, split: str) -> dict[bytes, Any]:
    return by_pixels([(image, label) for image, label in build_wds_dataset("", None, split, str(root))])


def packed(pack: Pack, name: str, labels: Any) -> dict[bytes, Any]:
    def image(position: int) -> Any:
        start, end = pack.spans[position]
        with open_image(pack.blob.read_bytes()[start:end]) as opened:
            return np.asarray(as_rgb(opened))

    return by_pixels([(image(position), labels(position)) for position in pack.members(name).tolist()])


def test_an_exported_data_set_is_imported_as_clip_benchmark_reads_it(tmp_path: Path) -> None:
    export(tmp_path / "data", "test", [0, 2, 1, 1, 0, 2])
    export(tmp_path / "data", "train", [0, 0, 1, 2, 1, 2, 0])
    pack = import_data_set(SINGLE, tmp_path / "data", tmp_path / "packs")
    assert (pack.official, tuple(each.name for each in pack.classes)) == (True, CLASSES)
    assert pack.prompts == ("a photo of a {}.", "a {}")
    for split, name in (("test", "test"), ("train", "shots-all")):
        theirs = read_back(tmp_path / "data", split)
        assert len(theirs) == (COUNT if split == "test" else COUNT + 1)
        assert packed(pack, name, lambda position: int(pack.labels[position])) == theirs
    assert pack.counts()["shots-2"] == 6


def test_an_image_that_shows_several_classes_has_them_in_a_column(tmp_path: Path) -> None:
    shown = [np.array(row, np.float32) for row in ([1, 0, 1], [0, 0, 0], [1, 1, 1], [0, 1, 0], [0, 0, 1], [1, 0, 0])]
    export(tmp_path / "data", "test", shown, multilabel=True)
    pack = import_data_set(SEVERAL, tmp_path / "data", tmp_path / "packs")
    theirs = {pixels: np.flatnonzero(label).tolist() for pixels, label in read_back(tmp_path / "data", "test").items()}
    assert packed(pack, "test", lambda position: pack.column(PRESENT).of(position).reshape(-1).tolist()) == theirs
    assert (pack.labels == -1).all()


def test_a_folder_for_each_class_gets_the_packages_names_and_prompts(tmp_path: Path) -> None:
    names = json.loads((Path(clip_benchmark.__file__).parent / "datasets" / "en_classnames.json").read_text())
    for number, name in enumerate(sorted(["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"])):
        place = tmp_path / "data" / "test" / name / "0.png"
        place.parent.mkdir(parents=True)
        Image.fromarray(np.full((SIDE, SIDE, 3), 30 * number, np.uint8)).save(place)
    pack = import_data_set(EXPRESSIONS, tmp_path / "data", tmp_path / "packs", subset=True)
    assert [each.name for each in pack.classes] == names["fer2013"]
    levels = packed(pack, "test", lambda position: int(pack.labels[position]))
    assert {pixels[0]: label for pixels, label in levels.items()} == {30 * number: number for number in range(7)}
    assert (pack.official, pack.prompts[0]) == (False, "a photo of a {} looking face.")


def test_what_is_wrong_with_a_copy_is_said(tmp_path: Path) -> None:
    export(tmp_path / "few", "test", [0, 1, 7])
    with pytest.raises(ImportProblems, match="3 images, not 6 or 7; 3 missing") as refused:
        import_data_set(SINGLE, tmp_path / "few", tmp_path / "packs")
    assert refused.value.problems[1].endswith("s0000002.webp: the class 7, of 3 that are named")
    (tmp_path / "few" / "test" / "nshards.txt").write_text("2")
    with pytest.raises(PackError, match=r"1\.tar cannot be read as a tar file"):
        import_data_set(SINGLE, tmp_path / "few", tmp_path / "packs")
    with pytest.raises(PackError, match=r"expected nshards\.txt and tar files; export vtab/mine with CLIP_benchmark's"):
        import_data_set(SINGLE, tmp_path / "none", tmp_path / "packs")
