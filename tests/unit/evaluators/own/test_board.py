"""From a table with groups to figures: the board of one's own scores as any other."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.evaluators.own.made import HEAD, picture

from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.importer import import_own
from farfield_evaluators.own.reader import read_text
from farfield_evaluators.scoring.group_sizes import group_sizes
from farfield_evaluators.staging import stage

TEXT = f"""{HEAD}
[data]
kind = "table"
groups = ["place"]
[[tests]]
name = "test"
where = {{ split = "test" }}
[[columns]]
metric = "accuracy"
on = "test"
worst_over = ["place", "class"]
[[columns]]
metric = "accuracy"
on = "id"
[[columns]]
metric = "accuracy"
on = "test"
mean_over = ["place"]
"""
# cows on meadows are many, and cows on beaches are few
COUNTS = {("cow", "meadow"): 6, ("cow", "beach"): 2, ("camel", "meadow"): 2, ("camel", "beach"): 6}


def table(root: Path) -> Path:
    rows = [(kind, place) for (kind, place), count in COUNTS.items() for _ in range(count)]
    lines = []
    for number, (kind, place) in enumerate(rows):
        picture(root / f"{number}.png")
        lines.append(f"{number}.png,{kind},{place},test\n")
    (root / "index.csv").write_text("path,class,place,split\n" + "".join(lines))
    return root / "index.csv"


def test_the_worst_group_is_the_headline(tmp_path: Path) -> None:
    spec = read_text(TEXT, "toys", "toys.toml")
    board, pack = benchmark_of(spec), import_own(spec, table(tmp_path / "d"), tmp_path / "packs")
    truth = stage(board, pack, tmp_path / "inputs", None)
    place = truth.attributes["place"]
    guessed = np.where(np.array(place.values)[place.numbers] == "meadow", 1, 0)  # a method that looks at the place
    logits = np.eye(2, dtype=np.float32)[guessed]
    figures = {(f.metric, f.domain): f for f in evaluate(board, truth, {"logits": logits})}
    assert [c.name for c in pack.classes] == ["camel", "cow"]
    assert figures["worst-place-label-accuracy", "test"].value == 0
    assert figures["worst-place-label-accuracy", "test"].n == 2
    assert figures["accuracy", "id"].value == 0.75
    assert figures["mean-place-accuracy", "test"].value == pytest.approx(0.75)


def test_beside_the_average_the_groups_and_a_plot_are_shown(tmp_path: Path) -> None:
    both = TEXT.replace('"accuracy"\non = "id"', '"accuracy"\non = "test"\ntitle = "Average"')
    spec = read_text(both, "toys", "toys.toml")
    board, pack = benchmark_of(spec), import_own(spec, table(tmp_path / "d"), tmp_path / "packs")
    truth = stage(board, pack, tmp_path / "inputs", None)
    logits = np.eye(2, dtype=np.float32)[truth.labels]  # always right
    of_groups = {f.domain: f.n for f in evaluate(board, truth, {"logits": logits}) if "[" in f.domain}
    assert of_groups == {f"test[place={place}, label={kind}]": count for (kind, place), count in COUNTS.items()}
    assert [(plot.x.title, plot.y.metric) for plot in board.plots] == [("Average", "worst-place-label-accuracy")]
    assert {size.name: size.count for size in group_sizes(board, pack)} == of_groups
    alone = benchmark_of(read_text(TEXT, "toys", "toys.toml"))
    assert (alone.plots, len(alone.scorers)) == ((), 3)  # no average on the test, so nothing to set against it


def test_a_figure_that_so_few_classes_do_not_have_is_told_at_import(tmp_path: Path) -> None:
    spec = read_text(TEXT.replace('"accuracy"\non = "id"', '"top5"\non = "id"'), "toys", "toys.toml")
    with pytest.raises(ImportProblems, match="top5 is defined for more than 5 classes, and the data have 2"):
        import_own(spec, table(tmp_path / "d"), tmp_path / "packs")
