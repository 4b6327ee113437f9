"""Lines of results.jsonl: read and written again to the letter, and refused with everything that is wrong."""

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.suites.domainbed.sweeps import record

from farfield_evaluators.suites.domainbed import problems
from farfield_evaluators.suites.domainbed.parsing import parse
from farfield_evaluators.suites.domainbed.records import folder_name, run_args, to_line
from farfield_evaluators.suites.domainbed.sweep import Cell

# A record in the form of DomainBed's train script of 2021 on, of which the accuracies are made up.
LINE = (
    '{"args": {"algorithm": "ERM", "checkpoint_freq": null, "data_dir": "/data", "dataset": "PACS", '
    '"holdout_fraction": 0.2, "hparams": null, "hparams_seed": 1, "output_dir": "out/0657", '
    '"save_model_every_checkpoint": false, "seed": 360234358, "skip_model_save": false, "steps": 1001, '
    '"task": "domain_generalization", "test_envs": [1, 2], "trial_seed": 0, "uda_holdout_fraction": 0}, '
    '"env0_in_acc": 0.6448763250883393, "env0_out_acc": 0.657243816254417, "env1_in_acc": 0.4602352941176471, '
    '"env1_out_acc": 0.4821092278719397, "env2_in_acc": 1.0, "env2_out_acc": 0.3856707317073171, '
    '"env3_in_acc": 0.4883376527212144, "env3_out_acc": 0.4888888888888889, "epoch": 10.335689045936396, '
    '"hparams": {"batch_size": 39, "class_balanced": false, "lr": 2.7028930742148706e-05}, '
    '"loss": 1.6960320472717285, "mem_gb": 0.0, "step": 300, "step_time": 0.9077303409576416}'
)


def changed(path: str, value: Any) -> str:
    """The line with another value; an absent one is taken out. `path` has its keys parted by slashes."""
    document = json.loads(LINE)
    *parents, last = path.split("/")
    inside = document
    for key in parents:
        inside = inside[key]
    if value is absent:
        del inside[last]
    else:
        inside[last] = value
    return json.dumps(document)


absent = object()


def test_domainbeds_line_is_read_and_written_again_to_the_letter() -> None:
    found, wrong = parse(LINE, "a/results.jsonl:1")
    assert wrong == ()
    assert found is not None
    assert to_line(found) == LINE
    assert found.cell == Cell(dataset="PACS", algorithm="ERM", test_envs=(1, 2), hparams_seed=1, trial_seed=0)
    assert (found.step, found.out_acc[3], found.values["loss"]) == (300, 0.4888888888888889, 1.6960320472717285)
    assert found.where == "a/results.jsonl:1"


def test_our_arguments_are_domainbeds() -> None:
    cell = Cell(dataset="PACS", algorithm="ERM", test_envs=(1, 2), hparams_seed=1, trial_seed=0)
    args = run_args(cell, steps=1001, data_dir="/data", output_dir="out/0657")
    known = json.loads(LINE)["args"]
    assert args == known | {"seed": cell.seed}
    assert list(args) == list(known)


def test_a_folder_has_the_name_that_domainbeds_sweep_gives_it() -> None:
    cell = Cell(dataset="VLCS", algorithm="ERM", test_envs=(1, 2), hparams_seed=1, trial_seed=0)
    args = run_args(cell, steps=1001, data_dir="/checkpoint/dlp/datasets_new")
    assert folder_name(args) == "0657090f9a83ff76efe083a104fde93a"


def test_what_is_set_by_hand_has_a_folder_of_its_own() -> None:
    cell = Cell(dataset="PACS", algorithm="ERM", test_envs=(1,), hparams_seed=0, trial_seed=0)
    args = run_args(cell, hparams={"resnet18": True, "lr": 0.001})
    assert args["hparams"] == '{"lr": 0.001, "resnet18": true}'
    plain = run_args(cell)
    assert run_args(cell, hparams={}) == plain
    assert len({folder_name(args), folder_name(plain), folder_name(run_args(cell, steps=21))}) == 3


accuracies = st.lists(st.floats(0, 1), min_size=3, max_size=3)


@given(accuracies, accuracies, st.integers(0, 10**6), st.floats(), st.sampled_from([(0,), (2,), (1, 2), (2, 0)]))
def test_any_record_is_read_back_as_it_was(
    in_acc: list[float], out_acc: list[float], step: int, loss: float, test_envs: tuple[int, ...]
) -> None:
    written = to_line(record(in_acc, out_acc, step=step, test_envs=test_envs))
    found, wrong = parse(written, "")
    assert wrong == ()
    assert found == record(in_acc, out_acc, step=step, test_envs=test_envs)
    diverged = json.dumps(json.loads(written) | {"loss": loss}, sort_keys=True)
    again, wrong = parse(diverged, "")
    assert wrong == ()
    assert again is not None
    assert to_line(again) == diverged


MISSING, BAD, LENGTH = problems.MISSING_KEY, problems.BAD_VALUE, problems.WRONG_LENGTH


