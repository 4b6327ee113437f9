"""Records of DomainBed's `train_autolr.py`, which trains twice, and the rule that its `collect_results --auto_lr` has.

The first training holds out as ever, and ends when the learning rate has fallen three times or its steps are over; the
second is on whole environments, by the rates of the first, and its accuracies are called `fd_...`. The rule goes by the
last checkpoint of the first, on the out-splits of the training environments, and reports the last of the second. A run
is one record.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from farfield_evaluators.suites.domainbed.completeness import Runs, absent, between
from farfield_evaluators.suites.domainbed.folder import Form
from farfield_evaluators.suites.domainbed.parsing import document, parse
from farfield_evaluators.suites.domainbed.problems import UNFINISHED, Problem
from farfield_evaluators.suites.domainbed.records import Record
from farfield_evaluators.suites.domainbed.selection import SelectionRule, iid

AUTO_LR = SelectionRule(name="auto-lr", title="auto lr training-domain validation set", choose=iid)
SECOND = "fd_"  # before the names of what the second training says


def lines(text: Sequence[str], name: str) -> tuple[list[Record], list[Problem]]:
    """The record of a run from its lines: of each value the last, with the second training's in-splits."""
    training: dict[str, Any] = {}
    fraction = None
    for number, line in enumerate(text, start=1):
        read, faults = document(line)
        if faults:
            return [], [Problem(code=code, where=f"{name}:{number}", says=says) for code, says in faults]
        fraction = _fraction(read) if fraction is None else fraction
        training |= read
    second = {key.removeprefix(SECOND): value for key, value in training.items() if key.startswith(SECOND)}
    if not text:
        return [], []
    if not second:
        says = f"the run has no second training, whose accuracies begin with {SECOND}"
        return [], [Problem(code=UNFINISHED, where=name, says=says)]
    merged = {key: second.get(key, value) for key, value in training.items() if not key.startswith(SECOND)}
    if isinstance(merged.get("args"), dict):
        merged["args"] = merged["args"] | {"holdout_fraction": fraction}  # of the first; the second holds out nothing
    record, problems = parse(json.dumps(merged), f"{name}:{len(text)}")
    return ([] if record is None else [record]), list(problems)


def _fraction(read: dict[str, Any]) -> Any:
    args = read.get("args")
    return args.get("holdout_fraction") if isinstance(args, dict) else None


def _contradictions(runs: Runs, _: frozenset[str]) -> Iterator[Problem]:
    return between(runs)


FORM = Form(lines=lines, contradictions=_contradictions, unfinished=absent)
