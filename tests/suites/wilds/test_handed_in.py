"""A folder handed in as a zip: what a worker makes of it against a pack is what it gives at home."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from tests.suites.wilds.submissions import grown, seeded, written

from farfield.errors import FarfieldError
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.data.packs import Pack
from farfield_evaluators.run_plan import Cell, Entrant, Evidence
from farfield_evaluators.suite import ImportRequest
from farfield_evaluators.suites.wilds.benchmarks import CAMELYON17_BOARD, FMOW_BOARD
from farfield_evaluators.suites.wilds.command import score
from farfield_evaluators.suites.wilds.data.importers import IMPORTERS
from farfield_evaluators.suites.wilds.data.truth import READERS
from farfield_evaluators.suites.wilds.entry import SUITE
from farfield_evaluators.suites.wilds.handed_in import FOLDER, dataset_of
from farfield_evaluators.suites.wilds.lines import read_lines
from farfield_evaluators.suites.wilds.scoring import scoring_of
from farfield_evaluators.suites.wilds.submission import (
    EMPTY,
    EXTRA,
    MISSING,
    NOT_A_ZIP,
    NOT_NUMBERS,
    PICKLED,
    SHORT,
    WRONG_BENCHMARK,
    FolderError,
)

BOARD = CAMELYON17_BOARD
BOARDS = [b for b in SUITE.benchmarks if dataset_of(b).name in READERS and not b.name.endswith("-unlabeled")]
WHO = Entrant(identity="1", benchmark=BOARD.name, method="mine")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return grown("camelyon17", tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def pack(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    importer = next(each for each in IMPORTERS if each.name == BOARD.pack)
    return importer.run(ImportRequest(path=root, packs=tmp_path_factory.mktemp("packs"), subset=True))


@pytest.fixture(scope="module")
def folder(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written("camelyon17", root, tmp_path_factory.mktemp("mine") / "camelyon17", seeded, "_epoch:best_pred")


def sent(folder: Path, path: Path, board: Benchmark = BOARD) -> Path:
    path.write_bytes(FOLDER.packed(folder, board, ""))
    return path


def edited(folder: Path, path: Path, **files: bytes | None) -> Path:
    """The zip with some files replaced, or left out."""
    whole = zipfile.ZipFile(io.BytesIO(FOLDER.packed(folder, BOARD, "")))
    held = {name: whole.read(name) for name in whole.namelist()} | files
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in held.items():
            if content is not None:
                archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return path


def file(split: str, seed: int) -> str:
    return f"camelyon17_split:{split}_seed:{seed}.csv"


def codes(error: FarfieldError) -> set[tuple[str, str]]:
    assert isinstance(error, FolderError)
    return {(problem.code, problem.where) for problem in error.problems}


def test_the_same_folder_is_the_same_zip(folder: Path, tmp_path: Path) -> None:
    first, second = (sent(folder, tmp_path / name).read_bytes() for name in ("a.zip", "b.zip"))
    assert first == second
    assert FOLDER.look_into(tmp_path / "a.zip") == {"dataset": "camelyon17", "files": 30}
    assert min(zipfile.ZipFile(tmp_path / "a.zip").namelist()) == file("id_val", 0)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_a_board_has_the_figures_of_the_official_file(board: Benchmark, tmp_path: Path) -> None:
    dataset = dataset_of(board)
    root = grown(dataset.name, tmp_path / "root", images=True)
    importer = next(each for each in IMPORTERS if each.name == board.pack)
    pack = importer.run(ImportRequest(path=root, packs=tmp_path / "packs", subset=True))
    folder = written(dataset.name, root, tmp_path / "mine" / dataset.name)
    evidence = FOLDER.read(sent(folder, tmp_path / "mine.zip", board), board, pack, "")
    whole = Cell(at={})
    assert board.plan.problems("", whole, WHO, evidence) == []
    (group,) = board.plan.groups({})
    figures = {f.key: f for f in board.plan.figures(board.plan.digest(group, [(whole, evidence)]))}
    score(dataset, root, folder, tmp_path, "text")
    official = json.loads((tmp_path / f"{dataset.name}_results.json").read_text())
    count, keys = len(dataset.replicates), scoring_of(dataset.name).keys
    for split, values in official.items():
        for key in dataset.reported:
            figure = figures[keys.metric(key), split.replace("_", "-")]
            assert figure.value == pytest.approx(values[key], abs=1e-12)
            assert figure.trials == count
            assert figure.stderr is not None
            assert figure.stderr * count**0.5 == pytest.approx(values[f"{key}_std"], abs=1e-12)
    assert all((column.metric, column.domain) in figures for column in board.columns)


def test_lines_that_are_not_of_all_replicates_are_not_believed(pack: Pack, folder: Path, tmp_path: Path) -> None:
    evidence = FOLDER.read(sent(folder, tmp_path / "mine.zip"), BOARD, pack, "")
    lines = evidence.lines.splitlines(keepends=True)
    some = "".join(line for line in lines if '"seed:3"' not in line)
    for text, says in [
        (some, "the replicates are"),
        (evidence.lines + lines[0], "twice"),
        (evidence.lines.replace('"accuracy"', '"luck"'), "no metric 'luck'"),
        (evidence.lines + "{}\n", "no figure"),
        (evidence.lines.replace('"value": ', '"value": 1e999, "was": ', 1), "no figure"),
    ]:
        problems = BOARD.plan.problems("", Cell(at={}), WHO, Evidence(lines=text))
        assert any(says in problem for problem in problems), says
    assert BOARD.plan.problems("", Cell(at={"trial": 0}), WHO, evidence)  # a run has none


def test_what_may_leave_is_rounded(pack: Pack, folder: Path, tmp_path: Path) -> None:
    evidence = FOLDER.read(sent(folder, tmp_path / "mine.zip"), BOARD, pack, "")
    ((name, text),) = BOARD.plan.files(Cell(at={}), evidence, lambda value: round(value, 1))
    assert name == "figures.jsonl"
    found, problems = read_lines(text)
    assert not problems
    assert all(line.figure.value == round(line.figure.value, 1) for line in found)


def test_every_problem_is_found_at_home_but_the_number_of_lines(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "camelyon17"
    other.mkdir()
    for path in folder.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    (other / "camelyon17_split:val_seed:0_epoch:best_pred.csv").unlink()
    (other / "camelyon17_split:val_seed:1_epoch:best_pred.csv").write_text("no\n")
    with pytest.raises(FolderError) as caught:
        FOLDER.packed(tmp_path, BOARD, "")
    assert {code for code, _ in codes(caught.value)} == {MISSING, NOT_NUMBERS}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        (file("test", 1), None, MISSING),
        (file("test", 10), b"1\n", EXTRA),
        (file("test", 2), b"\x80\x04K\x01.", PICKLED),
        (file("test", 3), b"one\n", NOT_NUMBERS),
        ("../escape.csv", b"1\n", NOT_A_ZIP),
        (file("test", 5), b"0\n" * (80 << 20), NOT_A_ZIP),
        ("camelyon17_split:test_seed:4.pkl", b"\x80\x04K\x01.", EXTRA),
    ],
)
def test_a_zip_with_a_fault_is_refused_when_it_arrives(
    name: str, content: bytes | None, code: str, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(FolderError) as caught:
        FOLDER.look_into(edited(folder, tmp_path / "mine.zip", **{name: content}))
    assert code in {found for found, _ in codes(caught.value)}


def test_what_only_the_pack_tells_is_found_on_a_worker(pack: Pack, folder: Path, tmp_path: Path) -> None:
    path = edited(folder, tmp_path / "mine.zip", **{file("test", 1): b"1\n", file("val", 2): b"1\n0\n1\n"})
    assert FOLDER.look_into(path)["files"] == 30
    with pytest.raises(FolderError) as caught:
        FOLDER.read(path, BOARD, pack, "")
    assert codes(caught.value) == {
        (SHORT, f"split test, seed:1 ({file('test', 1)})"),
        (SHORT, f"split val, seed:2 ({file('val', 2)})"),
    }


@pytest.mark.parametrize(("content", "code"), [(b"no zip", NOT_A_ZIP), (b"PK\x03\x04 broken", NOT_A_ZIP)])
def test_what_is_no_zip_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_bytes(content)
    with pytest.raises(FolderError) as caught:
        FOLDER.look_into(tmp_path / "mine.zip")
    assert caught.value.code == code


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.writestr("run/results.jsonl", "{}")
    with pytest.raises(FolderError) as caught:
        FOLDER.look_into(tmp_path / "mine.zip")
    assert caught.value.code == EMPTY


def test_it_goes_to_the_benchmark_of_its_data_set() -> None:
    facts = {"dataset": "camelyon17", "files": 30}
    assert FOLDER.refusal(BOARD, "", facts, "mine.zip") is None
    refusal = FOLDER.refusal(FMOW_BOARD, "", facts, "mine.zip")
    assert refusal is not None
    assert (refusal.code, "of camelyon17, not of fmow" in refusal.sentence) == (WRONG_BENCHMARK, True)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)
def test_every_benchmark_has_a_run_for_each_replicate(board: Benchmark) -> None:
    assert board.plan.count("") == len(dataset_of(board).replicates)
    assert board.handed_in is FOLDER