@pytest.mark.parametrize(
    ("path", "value", "code", "says"),
    [
        ("step", absent, MISSING, "step is missing"),
        ("hparams", absent, MISSING, "hparams is missing"),
        ("args", absent, MISSING, "args is missing"),
        ("args/test_envs", absent, MISSING, "args.test_envs is missing"),
        ("args/dataset", absent, MISSING, "args.dataset is missing"),
        ("args", ["PACS"], BAD, "args is ['PACS']; it must be an object"),
        ("step", 300.0, BAD, "step is 300.0; it must be a whole number from 0"),
        ("step", -1, BAD, "step is -1"),
        ("step", True, BAD, "step is True"),
        ("epoch", math.nan, BAD, "epoch is nan; it must be a finite number from 0"),
        ("args/hparams_seed", "0", BAD, "args.hparams_seed is '0'"),
        ("args/trial_seed", 2**40, BAD, "args.trial_seed is 1099511627776"),
        ("args/steps", 0, BAD, "args.steps is 0; it must be null or a whole number from 1"),
        ("args/holdout_fraction", 1, BAD, "args.holdout_fraction is 1; it must be between 0 and 1"),
        ("args/algorithm", "\x1b[31mERM", BAD, "args.algorithm is '\\x1b[31mERM'"),
        ("args/algorithm", "ERM\\input{x}", BAD, "args.algorithm is"),
        ("args/algorithm", "E" * 65, BAD, "it must be a name of up to 64"),
        ("args/dataset", "Pacs", problems.UNKNOWN_DATASET, "args.dataset is 'Pacs'; known are ColoredMNIST"),
        ("args/test_envs", [], LENGTH, "args.test_envs has 0 environments; selection uses runs with 1 or 2"),
        ("args/test_envs", [0, 1, 2], LENGTH, "args.test_envs has 3 environments"),
        ("args/test_envs", [4], BAD, "args.test_envs is [4]; they must be different numbers in 0..3"),
        ("args/test_envs", [1, 1], BAD, "args.test_envs is [1, 1]"),
        ("args/test_envs", [True], BAD, "args.test_envs is [True]"),
        ("args/test_envs", 1, BAD, "args.test_envs is 1; it must be a list"),
        ("env3_in_acc", absent, LENGTH, "PACS has 4 environments, each with in and out: env3_in_acc missing"),
        ("env4_out_acc", 0.5, LENGTH, "PACS has 4 environments, each with in and out: env4_out_acc too many"),
        ("env00_in_acc", 0.5, LENGTH, "env00_in_acc too many"),
        ("env0_in_acc", math.nan, BAD, "env0_in_acc is nan; an accuracy is a finite number in 0..1"),
        ("env0_in_acc", math.inf, BAD, "env0_in_acc is inf"),
        ("env0_in_acc", 10**400, BAD, "env0_in_acc is 1000"),
        ("epoch", 10**400, BAD, "epoch is 1000"),
        ("args/holdout_fraction", 10**400, BAD, "args.holdout_fraction is 1000"),
        ("env1_out_acc", 48.2, BAD, "env1_out_acc is 48.2"),
        ("env1_out_acc", "0.48", BAD, "env1_out_acc is '0.48'"),
        ("env1_out_acc", None, BAD, "env1_out_acc is None"),
    ],
)
def test_what_is_wrong_is_named(path: str, value: Any, code: str, says: str) -> None:
    found, (wrong,) = parse(changed(path, value), "run/results.jsonl:7")
    assert found is None
    assert wrong.code == code
    assert wrong.where == "run/results.jsonl:7"
    assert says in wrong.says


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "not JSON"),
        (LINE[:-1], "not JSON"),
        ("[" * 100_000, "too deep"),
        ("[]", "this line is list in JSON"),
        ("null", "NoneType"),
        ('{"step": 1, "step": 2}', "the key 'step' stands twice"),
        ('{"step": ' + "9" * 5000 + "}", "not JSON"),
    ],
)
def test_what_is_no_record_is_named(line: str, says: str) -> None:
    found, (wrong,) = parse(line, "")
    assert found is None
    assert wrong.code == problems.NOT_JSON
    assert says in wrong.says


def test_everything_that_is_wrong_with_a_line_is_named_at_once() -> None:
    document = json.loads(LINE)
    del document["step"], document["args"]["seed"], document["env0_in_acc"]
    document["env1_in_acc"] = 2
    document["args"]["test_envs"] = [7]
    found, wrong = parse(json.dumps(document), "")
    assert found is None
    assert [p.code for p in wrong] == [MISSING, MISSING, LENGTH, BAD, BAD]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(json_values, st.sampled_from(["step", "epoch", "args", "hparams", "env2_in_acc", "loss", "args/dataset"]))
def test_whatever_stands_in_a_line_it_is_read_or_refused(value: Any, path: str) -> None:
    line = changed(path, value)
    found, wrong = parse(line, "")
    assert (found is None) == bool(wrong)
    if found is not None:
        assert to_line(found) == json.dumps(json.loads(line), sort_keys=True)


@given(st.text())
def test_any_text_is_refused(text: str) -> None:
    found, wrong = parse(text, "")
    assert found is None
    assert wrong


def test_40000_keys_of_which_one_stands_twice_take_no_time() -> None:
    line = "{" + "".join(f'"{i}": 0, ' for i in range(40_000)) + '"7": 0}'
    started = time.process_time()
    found, (wrong,) = parse(line, "")
    assert (found, wrong.code) == (None, problems.NOT_JSON)
    assert "the key '7' stands twice" in wrong.says
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "more", [{"x": "a" * 100_000}, {f"x{i}": i for i in range(5000)}, {"x": [[[[[[[[]]]]]]]]}, {"x": "\u202e"}]
)
def test_a_record_that_nobody_can_look_through_is_refused(more: dict[str, Any]) -> None:
    found, (wrong,) = parse(json.dumps({**json.loads(LINE), **more}), "")
    assert (found, wrong.code) == (None, problems.BAD_VALUE)
    assert len(wrong.says) < 300
