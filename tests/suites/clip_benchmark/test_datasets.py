"""The data sets are those that CLIP_benchmark lists, with the prompts that it would take for each."""

import json
from pathlib import Path
from typing import Any

import clip_benchmark
import pytest

from farfield_evaluators.catalog import find
from farfield_evaluators.data.errors import PackError
from farfield_evaluators.suites.clip_benchmark.captions import CAPTION_SETS
from farfield_evaluators.suites.clip_benchmark.data.names import class_names, prompts
from farfield_evaluators.suites.clip_benchmark.datasets import DATA_SETS
from farfield_evaluators.suites.clip_benchmark.plan import ZERO_SHOT
from farfield_evaluators.suites.clip_benchmark.reported import REPORTED

LISTED = """
fer2013 voc2007 voc2007_multilabel sun397 cars fgvc_aircraft mnist stl10 gtsrb country211 renderedsst2 vtab/caltech101
vtab/cifar10 vtab/cifar100 vtab/clevr_count_all vtab/clevr_closest_object_distance vtab/diabetic_retinopathy vtab/dmlab
vtab/dsprites_label_orientation vtab/dsprites_label_x_position vtab/dsprites_label_y_position vtab/dtd vtab/eurosat
vtab/kitti_closest_vehicle_distance vtab/flowers vtab/pets vtab/pcam vtab/resisc45 vtab/smallnorb_label_azimuth
vtab/smallnorb_label_elevation vtab/svhn
"""  # benchmark/webdatasets.txt at 48de38c, without captions, ImageNet and its shifts
FURTHER = {"food101", "vtab/cub"}
SUITE = Path(clip_benchmark.__file__).parent / "datasets"


def listed(name: str) -> Any:
    return json.loads((SUITE / name).read_text(encoding="utf-8"))


def test_every_listed_data_set_has_a_board() -> None:
    assert {dataset.key for dataset in DATA_SETS} == {*LISTED.split(), *FURTHER}
    assert all(find(dataset.name).title == dataset.title for dataset in DATA_SETS)


def test_prompts_and_names_are_the_packages_where_the_data_bring_none(tmp_path: Path) -> None:
    templates, names = listed("en_zeroshot_classification_templates.json"), listed("en_classnames.json")
    for dataset in DATA_SETS:
        theirs = templates.get(dataset.short, templates["imagenet1k"])
        name = "hot dog"
        assert [text.replace("{}", name) for text in prompts(tmp_path, dataset.short)] == [
            text.format(c=name) for text in theirs
        ]
        if dataset.short in names:
            assert list(class_names(tmp_path, dataset.short)) == names[dataset.short]
    with pytest.raises(PackError, match="neither the data nor the package clip-benchmark name the classes of cars"):
        class_names(tmp_path, "cars")


def test_published_figures_stand_beside_the_boards_of_zero_shot_entries() -> None:
    by_board = {each.benchmark for each in REPORTED}
    named = {d.name for d in DATA_SETS if d.key not in {*FURTHER, "vtab/dsprites_label_y_position"}}
    assert by_board == named | {d.name for d in CAPTION_SETS}
    (one,) = (r for r in REPORTED if r.benchmark == "clip-benchmark/mnist" and r.method == "ViT-B-32 openai")
    assert one.tiers == (ZERO_SHOT,)
    assert one.figures["accuracy", "test"] == 0.4855
    several = [r for r in REPORTED if r.benchmark == "clip-benchmark/voc2007-multilabel"]
    assert [list(each.figures) for each in several] == [[("mean-average-precision", "test")]] * 13
    captions = [r for r in REPORTED if r.benchmark == "clip-benchmark/mscoco-captions"]
    assert len(captions) == 13
    (one,) = (r for r in captions if r.method == "ViT-B-32 openai")
    assert one.figures == {("image-recall-5", "test"): 0.5585, ("text-recall-5", "test"): 0.7482}
