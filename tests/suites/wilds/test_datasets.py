"""What WILDS fixed of its data sets, as its own package has it."""

import pytest

from farfield_evaluators.suites.wilds.datasets import DATASETS, SOURCE


def test_ten_data_sets_by_the_names_that_wilds_calls_them():
    assert sorted(DATASETS) == [
        "amazon",
        "camelyon17",
        "civilcomments",
        "fmow",
        "globalwheat",
        "iwildcam",
        "ogb-molpcba",
        "poverty",
        "py150",
        "rxrx1",
    ]


@pytest.mark.parametrize(
    ("name", "splits"),
    [
        ("iwildcam", "train val test id_val id_test"),
        ("camelyon17", "train id_val test val"),
        ("rxrx1", "train val test id_test"),
        ("ogb-molpcba", "train val test"),
        ("globalwheat", "train val test id_val id_test"),
        ("civilcomments", "train val test"),
        ("fmow", "train id_val id_test val test"),
        ("poverty", "train id_val id_test val test"),
        ("amazon", "train val id_val test id_test"),
        ("py150", "train val test id_val id_test"),
    ],
)
def test_a_splits_number_is_its_place_and_not_its_names(name, splits):
    assert dict(DATASETS[name].splits) == {split: number for number, split in enumerate(splits.split())}


def test_metadata_end_in_whether_the_domain_is_a_source():
    assert all(dataset.fields[-1] == SOURCE for dataset in DATASETS.values())
    assert DATASETS["poverty"].fields == ("urban", "y", "country", SOURCE)
    assert [name for name, dataset in DATASETS.items() if "y" not in dataset.fields] == [
        "ogb-molpcba",
        "globalwheat",
        "py150",
    ]


def test_source_splits_are_train_but_for_fmow_and_amazon():
    numbers = {n: [d.splits[name] for name in d.source_splits] for n, d in DATASETS.items()}
    assert numbers.pop("fmow") == [0, 1, 2]
    assert numbers.pop("amazon") == [0, 2, 4]
    assert all(rest == [0] for rest in numbers.values())


def test_replicates():
    counts = {name: len(dataset.replicates) for name, dataset in DATASETS.items()}
    assert counts.pop("camelyon17") == 10
    assert (counts.pop("civilcomments"), counts.pop("poverty")) == (5, 5)
    assert set(counts.values()) == {3}
    assert [str(r) for r in DATASETS["poverty"].replicates] == ["fold:A", "fold:B", "fold:C", "fold:D", "fold:E"]
    assert str(DATASETS["camelyon17"].replicates[-1]) == "seed:9"


def test_the_headline_is_reported_first_and_group_fields_are_metadata():
    for dataset in DATASETS.values():
        assert dataset.reported[0] == dataset.headline
        assert dataset.group_field in dataset.fields
        assert set(dataset.source_splits) <= set(dataset.splits)
        assert set(dataset.certain) <= set(dataset.sizes) <= set(dataset.splits)


def test_folders_and_benchmarks():
    assert DATASETS["amazon"].folder == "amazon_v2.1"
    assert DATASETS["ogb-molpcba"].folder == "ogbg_molpcba"
    assert DATASETS["ogb-molpcba"].benchmark == "wilds/molpcba"
