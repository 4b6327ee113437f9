"""What the boards of long tails declare: conventions in names, protocols, who may enter, what is reported."""

import numpy as np

from farfield_evaluators.catalog import catalog, reported_for
from farfield_evaluators.data.columns import Attribute
from farfield_evaluators.evaluate import Truth, evaluate
from farfield_evaluators.suites.longtail import benchmarks
from farfield_evaluators.suites.longtail.entry import SUITE
from farfield_evaluators.suites.longtail.shots import BUCKETS, DECOUPLING, OLTR, SMALL

FEW = ("few-accuracy-le20", "few-accuracy-lt20")
BY_LISTS = (benchmarks.IMAGENET_LT, benchmarks.PLACES_LT, benchmarks.INATURALIST)


def test_a_board_of_lists_has_every_bucket_by_both_conventions() -> None:
    for benchmark in BY_LISTS:
        columns = {column.metric: column.title for column in benchmark.columns}
        for convention in (OLTR, DECOUPLING):
            for bucket in BUCKETS:
                assert f"({convention.sign(bucket)})" in columns[f"{bucket}-accuracy-{convention.bounds[bucket]}"]
        assert benchmark.columns[0].metric == "accuracy"
        assert benchmark.groups == (OLTR.column, DECOUPLING.column)
        assert len(set(columns.values())) == len(columns)


def test_the_drawings_are_ranked_by_few_shot_accuracy() -> None:
    assert benchmarks.DRAWINGS.columns[0].metric == "few-accuracy-le8"


def test_a_board_plots_all_classes_against_few_shot_ones_by_each_convention() -> None:
    for benchmark, few in [(benchmarks.DRAWINGS, ["few-accuracy-le8"]), *((b, list(FEW)) for b in BY_LISTS)]:
        assert [(plot.x.metric, plot.y.metric) for plot in benchmark.plots] == [("accuracy", name) for name in few]


def test_the_drawings_have_a_figure_of_each_class() -> None:
    labels = np.array([0, 0, 1, 2])
    buckets = Attribute(numbers=np.array([0, 0, 1, 2]), values=BUCKETS)
    truth = Truth(
        labels=labels,
        domains=np.zeros(4, np.int64),
        classes=3,
        attributes={SMALL.column: buckets},
        class_names=("ball", "bird", "tool"),
    )
    figures = evaluate(benchmarks.DRAWINGS, truth, {"logits": np.eye(3)[[0, 1, 1, 1]]})
    by_class = {f.domain: (f.value, f.n) for f in figures if "[" in f.domain}
    assert by_class == {"test[label=ball]": (0.5, 2), "test[label=bird]": (1.0, 1), "test[label=tool]": (0.0, 1)}


def test_glts_protocols_are_what_is_trained_on_and_what_is_tested() -> None:
    found = {b.name.rpartition("-")[2]: (b.pack, b.domains[0].set) for b in benchmarks.GLT}
    assert found == {
        "clt": ("longtail-glt-imagenet-lt", "test-bl"),
        "glt": ("longtail-glt-imagenet-lt", "test-bbl"),
        "alt": ("longtail-glt-imagenet-bl", "test-bbl"),
        "iid": ("longtail-glt-imagenet-iid", "test-lt"),
    }


def test_weights_of_the_whole_of_imagenet_do_not_enter_a_tail_of_it() -> None:
    """They were trained on the images that the cut left out, and for GLT on the test images."""
    for benchmark in (benchmarks.IMAGENET_LT, *benchmarks.GLT):
        assert [track.name for track in benchmark.tracks] == ["open", "scratch"]
    assert "imagenet-1k" in [track.name for track in benchmarks.PLACES_LT.tracks]


def test_every_pack_of_a_release_has_its_importer() -> None:
    packs = {benchmark.pack for benchmark in (*BY_LISTS, *benchmarks.GLT, *benchmarks.COCO_GLT)}
    assert packs <= {importer.name for importer in SUITE.importers()} <= set(catalog().importers)


def test_reported_figures_stand_under_the_convention_of_their_code() -> None:
    rows = {row.method: row.figures for row in reported_for("longtail/imagenet-lt")}
    assert rows["ResNeXt-50, De-confound-TDE"] == {
        ("many-accuracy-gt100", "test"): 0.627,
        ("medium-accuracy-20to100", "test"): 0.488,
        ("few-accuracy-lt20", "test"): 0.316,
        ("accuracy", "test"): 0.518,
    }
    assert {metric for figures in rows.values() for metric, _ in figures} == {
        "accuracy",
        *(f"{bucket}-accuracy-{DECOUPLING.bounds[bucket]}" for bucket in BUCKETS),
    }
    assert rows["ResNet-50, PaCo and BatchFormer"] == {("accuracy", "test"): 0.574}
    inaturalist = {row.method: row.figures["accuracy", "test"] for row in reported_for("longtail/inaturalist18")}
    assert inaturalist["ResNet-50, RIDE with 3 experts and BatchFormer"] == 0.741
    assert {row.figures["accuracy", "test"] for row in reported_for("longtail/places-lt")} == {0.302, 0.383}
