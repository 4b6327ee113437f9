"""A column of numbers is a board of regression: imported with its targets, scored, and the worst group is found."""

from pathlib import Path

import numpy as np
import pytest
from tests.unit.evaluators.own.made import HEAD, installed, picture

from farfield.cli import main
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.importer import import_own
from farfield_evaluators.own.reader import read_text
from farfield_evaluators.own.spec import OwnError
from farfield_evaluators.staging import stage, told

TEXT = f"""family = "regression"
{HEAD}
[data]
kind = "table"
target = "Wealth"
groups = ["place"]
[train]
where = {{ split = "train" }}
[[tests]]
name = "test"
where = {{ split = "test" }}
[[columns]]
metric = "mse"
on = "test"
worst_over = ["place"]
[[columns]]
metric = "pearson"
on = "test"
[[columns]]
metric = "r2"
on = "id"
"""
METHOD = """
import numpy as np
from farfield import Images, MethodSpec, TaskFamily, TrackClaims, hookimpl

class Red:
    def __init__(self, context):
        assert context.target_names == ("wealth",), context
    def fit(self, train):
        red, right = np.concatenate([self.red(b.inputs) for b in train.batches(4)]), []
        for batch in train.batches(4):
            right.append(batch.targets[:, 0])
        self.line = np.polyfit(red, np.concatenate(right), 1)
    def red(self, images):
        return images[..., 0].mean(axis=(1, 2)).astype(float)
    def predict(self, images):
        return np.polyval(self.line, self.red(images))

@hookimpl
def farfield_methods():
    return [MethodSpec(name="red", family=TaskFamily.REGRESSION, summary="Red.", build=Red,
                       inputs=Images(size=8, crop="center"), claims=TrackClaims(backbone="none"))]
"""


def table(root: Path, *further: str) -> Path:
    """The number is half the red of the image, whose places are two."""
    lines = []
    for number in range(16):
        picture(root / f"{number}.png", number * 10)  # 10,000 and more: red is its lowest byte
        red = (10_000 + number * 10) & 255
        split, place = ("train" if number < 6 else "test"), ("hill", "bay")[number % 2]
        lines.append(f"{number}.png,{red / 2},{place},{split}\n")
    (root / "index.csv").write_text("path,Wealth,place,split\n" + "".join([*lines, *further]))
    return root / "index.csv"


def test_the_numbers_are_targets_and_no_classes(tmp_path: Path) -> None:
    spec = read_text(TEXT, "toys", "toys.toml")
    board, pack = benchmark_of(spec), import_own(spec, table(tmp_path / "d"), tmp_path / "packs")
    assert [c.metric for c in board.columns] == ["worst-place-mse", "pearson", "r2"]
    assert (pack.classes, set(pack.labels.tolist())) == ((), {-1})
    truth = stage(board, pack, tmp_path / "inputs", None)
    assert told(board, pack, truth.numbers) == {"target_names": ("wealth",)}
    assert np.load(tmp_path / "inputs" / "train" / "targets.npy").shape == (6, 1)
    right, hill = truth.targets["wealth"], np.array(truth.attributes["place"].values)[truth.attributes["place"].numbers]
    values = (right + np.where(hill == "hill", 2.0, 1.0))[:, None]
    figures = {(f.metric, f.domain): f.value for f in evaluate(board, truth, {"values": values})}
    assert figures["worst-place-mse", "test"] == pytest.approx(4.0)
    assert figures["pearson", "test"] > 0.99


@pytest.mark.parametrize("value", ["", "rich", "nan", "1e999"])
def test_an_image_without_a_number_is_named(tmp_path: Path, value: str) -> None:
    path = table(tmp_path / "d", f"x.png,{value},hill,test\n")
    picture(tmp_path / "d" / "x.png", 999)
    with pytest.raises(ImportProblems) as caught:
        import_own(read_text(TEXT, "toys", "toys.toml"), path, tmp_path / "packs")
    assert list(caught.value.problems) == [f"x.png: {value!r} in the column 'Wealth' is no finite number"]


def test_one_image_with_two_numbers_is_told(tmp_path: Path) -> None:
    path = table(tmp_path / "d", "x.png,1,hill,test\n")
    picture(tmp_path / "d" / "x.png", 0)
    with pytest.raises(ImportProblems, match="0.png: the same image as x.png, under two targets, 8.0 and 1"):
        import_own(read_text(TEXT, "toys", "toys.toml"), path, tmp_path / "packs")


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        (
            'kind = "table"',
            'kind = "folders"',
            "data.kind is 'folders'; regression takes its numbers from table or",
        ),
        ('"place"', '"wealth"', "data.target and data.groups both make the column 'wealth'"),
        ('"Wealth"', '"label"', "data.target: a column may not be called 'label'"),
        ("[train]", "[support]", "support is no part that regression learns from; those are train and val and unlabel"),
        ("[train]", "[target]", "target is no part that regression learns from; those are train and val and unlabeled"),
        ('["place"]\n[[', '["class"]\n[[', "worst_over holds 'class'; allowed are place, domain"),
        ('"pearson"', '"accuracy"', "metric is 'accuracy'; allowed for regression are pearson, mse, r2"),
    ],
)
def test_what_a_board_of_numbers_cannot_be(before: str, after: str, says: str) -> None:
    with pytest.raises(OwnError) as caught:
        read_text(TEXT.replace(before, after), "toys", "toys.toml")
    assert says in str(caught.value)


@pytest.mark.submitted
def test_numbers_become_a_board_through_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    info = site / "red-1.0.dist-info"
    info.mkdir(parents=True)
    (site / "red_method.py").write_text(METHOD)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: red\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[farfield]\nred = red_method\n")
    monkeypatch.setenv("FARFIELD_PLUGIN_PATH", str(site))
    with installed(tmp_path / "var", toys=TEXT):
        assert main(["data", "import", "toys", str(table(tmp_path / "d"))]) == 0
        file = str(tmp_path / "p.npz")
        assert main(["evaluate", "red", "--benchmark", "own/toys", "--save-predictions", file]) == 0
        ran = capsys.readouterr().out
        assert "pearson, test                1.0" in ran
        assert main(["score", "own/toys", file]) == 0
        assert "pearson, test                1.0" in capsys.readouterr().out
        assert main(["benchmarks", "own/toys"]) == 0
        assert "16 images, fingerprint" in capsys.readouterr().out
