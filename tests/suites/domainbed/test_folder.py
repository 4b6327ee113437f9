"""Folders of records: whole sweeps are read and written; unfinished, mixed and edited ones are named."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.suites.domainbed.sweeps import by_hash, record, sweep, vlcs, write

from farfield_evaluators.suites.domainbed import problems
from farfield_evaluators.suites.domainbed.folder import read_sweep
from farfield_evaluators.suites.domainbed.problems import RecordsError
from farfield_evaluators.suites.domainbed.records import Record, folder_name, to_line

Edit = Callable[[list[str]], list[str]]


def lines(run: Path) -> list[str]:
    return (run / "results.jsonl").read_text().splitlines()


def edit(run: Path, by: Edit) -> None:
    (run / "results.jsonl").write_text("".join(f"{line}\n" for line in by(lines(run))))


def refused(folder: Path, *, partial: bool = False) -> RecordsError:
    with pytest.raises(RecordsError) as raised:
        read_sweep(folder, partial=partial)
    return raised.value


def test_a_whole_sweep_is_read_as_it_was_written(tmp_path: Path) -> None:
    records = sweep(by_hash, algorithms=["ERM", "IRM"], trials=2, hparams=2, pairs=True)
    runs = write(tmp_path / "sweep", records)
    assert len(runs) == 2 * 2 * 2 * 6
    assert all((run / "done").read_text() == "done" for run in runs)
    found = read_sweep(tmp_path / "sweep")
    assert found.missing == ()
    assert sorted(map(to_line, found.records)) == sorted(map(to_line, records))


def test_files_are_byte_for_byte_domainbeds(tmp_path: Path) -> None:
    (run,) = write(tmp_path, [record([0.5, 0.25, 1], [0, 0.75, 1], step=0)])
    text = (run / "results.jsonl").read_bytes()
    assert text.endswith(b"}\n")
    assert json.dumps(json.loads(text), sort_keys=True).encode() + b"\n" == text
    assert sorted(p.name for p in run.iterdir()) == ["done", "results.jsonl"]


def test_domainbeds_own_scripts_read_what_we_write(tmp_path: Path) -> None:
    # They take every line without its last character, from each folder's results.jsonl.
    records = sweep(by_hash)
    write(tmp_path, records)
    texts = [f.read_text().splitlines(keepends=True) for f in sorted(tmp_path.glob("*/results.jsonl"))]
    read = [json.loads(line[:-1]) for text in texts for line in text]
    assert len(read) == len(records)
    assert {"args", "hparams", "step", "epoch", "env0_in_acc", "env2_out_acc", "loss", "mem_gb"} <= read[0].keys()


def test_a_run_is_not_written_twice_and_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    records = [record([0.5] * 3, [0.5] * 3)]
    write(tmp_path, records)
    (file,) = tmp_path.glob("*/results.jsonl")
    before = file.read_bytes()
    with pytest.raises(RecordsError, match="already, and was kept") as raised:
        write(tmp_path, [record([0.25] * 3, [0.25] * 3)])
    assert (raised.value.code, file.read_bytes()) == (problems.DUPLICATE, before)
    broken = [record([0.5] * 3, [0.5] * 3, hparams_seed=1, data_dir="x", output_dir=b"no JSON")]
    with pytest.raises(TypeError):
        write(tmp_path, broken)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_run_that_was_launched_and_wrote_nothing_can_be_written(tmp_path: Path) -> None:
    records = [record([0.5] * 3, [0.5] * 3)]
    (tmp_path / folder_name(records[0].args)).mkdir()
    (run,) = write(tmp_path, records)
    assert sorted(p.name for p in run.iterdir()) == ["done", "results.jsonl"]


def test_other_folders_and_files_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, sweep(by_hash))
    (tmp_path / "results.txt").write_text("Total records: 9")
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "a.png").write_text("")
    (tmp_path / ".cache").mkdir()
    assert len(read_sweep(tmp_path).records) == 9


def test_a_folder_of_nothing_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path).code == problems.EMPTY
    assert "there is no such folder" in str(refused(tmp_path / "absent"))
    (run,) = write(tmp_path, [record([0.5] * 3, [0.5] * 3)])
    assert "give the folder above" in str(refused(run))


def test_every_problem_is_named_with_its_file_and_line(tmp_path: Path) -> None:
    runs = write(tmp_path, sweep(by_hash))
    edit(runs[0], lambda text: [text[0], text[1].replace('"step"', '"stop"'), text[2]])
    edit(runs[1], lambda text: [text[0], "hello", text[2].replace('"env1_in_acc"', '"env7_in_acc"')])
    error = refused(tmp_path)
    assert error.code == problems.SEVERAL
    found = {(p.code, p.where) for p in error.problems}
    assert found == {
        (problems.MISSING_KEY, f"{runs[0].name}/results.jsonl:2"),
        (problems.NOT_JSON, f"{runs[1].name}/results.jsonl:2"),
        (problems.WRONG_LENGTH, f"{runs[1].name}/results.jsonl:3"),
    }
    assert f"{runs[0].name}/results.jsonl:2: step is missing" in str(error)


def test_many_problems_are_counted(tmp_path: Path) -> None:
    (run,) = write(tmp_path, [record([0.5] * 3, [0.5] * 3)])
    edit(run, lambda text: ["hello"] * 50)
    assert "and 30 more problems" in str(refused(tmp_path))
    assert len(refused(tmp_path).problems) == 50


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("results.jsonl", b"\xff\xfe\n", problems.UNREADABLE),
        ("results.jsonl", b"\n", problems.NOT_JSON),
        ("out.txt", b"", problems.UNFINISHED),
        ("results.jsonl", b"", problems.UNFINISHED),
    ],
)
def test_a_file_that_is_no_records_is_named(tmp_path: Path, name: str, text: bytes, code: str) -> None:
    write(tmp_path, sweep(by_hash))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / name).write_bytes(text)
    assert any(p.code == code and p.where.startswith("run/results.jsonl") for p in refused(tmp_path).problems)


def test_a_run_that_was_launched_and_wrote_nothing_is_unfinished(tmp_path: Path) -> None:
    write(tmp_path, sweep(by_hash))
    (tmp_path / "d41d8cd98f00b204e9800998ecf8427e").mkdir()
    assert refused(tmp_path).code == problems.UNFINISHED
    assert len(read_sweep(tmp_path, partial=True).records) == 9


def test_an_unfinished_run_is_named_and_shown_only_when_asked_for(tmp_path: Path) -> None:
    runs = write(tmp_path, sweep(by_hash), done=False)
    edit(runs[2], lambda text: text[:1])
    error = refused(tmp_path)
    assert error.code == problems.UNFINISHED
    assert f"{runs[2].name}/results.jsonl: the run ends with step 0 of 200" in str(error)
    assert "add --partial" in str(error)
    found = read_sweep(tmp_path, partial=True)
    assert len(found.records) == 7
    assert [p.code for p in found.missing] == [problems.UNFINISHED]


def test_a_line_that_was_cut_off_in_writing_is_unfinished(tmp_path: Path) -> None:
    runs = write(tmp_path, sweep(by_hash), done=False)
    file = runs[0] / "results.jsonl"
    file.write_bytes(file.read_bytes()[:-40])
    assert "results.jsonl:3: the last line has no end" in str(refused(tmp_path))
    assert len(read_sweep(tmp_path, partial=True).records) == 8


@pytest.mark.parametrize("marked", [True, False])
def test_a_run_marked_done_lacks_nothing(tmp_path: Path, marked: bool) -> None:
    runs = write(tmp_path, sweep(by_hash), done=marked)
    edit(runs[0], lambda text: text[:2])
    if marked:
        error = refused(tmp_path, partial=True)
        assert error.code == problems.WRONG_LENGTH
        assert "no record of step 200, and is done" in str(error)
    else:
        assert len(read_sweep(tmp_path, partial=True).records) == 8


def test_a_record_missing_in_the_middle_is_never_just_unfinished(tmp_path: Path) -> None:
    runs = write(tmp_path, sweep(by_hash), done=False)
    edit(runs[0], lambda text: [text[0], text[2]])
    assert "no record of step 100, and goes on after it" in str(refused(tmp_path, partial=True))


def test_a_step_that_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    runs = write(tmp_path, sweep(by_hash))
    edit(runs[0], lambda text: [text[0], text[1], text[1].replace('"step": 100', '"step": 150'), text[2]])
    (problem,) = refused(tmp_path, partial=True).problems
    assert problem.code == problems.WRONG_LENGTH
    assert problem.says == "step 150 is no checkpoint of this run; they are 0, 100, 200"


def test_missing_runs_are_counted_and_named(tmp_path: Path) -> None:
    records = sweep(by_hash, algorithms=["ERM", "IRM"], trials=2, hparams=3, pairs=True)
    absent = {("IRM", (0, 2), 1, 0), ("IRM", (2,), 2, 1)}

    def kept(r: Record) -> bool:
        cell = r.cell
        return (cell.algorithm, cell.test_envs, cell.hparams_seed, cell.trial_seed) not in absent

    write(tmp_path, filter(kept, records))
    (problem, _) = refused(tmp_path).problems
    assert problem.says == (
        "IRM on ColoredMNIST: 2 of 36 runs are missing: test_envs [0, 2] hparams_seed 1 trial_seed 0; "
        "test_envs [2] hparams_seed 2 trial_seed 1"
    )


def test_a_sweep_that_starts_at_a_later_draw_is_whole(tmp_path: Path) -> None:
    records = [r for r in sweep(by_hash, hparams=4) if r.args["hparams_seed"] >= 2]
    write(tmp_path, records)
    assert read_sweep(tmp_path).missing == ()


def test_trials_are_counted_from_0(tmp_path: Path) -> None:
    write(tmp_path, [r for r in sweep(by_hash, trials=3) if r.args["trial_seed"] > 0])
    assert "3 of 9 runs are missing: test_envs [0] hparams_seed 0 trial_seed 0" in str(refused(tmp_path))


def test_seeds_beyond_all_bounds_take_no_time(tmp_path: Path) -> None:
    far = record([0.5] * 3, [0.5] * 3, hparams_seed=2**31 - 1, trial_seed=2**31 - 1, steps=1)
    write(tmp_path, [far, record([0.5] * 3, [0.5] * 3, steps=1)])
    assert f"{3 * 2**62 - 2} of {3 * 2**62} runs are missing" in str(refused(tmp_path))


def test_a_run_in_two_folders_is_named(tmp_path: Path) -> None:
    records = sweep(by_hash)
    write(tmp_path, records)
    again = record([0.5] * 3, [0.5] * 3, steps=201, data_dir="/elsewhere")
    (run,) = write(tmp_path, [again])
    error = refused(tmp_path, partial=True)
    assert problems.DUPLICATE in {p.code for p in error.problems}
    assert run.name in str(error)


def test_a_restarted_run_that_wrote_on_in_its_file_is_named(tmp_path: Path) -> None:
    runs = write(tmp_path, sweep(by_hash))
    edit(runs[0], lambda text: [*text, text[0]])
    (problem,) = refused(tmp_path).problems
    assert (problem.code, problem.where) == (problems.DUPLICATE, f"{runs[0].name}/results.jsonl:4")
    assert problem.says == f"step 0 of this run is in {runs[0].name}/results.jsonl:1 already; keep one of the two"


def test_lines_of_two_runs_in_one_file_are_named(tmp_path: Path) -> None:
    runs = write(tmp_path, sweep(by_hash))
    edit(runs[0], lambda text: [text[0], text[1].replace('"seed": ', '"seed": 1'), text[2]])
    (problem,) = refused(tmp_path).problems
    assert problem.code == problems.MIXED
    assert "args.'seed' is another than in" in problem.says
    edit(runs[1], lambda text: [text[0], text[1], text[2].replace('"lr": 0.001', '"lr": 0.002')])
    assert "hparams.'lr' is another than in" in str(refused(tmp_path))


def test_runs_of_different_settings_are_not_put_in_one_table(tmp_path: Path) -> None:
    write(tmp_path, sweep(by_hash, algorithms=["ERM"]))
    write(tmp_path, sweep(by_hash, algorithms=["IRM"], steps=101))
    error = refused(tmp_path, partial=True)
    assert error.code == problems.MIXED
    assert "(steps, checkpoint_freq, holdout_fraction, task, uda_holdout_fraction) is (" in str(error)
    assert "runs of one table must have the same" in str(error)


def test_a_row_has_the_same_hyperparameters_set_by_hand(tmp_path: Path) -> None:
    erm, irm = sweep(by_hash, steps=101), sweep(by_hash, steps=101, algorithms=["IRM"])
    by_hand = [replace(r, args={**r.args, "hparams": '{"lr": 0.1}'}) for r in irm]
    write(tmp_path / "rows", [*erm, *by_hand])
    assert read_sweep(tmp_path / "rows").missing == ()
    write(tmp_path / "one", [*irm[:2], *by_hand[2:]])
    error = refused(tmp_path / "one")
    assert error.code == problems.MIXED
    assert "args.hparams is" in str(error)
    assert "runs of one row must have the same" in str(error)


def test_two_data_sets_are_read_side_by_side(tmp_path: Path) -> None:
    write(tmp_path, sweep(by_hash, steps=101))
    write(tmp_path, sweep(by_hash, dataset="PACS", steps=301, hparams=2))
    assert {r.args["dataset"] for r in read_sweep(tmp_path).records} == {"ColoredMNIST", "PACS"}


def test_the_order_of_lines_changes_nothing(tmp_path: Path) -> None:
    runs = write(tmp_path, sweep(by_hash))
    before = read_sweep(tmp_path)
    edit(runs[0], lambda text: random.Random(3).sample(text, len(text)))
    assert sorted(map(to_line, read_sweep(tmp_path).records)) == sorted(map(to_line, before.records))


def test_domainbeds_own_sweep_lacks_the_runs_that_are_not_kept_here(tmp_path: Path) -> None:
    write(tmp_path, vlcs())
    assert "ERM on VLCS: 24 of 40 runs are missing: test_envs [1]" in str(refused(tmp_path))
    assert len(read_sweep(tmp_path, partial=True).records) == 80


def test_two_rules_records_with_a_byte_order_mark_and_foreign_line_ends_are_read(tmp_path: Path) -> None:
    for run in write(tmp_path / "plain", sweep(by_hash, algorithms=["ERM"], trials=1, hparams=1)):
        marked = tmp_path / "marked" / run.name
        marked.mkdir(parents=True)
        content = (run / "results.jsonl").read_bytes().replace(b"\n", b"\r\n")
        (marked / "results.jsonl").write_bytes(b"\xef\xbb\xbf" + content)
        (marked / "done").touch()
    plain, other = (read_sweep(tmp_path / name, partial=True).records for name in ("plain", "marked"))
    assert plain
    assert sorted(map(to_line, plain)) == sorted(map(to_line, other))
