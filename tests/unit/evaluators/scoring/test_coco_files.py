"""Files of annotations and results give pycocotools' arrays to the bit; what is wrong is told by its index."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as masks_of
from tests.unit.evaluators.scoring.coco_cases import CLASSES, Case, case, reference

from farfield_evaluators.scoring.coco.annotations import read_truth
from farfield_evaluators.scoring.coco.curves import Curves
from farfield_evaluators.scoring.coco.figures import FIGURES
from farfield_evaluators.scoring.coco.files import score_files
from farfield_evaluators.scoring.coco.matching import curves
from farfield_evaluators.scoring.coco.problems import MOST_PROBLEMS, CocoRefused
from farfield_evaluators.scoring.coco.records import problems_of
from farfield_evaluators.scoring.coco.results import PORTION, read_results

CASES = 25  # of one example, whose files are written one over the other
KINDS = ("bbox", "segm")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of pycocotools


def written(folder: Path, document: Any, results: Any) -> tuple[Path, Path]:
    paths = folder / "truth.json", folder / "results.json"
    for path, value in zip(paths, (document, results), strict=True):
        path.write_text(json.dumps(value), encoding="utf-8")
    return paths


def ours(folder: Path, own: Case, iou_type: str) -> Curves:
    annotations, results = written(folder, own.document, own.results)
    masks = iou_type == "segm"
    truth = read_truth(annotations, masks=masks)
    return curves(truth.objects, read_results(results, truth, masks=masks), truth.sizes, CLASSES)


def check(folder: Path, seed: int) -> None:
    own = case(seed)
    for iou_type in KINDS if own.results else ():
        theirs, mine = reference(own, iou_type), ours(folder, own, iou_type)
        assert np.array_equal(mine.precision, theirs.eval["precision"]), (seed, iou_type)
        assert np.array_equal(mine.recall, theirs.eval["recall"]), (seed, iou_type)
        summed = [mine.value(name, range(CLASSES)) for name in FIGURES]
        order = [*range(6), 8, 6, 7, *range(9, 12)]  # pycocotools has AR at 1 and 10 detections before that at 100
        assert [-1.0 if value is None else value for value in summed] == [theirs.stats[place] for place in order]


@settings(max_examples=22, deadline=None, derandomize=True)
@given(first=st.integers(0, 2**40))
def test_every_array_is_pycocotools_to_the_bit(first: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("case")
    for seed in range(first, first + CASES):
        check(folder, seed)


CATEGORIES = (1, 2, 4, 5, 90)


def truth_document() -> dict[str, Any]:
    images = [{"id": number, "height": 40, "width": 60} for number in (7, 3, 5)]
    box = [5, 5, 20, 20]
    outline = [[5, 5, 25, 5, 25, 25, 5, 25]]
    annotations = [
        {"id": n, "image_id": image, "category_id": category, "bbox": box, "area": 400, "iscrowd": 0}
        | {"segmentation": outline}
        for n, (image, category) in enumerate([(7, 1), (3, 2), (5, 4), (3, 90)], 1)
    ]
    names = [{"id": number, "name": f"class {number}"} for number in CATEGORIES]
    return {"images": images, "annotations": annotations, "categories": names}


def detection(**changed: Any) -> dict[str, Any]:
    usual = {"image_id": 3, "category_id": 2, "bbox": [5, 5, 20, 20], "score": 0.5, "segmentation": whole_image()}
    return {name: value for name, value in {**usual, **changed}.items() if value is not None}


def whole_image() -> dict[str, Any]:
    mask = np.ones((40, 60), np.uint8, order="F")
    coded = masks_of.encode(mask)
    return {"size": [40, 60], "counts": coded["counts"].decode()}


def problems(folder: Path, results: Any, *, masks: bool = False) -> list[tuple[str, str, str]]:
    """Code, place and sentence of each; no figure comes of such files."""
    paths = written(folder, truth_document(), results)
    with pytest.raises(CocoRefused) as caught:
        score_files(*paths, lambda ids: {"": ids}, masks=masks)
    return [(problem.code, problem.where, problem.says) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"image_id": 4}, "results.unknown_image"),
        ({"image_id": "3"}, "results.unknown_image"),
        ({"image_id": 3.0}, "results.unknown_image"),
        ({"image_id": True}, "results.unknown_image"),
        ({"image_id": 10**400}, "results.unknown_image"),
        ({"category_id": 3}, "results.unknown_category"),
        ({"category_id": 91}, "results.unknown_category"),
        ({"bbox": [1, 2, -3, 4]}, "results.bad_value"),
        ({"bbox": [1, 2, 3, float("nan")]}, "results.bad_value"),
        ({"bbox": [1, 2, 3, float("inf")]}, "results.bad_value"),
        ({"bbox": [1, 2, 3]}, "results.bad_value"),
        ({"bbox": [1, 2, 3, True]}, "results.bad_value"),
        ({"bbox": "1234"}, "results.bad_value"),
        ({"bbox": None}, "results.missing_key"),
        ({"score": -0.1}, "results.bad_value"),
        ({"score": float("nan")}, "results.bad_value"),
        ({"score": "0.5"}, "results.bad_value"),
        ({"score": 10**400}, "results.bad_value"),
    ],
)
def test_a_bad_record_is_named_by_its_index(changed: dict[str, Any], code: str, tmp_path: Path) -> None:
    place = PORTION + 2  # of the second portion, all of whose others are fine
    listed = [detection() for _ in range(place)] + [detection(**changed), detection()]
    assert (code, f"results[{place}]") in [each[:2] for each in problems(tmp_path, listed)]
    assert {where for _, where, _ in problems(tmp_path, listed)} <= {f"results[{place}]", "category_id"}


@pytest.mark.parametrize(
    "mask",
    [
        None,
        [[5, 5, 25, 5, 25, 25, 5, 25]],
        {"size": [40, 60]},
        {"size": [60, 40], "counts": whole_image()["counts"]},
        {"size": [40, 60], "counts": "04"},
        {"size": [40, 60], "counts": ""},
        {"size": [40, 60], "counts": "\u00e9"},
        {"size": [40, 60], "counts": "0 0"},
        {"size": [40, 60], "counts": whole_image()["counts"] + "P"},
        {"size": [40, 60], "counts": "o" * 40 + "0"},
        {"size": [40, 60], "counts": [0, 2400]},
    ],
)
def test_a_mask_that_does_not_fit_is_named_by_its_index(mask: Any, tmp_path: Path) -> None:
    listed = [detection(), detection(segmentation=mask), detection()]
    code = "results.missing_key" if mask is None else "results.bad_mask"
    assert [each[:2] for each in problems(tmp_path, listed, masks=True)] == [(code, "results[1]")]


NONSENSE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 100),
    st.floats(),
    st.text(max_size=4),
    st.lists(st.floats(-9, 9), max_size=5),
)
RECORDS = st.fixed_dictionaries(
    {"image_id": st.sampled_from([3, 5, 7]), "category_id": st.sampled_from(CATEGORIES), "score": st.floats(0, 1)},
    optional={
        "bbox": st.lists(st.floats(0, 99), min_size=4, max_size=4),
        "segmentation": st.builds(lambda: whole_image()),
    },
)
CHANGES = st.dictionaries(
    st.sampled_from(["image_id", "category_id", "score", "bbox", "segmentation"]), NONSENSE, max_size=1
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(records=st.lists(st.tuples(RECORDS, CHANGES), min_size=1, max_size=3), masks=st.booleans())
def test_a_file_is_taken_whole_if_each_of_its_records_is_right_and_not_otherwise(
    records: list[tuple[dict[str, Any], dict[str, Any]]], masks: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    listed = [{**usual, **changed} for usual, changed in records]
    annotations, results = written(tmp_path_factory.getbasetemp(), truth_document(), listed)
    truth = read_truth(annotations, masks=masks)
    wrong = [any(problems_of(each, "", truth, masks=masks)) for each in listed]
    try:
        taken = len(read_results(results, truth, masks=masks).scores)
    except CocoRefused as refused:
        named = {problem.where for problem in refused.problems} - {"category_id", "image_id"}
        assert named == {f"results[{number}]" for number, bad in enumerate(wrong) if bad}
    else:
        assert (taken, any(wrong)) == (len(listed), False)


def test_every_problem_is_told_and_reading_stops_after_many(tmp_path: Path) -> None:
    listed = problems(tmp_path, [detection(image_id=4, score=-1), detection(), detection(category_id=3), 7])
    assert [each[:2] for each in listed] == [
        ("results.unknown_image", "results[0]"),
        ("results.bad_value", "results[0]"),
        ("results.unknown_category", "results[2]"),
        ("results.bad_value", "results[3]"),
    ]
    many = problems(tmp_path, [detection(score=-1) for _ in range(3000)])
    assert len(many) == MOST_PROBLEMS + 1
    assert "no further" in many[-1][2]


@pytest.mark.parametrize(
    ("text", "index"),
    [("", 0), ("{}", 0), ("[", 0), ("[1,]", 1), ("[{}} ]", 1), ("[] []", 0), ('[{"a": 1e', 0), ("[" * 90_000, 0)],
)
def test_a_file_that_is_no_list_is_told_with_the_place_where_it_ends(text: str, index: int, tmp_path: Path) -> None:
    annotations, results = written(tmp_path, truth_document(), [])
    results.write_text(text, encoding="utf-8")
    with pytest.raises(CocoRefused) as caught:
        score_files(annotations, results, lambda ids: {"": ids}, masks=False)
    assert (caught.value.problems[-1].code, caught.value.problems[-1].where) == (
        "results.not_a_list",
        f"results[{index}]",
    )


@pytest.mark.parametrize(
    ("numbers", "says"),
    [
        ((0, 1, 4), "numbers of classes from 0"),
        ((1, 3, 5), "numbers of classes from 1"),
        ((3, 5, 6, 91), "lower by one"),
        ((0, 1, 3, 89), "higher by one"),
    ],
)
def test_another_id_space_is_said_to_be_one(numbers: tuple[int, ...], says: str, tmp_path: Path) -> None:
    code, where, sentence = problems(tmp_path, [detection(category_id=number) for number in numbers])[0]
    assert (code, where) == ("results.other_ids", "category_id")
    assert says in sentence


def test_a_shifted_list_whose_ids_are_all_known_is_seen_by_its_figures(tmp_path: Path) -> None:
    after = dict(zip(CATEGORIES, (*CATEGORIES[1:], CATEGORIES[0]), strict=True))
    right = truth_document()["annotations"]
    results = [
        detection(image_id=each["image_id"], category_id=after[each["category_id"]], bbox=each["bbox"])
        for each in right
    ]
    assert [each[:2] for each in problems(tmp_path, results)] == [("results.other_ids", "category_id")]


def test_images_of_another_set_are_said_to_be(tmp_path: Path) -> None:
    listed = problems(tmp_path, [detection(image_id=number) for number in (1, 2)])
    assert listed[0][:2] == ("results.other_ids", "image_id")


def test_without_a_detection_figures_are_zero_and_it_is_said(tmp_path: Path) -> None:
    for masks in (False, True):
        scored = score_files(*written(tmp_path, truth_document(), []), lambda ids: {"": ids}, masks=masks)
        assert {figure.value for figure in scored.scores} == {0.0}
        assert [remark.code for remark in scored.remarks] == ["scores.no_detections"]


def test_classes_without_an_object_have_no_figure(tmp_path: Path) -> None:
    paths = written(tmp_path, truth_document(), [detection()])
    scored = score_files(*paths, lambda ids: {"": [2], "n": [5], "b": [1, 2]}, masks=False)
    values = {figure.metric: figure.value for figure in scored.scores}
    assert (values["ap"], values["bap"]) == pytest.approx((1.0, 0.5))
    assert not any(name.startswith("nap") for name in values)


@pytest.mark.parametrize(
    ("part", "changed"),
    [
        ("images", {"id": 3}),
        ("images", {"height": 0}),
        ("categories", {"id": "x"}),
        ("annotations", {"image_id": 1}),
        ("annotations", {"category_id": 3}),
        ("annotations", {"bbox": [1, 2, 3]}),
        ("annotations", {"area": -1}),
        ("annotations", {"segmentation": None}),
    ],
)
def test_wrong_annotations_are_named_by_their_index(part: str, changed: dict[str, Any], tmp_path: Path) -> None:
    document = truth_document()
    document[part][0] |= changed
    annotations, _ = written(tmp_path, document, [])
    with pytest.raises(CocoRefused) as caught:
        read_truth(annotations, masks=True)
    where = "images[1]" if changed == {"id": 3} else f"{part}[0]"
    assert where in [problem.where for problem in caught.value.problems]
