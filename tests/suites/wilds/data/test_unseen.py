"""Text and graphs as packs without inputs, on which predictions that were made elsewhere are scored."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.suites.wilds.data import trees
from tests.suites.wilds.submissions import grown, written

from farfield_evaluators.data.packs import Pack, verify
from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.evaluate import evaluate
from farfield_evaluators.run_plan import Cell
from farfield_evaluators.staging import pooled, truth_of
from farfield_evaluators.suites.wilds.command import score
from farfield_evaluators.suites.wilds.data.importers import IMPORTERS, UNSEEN
from farfield_evaluators.suites.wilds.data.truth import truth
from farfield_evaluators.suites.wilds.datasets import DATASETS
from farfield_evaluators.suites.wilds.handed_in import FOLDER, dataset_of
from farfield_evaluators.suites.wilds.scoring import scoring_of
from farfield_evaluators.suites.wilds.text_benchmarks import AMAZON_BOARD, CIVILCOMMENTS_BOARD, TEXT_BENCHMARKS

NAMES = [layout.dataset.name for layout, _ in UNSEEN]
BOARDS = {dataset_of(board).name: board for board in TEXT_BENCHMARKS}
BUILD = {importer.name: importer.build for importer in IMPORTERS}


def imported(name: str, root: Path) -> Pack:
    (pack,) = [layout.pack for layout, _ in UNSEEN if layout.dataset.name == name]
    return BUILD[pack](trees.GROW[name](root), root / "packs", subset=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_has_the_splits_of_the_release_in_its_order(name: str, tmp_path: Path) -> None:
    pack = imported(name, tmp_path)
    verify(pack)
    release = truth(name, tmp_path)
    assert pack.counts() == release.counts()
    order = pack.in_source_order(np.arange(len(pack.spans)))
    if release.labels.ndim == 1:
        assert np.array_equal(pack.labels[order], release.labels[release.splits >= 0])
    else:
        (target,) = {"tokens", "tasks"} & {column.name for column in pack.columns}
        told = pack.column(target).at(order).values.reshape(len(release), -1)
        assert np.array_equal(np.where(told < 0, np.nan, told), release.labels, equal_nan=True)


def test_the_types_of_tokens_are_a_target_beside_the_tokens(tmp_path: Path) -> None:
    pack = imported("py150", tmp_path)
    types = pack.column("token-types").values.reshape(8, -1)
    assert types.shape == pack.column("tokens").values.reshape(8, -1).shape == (8, 5)
    assert (types[:, -1] == -1).all()  # padding
    assert pack.domains[:2] == ("owner/repo0", "owner/repo1")


def test_identities_are_groups_and_the_worst_counts_empty_ones_as_zero(tmp_path: Path) -> None:
    pack = imported("civilcomments", tmp_path)
    positions, domains = pooled(CIVILCOMMENTS_BOARD, pack)
    whole = truth_of(CIVILCOMMENTS_BOARD, pack, positions, domains)
    assert {"male", "lgbtq", "other-religions", "white"} <= set(whole.attributes)
    logits = np.eye(2, dtype=np.float32)[whole.labels]
    figures = {figure.key: figure.value for figure in evaluate(CIVILCOMMENTS_BOARD, whole, {"logits": logits})}
    assert figures["accuracy", "test"] == 1
    assert figures["worst-group-accuracy", "test"] == 0  # nobody names a woman in this tree
    assert figures["accuracy", "test[male=1, label=toxic]"] == 1


def test_a_percentile_over_users(tmp_path: Path) -> None:
    pack = imported("amazon", tmp_path)
    whole = truth_of(AMAZON_BOARD, pack, *pooled(AMAZON_BOARD, pack))
    figures = {
        figure.key: figure.value
        for figure in evaluate(AMAZON_BOARD, whole, {"logits": np.eye(5, dtype=np.float32)[whole.labels]})
    }
    assert figures["tenth-percentile-accuracy", "test"] == figures["worst-group-accuracy", "id-val"] == 1


def test_no_method_is_run_on_text() -> None:
    for benchmark in TEXT_BENCHMARKS:
        assert not benchmark.runs_methods
        assert "only results made elsewhere are taken" in benchmark.no_methods
        assert benchmark.learned_from() == {}
        assert benchmark.handed_in is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_gives_against_the_pack_what_it_gives_at_home(name: str, tmp_path: Path) -> None:
    root, board = grown(name, tmp_path), BOARDS[name]
    pack = BUILD[board.pack](root, tmp_path / "packs", subset=True)
    folder = written(name, root, tmp_path / "mine" / name)
    (tmp_path / "mine.zip").write_bytes(FOLDER.packed(folder, board, ""))
    evidence = FOLDER.read(tmp_path / "mine.zip", board, pack, "")
    chosen = board.plan.digest("", [(Cell(at={}), evidence)])
    figures = {figure.key: figure.value for figure in board.plan.figures(chosen)}
    score(DATASETS[name], root, folder, tmp_path, "text")
    official = json.loads((tmp_path / f"{name}_results.json").read_text())
    assert official.keys() == set(DATASETS[name].evaluated)
    for split, values in official.items():
        for key in DATASETS[name].reported:
            ours = figures[scoring_of(name).keys.metric(key), split.replace("_", "-")]
            assert ours == pytest.approx(values[key], abs=1e-12)


def test_counts_that_are_certain_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ImportProblems, match=r"the split train has 2 examples of 269,038"):
        BUILD["wilds-civilcomments"](trees.civilcomments(tmp_path), tmp_path / "packs")
