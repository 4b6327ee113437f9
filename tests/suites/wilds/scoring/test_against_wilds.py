"""Every figure of every data set against WILDS' own package, over random predictions: the same to 1e-6.

WILDS means in float32, and we in float64: so no more than that can be asked. Groups are empty, of one example, and all
wrong here.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.suites.wilds.scoring import oracle

from farfield_evaluators.suites.wilds.data.release import Release, with_source
from farfield_evaluators.suites.wilds.datasets import DATASETS
from farfield_evaluators.suites.wilds.scoring import scoring_of
from farfield_evaluators.suites.wilds.scoring.classes import PREDICTED
from farfield_evaluators.suites.wilds.scoring.official import figures_of, test_of
from farfield_evaluators.suites.wilds.scoring.tokens import TYPES
from farfield_evaluators.suites.wilds.scoring.worst_identity import IDENTITIES

test_of.__test__ = False  # type: ignore[attr-defined]  # a function of ours, no test
PRECISION = 1e-6
SPLIT = "test"
Results = Mapping[str, float | None]
few = settings(max_examples=40, deadline=None)
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the reference's own imports


def release_of(name: str, examples: Sequence[Mapping[str, int]], tested: Sequence[bool], **own: Any) -> Release:
    """A data set of these rows of metadata, of which some are in the split that is looked at, the others in train."""
    dataset = DATASETS[name]
    splits = np.where(tested, dataset.splits[SPLIT], dataset.splits["train"])
    columns = {f: np.array([row.get(f, 0) for row in examples]) for f in own.pop("fields", dataset.fields[:-1])}
    metadata, fields = with_source(dataset, splits, columns)
    labels = own.pop("labels", None)
    return Release(
        dataset=dataset,
        splits=splits,
        labels=columns["y"] if labels is None else labels,
        metadata=metadata,
        fields=fields,
        **own,
    )


def ours(release: Release, **outputs: np.ndarray) -> Results:
    scoring, test = scoring_of(release.dataset.name), test_of(release, SPLIT, outputs)
    return scoring.keys.results(test, figures_of(scoring, test))


def agree(own: Results, theirs: Mapping[str, float]) -> None:
    """The same keys, and the same values; what is undefined here is 0 or NaN there, and of no example."""
    assert set(own) == set(theirs)
    for key, value in own.items():
        if value is not None:
            assert value == pytest.approx(theirs[key], abs=PRECISION), key
        elif not math.isnan(theirs[key]):
            assert theirs[key] == 0, key
            _, _, group = key.partition("_") if not key.startswith("detection") else ("", "", key[14:])
            assert own.get(f"count_{group}", 0.0) == 0, key


def of_classes(name: str, rows: Sequence[tuple[int, ...]], fields: Sequence[str]) -> tuple[Release, np.ndarray]:
    """A data set of rows (tested, predicted, ...fields), and what is predicted of the split."""
    release = release_of(name, [dict(zip(fields, row[2:], strict=True)) for row in rows], [bool(r[0]) for r in rows])
    predicted = np.array([row[1] for row in rows])[release.at(SPLIT)]
    return release, predicted


def of_wilds(dataset: Any, release: Release, predicted: np.ndarray) -> dict[str, float]:
    rows = release.at(SPLIT)
    return oracle.results(
        dataset, torch.from_numpy(predicted), torch.from_numpy(release.labels[rows]), release.metadata[rows]
    )


def rows_of(*fields: int, most: int = 30) -> Any:
    """Lists of (tested, predicted, ...), each below so many; at least one example is in the split."""
    row = st.tuples(st.booleans(), *(st.integers(0, size - 1) for size in fields))
    return st.lists(row, min_size=1, max_size=most).filter(lambda rows: any(row[0] for row in rows))


ALL_WRONG = [(True, 1, 0, 0), (True, 1, 0, 0), (True, 0, 1, 0), (False, 0, 3, 0)]


@few
@given(rows_of(5, 5))
@example([(True, 4, 1), (True, 4, 2)])
def test_iwildcam(rows: list[tuple[int, ...]]) -> None:
    from wilds.datasets.iwildcam_dataset import IWildCamDataset

    release, predicted = of_classes("iwildcam", rows, ("y",))
    theirs = of_wilds(oracle.made(IWildCamDataset, release.metadata, release.fields), release, predicted)
    agree(ours(release, predicted=predicted), theirs)


@few
@given(rows_of(2, 4, 2))
@example([(p, r, slide, 0) for p, r, slide, _ in ALL_WRONG])
def test_camelyon17(rows: list[tuple[int, ...]]) -> None:
    from wilds.datasets.camelyon17_dataset import Camelyon17Dataset

    release, predicted = of_classes("camelyon17", rows, ("slide", "y"))
    dataset = oracle.made(Camelyon17Dataset, release.metadata, release.fields)
    dataset._eval_grouper = oracle.grouper(dataset, "slide")
    agree(ours(release, predicted=predicted), of_wilds(dataset, release, predicted))


@few
@given(rows_of(6, 4, 6))
def test_rxrx1(rows: list[tuple[int, ...]]) -> None:
    from wilds.datasets.rxrx1_dataset import RxRx1Dataset

    release, predicted = of_classes("rxrx1", rows, ("cell_type", "y"))
    names = {"cell_type": ("HEPG2", "HUVEC", "RPE", "U2OS")}
    named = Release(**{**vars(release), "values": names})
    dataset = oracle.made(RxRx1Dataset, release.metadata, release.fields, names)
    dataset._eval_grouper = oracle.grouper(dataset, "cell_type")
    agree(ours(named, predicted=predicted), of_wilds(dataset, release, predicted))


REGIONS = ("Asia", "Europe", "Other", "North America")


@few
@given(rows_of(3, 4, 5, 3))
@example([(True, 0, 2, 0, 0)])  # only in Other
@example([(True, 0, 2, 0, 1), (True, 1, 0, 1, 1), (True, 1, 1, 3, 0)])
def test_fmow(rows: list[tuple[int, ...]]) -> None:
    from wilds.datasets.fmow_dataset import FMoWDataset

    release, predicted = of_classes("fmow", rows, ("region", "year", "y"))
    names = {"region": REGIONS, "year": tuple(map(str, range(2002, 2018)))}
    named = Release(**{**vars(release), "values": names})
    dataset = oracle.made(FMoWDataset, release.metadata, release.fields, names)
    dataset._eval_groupers = {name: oracle.grouper(dataset, name) for name in ("year", "region")}
    own, theirs = ours(named, predicted=predicted), of_wilds(dataset, release, predicted)
    agree(own, theirs)
    counted = [own[f"count_region:{name}"] for name in REGIONS[:2] if f"count_region:{name}" in own]
    if own["acc_worst_region"] is None:
        assert not any(counted)


NAMES = ("male", "female", "LGBTQ", "christian", "muslim", "other_religions", "black", "white")
EMPTY_GROUPS = [(True, 1, 1, *([1] * 8)), (True, 0, 0, *([0] * 8))]


@few
@given(rows_of(2, 2, *([2] * 8)))
@example(EMPTY_GROUPS)
def test_civilcomments(rows: list[tuple[int, ...]]) -> None:
    from wilds.datasets.civilcomments_dataset import CivilCommentsDataset

    assume(any(any(row[3:]) for row in rows))  # without any identity WILDS fails
    release, predicted = of_classes("civilcomments", rows, ("y", *NAMES))
    dataset = oracle.made(CivilCommentsDataset, release.metadata, release.fields, _identity_vars=list(NAMES))
    dataset._eval_groupers = [oracle.grouper(dataset, name, "y") for name in NAMES]
    agree(ours(release, predicted=predicted), of_wilds(dataset, release, predicted))


def test_an_empty_group_of_civilcomments_is_the_worst_as_in_wilds_and_only_there() -> None:
    release, predicted = of_classes("civilcomments", EMPTY_GROUPS, ("y", *NAMES))
    found = ours(release, predicted=predicted)
    assert found["acc_avg"] == 1
    assert found["acc_y:0_male:1"] is None
    assert found["acc_wg"] == 0  # of a group that has no comment
    assert len(IDENTITIES) == len(NAMES)
    other, said = of_classes("camelyon17", [(True, 1, 3, 1), (True, 0, 1, 0)], ("slide", "y"))
    assert ours(other, predicted=said)["acc_wg"] == 1


@few
@given(rows_of(5, 8, 5))
@example([(True, 0, 3, 1), (True, 0, 3, 2), (False, 0, 7, 0)])
def test_amazon(rows: list[tuple[int, ...]]) -> None:
    from wilds.datasets.amazon_dataset import AmazonDataset

    release, predicted = of_classes("amazon", rows, ("user", "y"))
    names = {"user": tuple(f"A{number}" for number in range(8))}
    named = Release(**{**vars(release), "values": names})
    dataset = oracle.made(AmazonDataset, release.metadata, release.fields, names, _split_scheme="user")
    dataset._eval_grouper = oracle.grouper(dataset, "user")
    agree(ours(named, predicted=predicted), of_wilds(dataset, release, predicted))


@few
@given(st.lists(st.tuples(st.booleans(), st.integers(-32, 32), st.integers(-32, 32), st.integers(0, 1)), min_size=2))
@example([(True, 1, 1, 0), (True, 1, 5, 0), (True, 0, 1, 1), (True, 3, 2, 1)])
def test_poverty(rows: list[tuple[int, ...]]) -> None:
    from wilds.datasets.poverty_dataset import PovertyMapDataset

    sizes = [sum(bool(row[0]) and row[3] == urban for row in rows) for urban in (0, 1)]
    assume(any(sizes) and 1 not in sizes)  # the reference's correlation of one example raises
    right = np.array([row[2] / 8 for row in rows], np.float64)
    columns = [{"urban": row[3], "y": row[2] / 8} for row in rows]
    release = release_of("poverty", columns, [bool(row[0]) for row in rows], labels=right)
    chosen = release.at(SPLIT)
    told = np.array([row[1] / 8 for row in rows])[chosen].reshape(-1, 1)
    dataset = oracle.made(PovertyMapDataset, release.metadata, release.fields)
    dataset._eval_grouper = oracle.grouper(dataset, "urban")
    truth = torch.from_numpy(right[chosen].astype(np.float32)[:, None])
    own = ours(release, values=told)
    if own["r_wg"] is None:
        assert own["r_urban:0"] is None
        assert own.get("r_urban:1") is None
        return  # the reference takes the lowest of no correlation at all, and raises
    agree(own, oracle.results(dataset, torch.from_numpy(told), truth, release.metadata[chosen]))


MASKED = -100
TYPE_NUMBERS = (MASKED, 0, 1, 2, 3, 4, 5, 6)
TOKEN = st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from(TYPE_NUMBERS))
FILE = st.tuples(st.booleans(), st.tuples(*([TOKEN] * 4)))


@few
@given(st.lists(FILE, min_size=1).filter(lambda files: any(file[0] for file in files)))
@example([(True, ((1, 1, 2), (0, 1, 2), (0, 0, MASKED), (3, 3, 5)))])  # no class, no method
def test_py150(files: list[tuple[bool, tuple[tuple[int, int, int], ...]]]) -> None:
    from wilds.datasets.py150_dataset import Py150Dataset

    numbers = np.array([[token for token in tokens] for _, tokens in files])  # noqa: C416
    labels = np.where(numbers[:, :, 2] == MASKED, np.nan, numbers[:, :, 1])
    types = [f"tok_{i}_type" for i in range(4)]
    rows = [dict(zip(types, of.tolist(), strict=True)) for of in numbers[:, :, 2]]
    release = release_of("py150", rows, [file[0] for file in files], labels=labels, fields=("repo", *types))
    chosen = release.at(SPLIT)
    predicted = numbers[:, :, 0][chosen]
    numbered = {name: number for number, name in enumerate(TYPES)} | {"masked": MASKED}
    dataset = oracle.made(Py150Dataset, release.metadata, release.fields, _TYPE2ID=numbered)
    theirs = oracle.results(
        dataset, torch.from_numpy(predicted), torch.from_numpy(labels[chosen]).float(), release.metadata[chosen]
    )
    agree(ours(release, **{PREDICTED: predicted}), theirs)


MOLECULE = st.tuples(st.tuples(*([st.integers(-3, 3)] * 3)), st.tuples(*([st.sampled_from([0.0, 1.0, np.nan])] * 3)))


@few
@given(st.lists(MOLECULE, min_size=1, max_size=20))
def test_molpcba(molecules: list[tuple[tuple[int, ...], tuple[float, ...]]]) -> None:
    from ogb.graphproppred.evaluate import Evaluator

    scores = np.array([m[0] for m in molecules], np.float64)
    labels = np.array([m[1] for m in molecules], np.float64)
    rows = [{"scaffold": 0} for _ in molecules]
    release = release_of("ogb-molpcba", rows, [True] * len(rows), labels=labels)
    own = ours(release, values=scores)
    defined = [{0.0, 1.0} <= {*column.tolist()} for column in labels.T]
    if not any(defined):
        assert own == {"ap": None}  # the reference raises
        return
    whole = Evaluator("ogbg-molpcba")
    whole.num_tasks = labels.shape[1]
    theirs = whole.eval({"y_true": labels, "y_pred": scores})
    agree(own, theirs)


BOX = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 5), st.integers(1, 5))
DETECTED = st.tuples(BOX, st.sampled_from([0.25, 0.5, 0.75, 1.0]))
IMAGE = st.tuples(st.booleans(), st.integers(0, 2), st.lists(BOX, max_size=4), st.lists(DETECTED, max_size=4))


@few
@given(st.lists(IMAGE, min_size=1, max_size=8).filter(lambda images: any(image[0] for image in images)))
@example([(True, 1, [(0, 0, 4, 4)], [((0, 0, 4, 4), 0.75), ((0, 0, 4, 5), 0.75), ((5, 5, 1, 1), 0.5)])])
@example([(True, 2, [], []), (True, 0, [], [((0, 0, 1, 1), 1.0)])])
def test_globalwheat(images: list[Any]) -> None:
    from wilds.common.metrics.all_metrics import DetectionAccuracy
    from wilds.datasets.globalwheat_dataset import GlobalWheatDataset

    names = {"session": ("Arvalis_1", "Arvalis_2", "UQ_1")}
    right = [corners(image[2]) for image in images]
    release = release_of(
        "globalwheat",
        [{"session": image[1]} for image in images],
        [image[0] for image in images],
        labels=np.concatenate(right),
        rows=np.array([len(boxes) for boxes in right]),
        values=names,
    )
    chosen = release.at(SPLIT).tolist()
    said = [corners([box for box, _ in images[at][3]]) for at in chosen]
    scores = [np.array([score for _, score in images[at][3]], np.float32) for at in chosen]
    counts = np.array([len(boxes) for boxes in said])
    dataset = oracle.made(GlobalWheatDataset, release.metadata, release.fields, names, _metric=DetectionAccuracy())
    dataset._eval_grouper = oracle.grouper(dataset, "session")
    predicted = [
        {"boxes": torch.from_numpy(boxes).float(), "scores": torch.from_numpy(score)}
        for boxes, score in zip(said, scores, strict=True)
    ]
    truth = [{"boxes": torch.from_numpy(right[at]).float()} for at in chosen]
    theirs = oracle.results(dataset, predicted, truth, release.metadata[chosen])
    own = ours(
        release,
        boxes=np.concatenate(said),
        scores=np.concatenate(scores),
        **{"boxes-rows": counts, "scores-rows": counts},
    )
    agree(own, theirs)


def corners(boxes: Sequence[tuple[int, ...]]) -> np.ndarray:
    """x1, y1, x2, y2 [n, 4] of boxes as x, y, width and height."""
    array = np.array(boxes, np.float64).reshape(-1, 4)
    return np.concatenate([array[:, :2], array[:, :2] + array[:, 2:]], axis=1)


def test_our_means_are_in_double_precision() -> None:
    rows = [(True, 1, 0, 1), (True, 0, 0, 1), (True, 0, 0, 1)]
    release, predicted = of_classes("camelyon17", rows, ("slide", "y"))
    assert ours(release, predicted=predicted)["acc_avg"] == 1 / 3  # float32 has .33333334
