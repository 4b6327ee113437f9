"""Which image is in which set of the pack: by the rules of the file, each image in one set at most."""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from farfield_evaluators.benchmark import TRAIN
from farfield_evaluators.data.source import Joins
from farfield_evaluators.own.rows import Row, Rows
from farfield_evaluators.own.spec import SPLIT, WITHOUT_CLASS, Folding, OwnSpec, Rule

MOST_VALUES_SHOWN = 12


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """sets: of each row the set it is in, "" where it is left out; problems: rules that do not work out."""

    sets: tuple[str, ...]
    problems: tuple[str, ...]


def with_splits(rows: Rows, spec: OwnSpec) -> Rows:
    """Rows with the column `split`, where `data.holdout` asks for it: that share of every class and domain is "test".

    Which images these are is decided by a hash of where they lie, so it is the same on every machine.
    """
    share = spec.data.holdout
    if not share:
        return rows
    groups: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, row in enumerate(rows.rows):
        groups[tuple(row.values.get(name, "") for name in (spec.data.label, spec.data.domain))].append(number)
    held: set[int] = set()
    for members in groups.values():
        ordered = sorted(members, key=lambda n: hashlib.sha256(rows.rows[n].where.encode(errors="replace")).digest())
        held.update(ordered[: min(len(ordered) - 1, math.ceil(share * len(ordered)))])
    split = [
        replace(row, values={**row.values, SPLIT: "test" if number in held else "train"})
        for number, row in enumerate(rows.rows)
    ]
    return replace(rows, rows=split, names=tuple(dict.fromkeys((*rows.names, SPLIT))))


def choose(rows: Rows, spec: OwnSpec) -> Chosen:
    """The set of each row."""
    rules = _rules(spec)
    problems = [
        f"{place} asks for the column {name!r}; the data have {_few(rows.names)}"
        for place, (_, rule) in rules.items()
        for name in rule
        if name not in rows.names
    ]
    if problems:
        return Chosen(sets=("",) * len(rows.rows), problems=tuple(problems))
    sets: list[str] = []
    for row in rows.rows:
        fits = [name for name, rule in rules.values() if _fits(row, rule)]
        if len(fits) > 1:
            problems.append(
                f"{row.where}: is in {fits[0]} and in {fits[1]}; mend the rules so that it is in one of them"
            )
        sets.append(fits[0] if fits else "")
    counts = Counter(sets)
    problems += [_empty(place, rule, rows.rows) for place, (name, rule) in rules.items() if not counts[name]]
    if spec.folds is not None:
        sets = _folded(rows, sets, spec.folds)
        problems += _empty_folds(sets, spec, spec.folds)
    return Chosen(sets=tuple(sets), problems=tuple(problems))


def joined(spec: OwnSpec) -> Joins:
    """Of each fold, the training set that joins the tests of all others; those without a class are not fitted on."""
    if spec.folds is None or spec.train is None:
        return ()
    fitted = [test.set for test in spec.tests if test.role not in WITHOUT_CLASS]
    names = spec.folds.names
    return tuple((f"{TRAIN}/{name}", tuple(f"{s}/{n}" for s in fitted for n in names if n != name)) for name in names)


def _folded(rows: Rows, sets: Sequence[str], folds: Folding) -> list[str]:
    """The set of each row in its fold; rows of no fold are left out."""
    values = [row.values.get(folds.over, "") for row in rows.rows]
    return [
        f"{name}/{value}" if name and value in folds.names else "" for name, value in zip(sets, values, strict=True)
    ]


def _empty_folds(sets: Sequence[str], spec: OwnSpec, folds: Folding) -> list[str]:
    there = set(sets)
    return [
        f"folds.names: no image of the test {test.name!r} is in the fold {name!r} of {folds.over}"
        for test in spec.tests
        for name in folds.names
        if f"{test.set}/{name}" not in there
    ]


def _rules(spec: OwnSpec) -> dict[str, tuple[str, Rule]]:
    """The set's name and rule of each part, by its place in the file."""
    rules = {} if spec.train is None or spec.folds else {"train.where": (TRAIN, spec.train)}
    rules |= {f"{name}.where": (name, rule) for name, rule in spec.parts.items()}
    return rules | {f"tests[{n}].where": (test.set, test.where) for n, test in enumerate(spec.tests, 1)}


def _fits(row: Row, rule: Rule) -> bool:
    return all(row.values[name] in values for name, values in rule.items())


def _empty(place: str, rule: Mapping[str, Sequence[str]], rows: Sequence[Row]) -> str:
    there = "; ".join(f"{name} is one of {_few(sorted({row.values[name] for row in rows}))}" for name in rule)
    asked = ", ".join(f"{name} = {' or '.join(values)}" for name, values in rule.items()) or "everything"
    return f"{place}: no image fits {asked}; in the data {there}" if there else f"{place}: there is no image"


def _few(values: Sequence[str]) -> str:
    more = f" and {len(values) - MOST_VALUES_SHOWN} more" if len(values) > MOST_VALUES_SHOWN else ""
    return (", ".join(values[:MOST_VALUES_SHOWN]) or "none") + more
