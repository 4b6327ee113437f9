"""The text of a new TOML file: valid as it is, with a comment at everything that one may want to change."""

import json
import re
from collections.abc import Sequence

from farfield_evaluators.own.guess import TRAINING, Guess
from farfield_evaluators.own.spec import column_name

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_HEAD = """\
# A benchmark of your own. Every key is explained in docs/own-benchmarks.md; what is wrong is named when it is read.
format = 1
title = {title}
version = "1"            # results of two versions are never ranked together
family = {family}
summary = {summary}
licence = "not stated"
trials = 1               # runs of each entry, with different seeds
stochastic_trials = 0    # runs of a method whose result depends on the seed, 3 or more; 0 is as many as of others
tracks = ["open", "imagenet-1k", "scratch"]

[access]
public = false           # true: everybody who sees the site sees the board
owners = []              # user names of those who see it besides the site's operators

[data]
"""
_TABLE = """\
kind = "table"           # a CSV or Parquet file; paths are relative to its folder
"""
_HOLDOUT = """\
holdout = 0.25           # this share of every class is the test set, chosen by a hash of the path
"""
_GROUPS = """\
groups = []              # further columns, such as ["hospital"], by whose groups figures can be computed
"""
_TRAIN = """
[train]                  # what a method may be fitted on; leave it out for none
where = {rule}
"""
_SUPPORT = """
[support]                # the few images that its classes are learned from; [base] may name further ones
where = {rule}
"""
_BASE = """
[base]                   # many images of classes that are known already
where = {rule}
"""
_TEST = """
[[tests]]
name = {name}
title = {title}
role = {role}
where = {rule}
"""
_COLUMN = """
[[columns]]
metric = {metric}
on = {on}
title = {title}
"""
_OF_BOXES = (("ap", "AP"), ("ap50", "AP50"), ("ap75", "AP75"), ("ar", "AR"))
_WORST = """
# The worst group's figure, where data.groups names groups:
# [[columns]]
# metric = "accuracy"
# on = {on}
# worst_over = ["hospital"]
"""


def template(name: str, guess: Guess) -> str:
    """A file for data like these."""
    split, domain = guess.columns.get("split", "split"), guess.columns.get("domain", "domain")
    of_boxes = guess.kind == "coco"
    few = of_boxes and any(value.lower() in ("support", "base") for value in guess.splits)
    learned = (*TRAINING, "support") if few else TRAINING
    training = [value for value in guess.splits if value.lower() in learned]
    base = [value for value in guess.splits if few and value.lower() == "base"]
    testing = [value for value in guess.splits if value not in (*training, *base)]
    whole = not (training and testing)
    train_rule, test_rule = (
        ([("split", ["train"])], [("split", ["test"])])
        if whole
        else (
            [(split, training)],
            [(split, testing)],
        )
    )
    tests = _tests(guess.domains, domain, test_rule)
    if guess.domains:
        train_rule = [*train_rule, (domain, [guess.domains[0]])]
    boxes = (
        '"few-shot-detection"' if few else '"detection"          # or "few-shot-detection", which learns from [support]'
    )
    family = boxes if of_boxes else '"classification" # "ood-detection" or "regression"'
    title = _quoted(name.replace("-", " ").capitalize())
    summary = _quoted("Find objects in my images." if of_boxes else "Classify my images.")
    text = _HEAD.format(title=title, family=family, summary=summary) + _data(guess, holdout=whole)
    text += (_SUPPORT if few else _TRAIN).format(rule=_rule(train_rule))
    text += _BASE.format(rule=_rule([(split, base)])) if base and not whole else ""
    text += "".join(tests[0])
    if of_boxes:
        return text + "".join(_COLUMN.format(metric=_quoted(m), on='"test"', title=_quoted(t)) for m, t in _OF_BOXES)
    return text + "".join(_columns(tests[1])) + _WORST.format(on=_quoted(tests[1][0][0]))


def _data(guess: Guess, *, holdout: bool) -> str:
    rest = (_HOLDOUT if holdout else "") + _GROUPS
    if guess.kind == "folders":
        layout = "/".join(f"{{{level}}}" for level in guess.layout)
        return f'kind = "folders"\nlayout = {_quoted(layout)}  # what the levels of folders are\n{rest}'
    if guess.kind == "table":
        named = {"path": "path", "label": "class", "domain": "domain"}
        lines = [f"{key} = {_quoted(guess.columns.get(key, usual))}\n" for key, usual in named.items()]
        return _TABLE + "".join(lines) + rest
    columns = "".join(f"{key} = {_quoted(guess.columns[key])}\n" for key in ("image", "label") if key in guess.columns)
    return f"kind = {_quoted(guess.kind)}\n{columns}{rest}"


def _tests(
    domains: Sequence[str], column: str, rule: list[tuple[str, list[str]]]
) -> tuple[list[str], list[tuple[str, str, str]]]:
    """The tables of the tests, and (name, title, role) of each: the first domain is ID, the others are shifts."""
    if not domains:
        text = _TEST.format(name='"test"', title='"Test"', role='"id"', rule=_rule(rule))
        return [text], [("test", "Test", "id")]
    texts, told = [], []
    for number, value in enumerate(domains):
        role, name = "shift" if number else "id", column_name(value) or f"domain-{number + 1}"
        # A domain that nothing is fitted on is a test set as a whole.
        where = [(column, [value])] if number else [*rule, (column, [value])]
        texts.append(_TEST.format(name=_quoted(name), title=_quoted(value), role=_quoted(role), rule=_rule(where)))
        told.append((name, value, role))
    return texts, told


def _columns(tests: list[tuple[str, str, str]]) -> list[str]:
    """The headline first: the mean of the shifts where there are any."""
    shown = [(name, title) for name, title, _ in tests]
    if len(tests) > 1:
        shown.insert(0, ("shifts", "Mean of shifts"))
    return [_COLUMN.format(metric='"accuracy"', on=_quoted(on), title=_quoted(title)) for on, title in shown]


def _rule(parts: list[tuple[str, list[str]]]) -> str:
    inner = ", ".join(f"{_key(name)} = {_values(values)}" for name, values in parts)
    return f"{{ {inner} }}"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _values(values: list[str]) -> str:
    return _quoted(values[0]) if len(values) == 1 else f"[{', '.join(map(_quoted, values))}]"


def _quoted(text: str) -> str:
    """As TOML's basic string, which JSON's is but for DEL and surrogates."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
