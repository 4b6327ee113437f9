"""One line of results.jsonl read strictly: a record, or everything that is wrong with the line."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from farfield.packaging.plain import DataLimits, check_json, data_problem
from farfield_evaluators.numbers import is_number
from farfield_evaluators.suites.domainbed import datasets
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.problems import (
    BAD_VALUE,
    MISSING_KEY,
    NOT_JSON,
    UNKNOWN_DATASET,
    WRONG_LENGTH,
    Problem,
    shown,
)
from farfield_evaluators.suites.domainbed.records import UNLABELED, Record

Fault = tuple[str, str]  # code and sentence
ACCURACY = re.compile(r"env\d+_(in|out)_acc", re.ASCII)
# Names go into tables of text and of LaTeX: what class names and our method names are made of, and no more.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,63}", re.ASCII)
MOST_SEED = 2**31
LIMITS = DataLimits(characters=50_000, parts=2000, finite=False)  # of a line; DomainBed's have 100 parts


def _is_whole(value: object, low: int = 0, high: int = MOST_SEED) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value < high


def _is_name(value: object) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _is_budget(value: object) -> bool:
    return value is None or _is_whole(value, low=1)


def _is_share(value: object) -> bool:
    return is_number(value) and 0 < value < 1


Rule = tuple[str, Callable[[Any], bool], str]
ARGS: tuple[Rule, ...] = (
    ("algorithm", _is_name, "a name of up to 64 letters, digits and _.+-"),
    ("dataset", lambda v: isinstance(v, str), "a name"),
    ("test_envs", lambda v: isinstance(v, list), "a list of environment numbers"),
    ("hparams_seed", _is_whole, "a whole number from 0"),
    ("trial_seed", _is_whole, "a whole number from 0"),
    ("seed", _is_whole, "a whole number from 0"),
    ("holdout_fraction", _is_share, "between 0 and 1"),
    ("steps", _is_budget, "null or a whole number from 1"),
    ("checkpoint_freq", _is_budget, "null or a whole number from 1"),
)
LATER_ARGS: tuple[Rule, ...] = (  # which DomainBed's first versions did not write
    (UNLABELED, lambda v: is_number(v) and 0 <= v < 1, "0, or between 0 and 1"),
)
WHOLE: tuple[Rule, ...] = (
    ("args", lambda v: isinstance(v, dict), "an object"),
    ("hparams", lambda v: isinstance(v, dict), "an object"),
    ("step", _is_whole, "a whole number from 0"),
    ("epoch", lambda v: is_number(v) and v >= 0, "a finite number from 0"),
)


def parse(text: str, where: str) -> tuple[Record | None, tuple[Problem, ...]]:
    """(record, no problems), or (None, every problem of the line). `where` is its file and line."""
    parsed, faults = document(text)
    if not faults:
        faults = tuple(_faults(parsed)) or tuple(_beyond_limits(parsed))
    if faults:
        return None, tuple(Problem(code=code, where=where, says=says) for code, says in faults)
    return _record(parsed, where), ()


def document(text: str) -> tuple[dict[str, Any], tuple[Fault, ...]]:
    """(the object that a line is, no faults), or (nothing, why it is none)."""
    try:
        check_json(text)
        parsed = json.loads(text, object_pairs_hook=_object)  # with NaN, as a loss may be
    except (ValueError, RecursionError) as error:
        return {}, ((NOT_JSON, f"this line is not JSON ({_why(error)}); a record is one object on one line"),)
    if not isinstance(parsed, dict):
        return {}, ((NOT_JSON, f"this line is {type(parsed).__name__} in JSON; a record is an object"),)
    return parsed, ()


def _beyond_limits(document: Mapping[str, Any]) -> Iterator[Fault]:
    problem = data_problem(document, LIMITS)
    if problem:
        yield BAD_VALUE, f"this line is no record of a run: {problem}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    parsed = dict(pairs)
    if len(parsed) < len(pairs):
        counted = Counter(key for key, _ in pairs)
        raise ValueError(f"the key {shown(counted.most_common(1)[0][0])} stands twice in an object")
    return parsed


def _why(error: Exception) -> str:
    return "too deep" if isinstance(error, RecursionError) else str(error).partition("\n")[0]


def _faults(document: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _by_rules(document, WHOLE, "")
    args = document.get("args")
    if not isinstance(args, dict):
        return
    yield from _by_rules(args, ARGS, "args.")
    yield from _by_rules(args, tuple(rule for rule in LATER_ARGS if rule[0] in args), "args.")
    name = args.get("dataset")
    if not isinstance(name, str):
        return
    if not datasets.known(name):
        known = ", ".join(d.name for d in datasets.DATASETS)
        yield UNKNOWN_DATASET, f"args.dataset is {shown(name)}; known are {known}"
        return
    dataset = datasets.find(name)
    yield from _accuracies(document, dataset)
    yield from _test_envs(args.get("test_envs"), dataset)


def _by_rules(parsed: Mapping[str, Any], rules: tuple[Rule, ...], prefix: str) -> Iterator[Fault]:
    missing = [f"{prefix}{name}" for name, _, _ in rules if name not in parsed]
    if missing:
        yield MISSING_KEY, f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    for name, fits, wanted in rules:
        if name in parsed and not fits(parsed[name]):
            yield BAD_VALUE, f"{prefix}{name} is {shown(parsed[name])}; it must be {wanted}"


def _keys(part: str, environments: int) -> list[str]:
    return [f"env{i}_{part}_acc" for i in range(environments)]


def _accuracies(document: Mapping[str, Any], dataset: DataSet) -> Iterator[Fault]:
    count = len(dataset.environments)
    expected = [*_keys("in", count), *_keys("out", count)]
    missing = [key for key in expected if key not in document]
    extra = [key[:24] for key in document if ACCURACY.fullmatch(key) and key not in expected]
    if missing or extra:
        says = [f"{', '.join(keys)} {word}" for keys, word in ((missing, "missing"), (extra[:6], "too many")) if keys]
        yield WRONG_LENGTH, f"{dataset.name} has {count} environments, each with in and out: {'; '.join(says)}"
    for key in expected:
        value = document.get(key, 0.0)
        if not (is_number(value) and 0 <= value <= 1):
            yield BAD_VALUE, f"{key} is {shown(value)}; an accuracy is a finite number in 0..1"


def _test_envs(test_envs: object, dataset: DataSet) -> Iterator[Fault]:
    if not isinstance(test_envs, list):
        return
    if len(test_envs) not in {1, 2}:
        yield WRONG_LENGTH, f"args.test_envs has {len(test_envs)} environments; selection uses runs with 1 or 2"
        return
    count = len(dataset.environments)
    if not all(_is_whole(e, high=count) for e in test_envs) or len(set(test_envs)) < len(test_envs):
        yield BAD_VALUE, f"args.test_envs is {shown(test_envs)}; they must be different numbers in 0..{count - 1}"


def _record(document: Mapping[str, Any], where: str) -> Record:
    count = len(datasets.find(document["args"]["dataset"]).environments)
    used = {*_keys("in", count), *_keys("out", count), "args", "hparams", "step"}
    return Record(
        step=document["step"],
        in_acc=tuple(document[key] for key in _keys("in", count)),
        out_acc=tuple(document[key] for key in _keys("out", count)),
        args=document["args"],
        hparams=document["hparams"],
        values={key: value for key, value in document.items() if key not in used},
        where=where,
    )
