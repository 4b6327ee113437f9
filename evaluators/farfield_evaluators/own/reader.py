"""A benchmark's TOML file: read strictly, with every mistake named by file, key and what is allowed."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from farfield.errors import reason
from farfield.labels import MOST_LABELS, MOST_ROUNDS, Budget
from farfield.packaging.files import read_regular
from farfield.packaging.plain import read_toml
from farfield_evaluators.audience import Audience
from farfield_evaluators.benchmark import PARTS, TRAIN, Role
from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.own.fields import LINE, PROSE, SHORT, SLUG, Fields
from farfield_evaluators.own.parts import part_problems
from farfield_evaluators.own.places import path_problem
from farfield_evaluators.own.scores import AGGREGATES, LABELLED, WORDS, words_of
from farfield_evaluators.own.spec import (
    OF_BOXES,
    OOD_DETECTION,
    Data,
    Folding,
    OwnError,
    OwnSpec,
    Part,
    Rule,
    Shown,
    column_name,
)
from farfield_evaluators.pooled_labels import POOL

FORMAT = 1
MOST_BYTES = 1 << 20
MOST_TESTS, MOST_COLUMNS, MOST_TRIALS, MOST_FOLDS = 200, 200, 100, 100
KINDS = ("folders", "table", "coco", "datasets")
ROLES: Mapping[str, Role] = MappingProxyType({"id": "id", "shift": "shift", "near": "near", "far": "far"})
TRACKS = ("open", "imagenet-1k", "scratch")
FAMILIES = tuple(WORDS)
USERNAME = r"(team:)?[\w.@+-]{1,150}"  # of a person, or of a team
_LEVEL = re.compile(r"\{([^{}/]+)\}")
_SLUG = SLUG.pattern


def read_file(path: Path) -> OwnSpec:
    """The benchmark that a file describes; its name is the file's. Raises OwnError."""
    try:
        text = read_regular(path, MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise OwnError(path.name, [f"is not UTF-8 text: byte {error.start} is no part of a character"]) from error
    except OSError as error:
        raise OwnError(path.name, [f"cannot be read: {reason(error)}"]) from error
    return read_text(text, path.stem, path.name)


def read_text(text: str, name: str, file: str) -> OwnSpec:
    """The benchmark `own/<name>` of a file's text. Raises OwnError with all mistakes."""
    try:
        values = read_toml(text)
    except ValueError as error:
        raise OwnError(file, [f"is not TOML: {error}"]) from error
    problems: list[str] = []
    if not SLUG.fullmatch(name) or len(name) > SHORT:
        problems.append(f"must be called by at most {SHORT} lower-case letters, digits and single hyphens, and .toml")
    spec = _spec(Fields(values, "", problems), name)
    problems += _contradictions(spec) if not problems else []
    if problems:
        raise OwnError(file, problems)
    return spec


def _spec(top: Fields, name: str) -> OwnSpec:
    top.number("format", FORMAT, FORMAT, FORMAT, whole=True)
    pool, budget = _pool(top)
    parts = {name: _rule_of(top, name) for name in PARTS if name != POOL} | {POOL: pool}
    spec = OwnSpec(
        name=name,
        title=top.text("title"),
        version=top.text("version", "1", most=20, pattern=r"[0-9A-Za-z.-]+"),
        family=top.choice("family", FAMILIES, "classification"),
        summary=top.text("summary", ""),
        description=top.text("description", "", most=PROSE, lines=True),
        licence=top.text("licence", "not stated"),
        citations=top.texts("citations", most=PROSE),
        tracks=_tracks(top),
        trials=int(top.number("trials", 1, 1, MOST_TRIALS, whole=True)),
        stochastic_trials=int(top.number("stochastic_trials", 0, 0, MOST_TRIALS, whole=True)),
        data=_data(top.table("data")),
        train=_rule_of(top, TRAIN),
        parts={name: rule for name in PARTS if (rule := parts.get(name)) is not None},
        tests=tuple(_test(each) for each in top.tables("tests", MOST_TESTS)),
        columns=tuple(_shown(each) for each in top.tables("columns", MOST_COLUMNS)),
        folds=_folds(top) if top.has("folds") else None,
        audience=_access(top.table("access")),
        masks=top.flag("masks", False),
        budget=budget,
    )
    top.done()
    return spec


def _tracks(top: Fields) -> tuple[str, ...]:
    given = top.texts("tracks")
    for name in given:
        if name not in TRACKS:
            top.problem("tracks", f"holds {name!r}; allowed are {', '.join(TRACKS)}")
    return given or TRACKS


def _rule_of(top: Fields, part: str) -> Rule | None:
    """Which images a part to learn from is made of; None where the file has no such table."""
    if not top.has(part):
        return None
    table = top.table(part)
    rule = table.where("where")
    table.done()
    return rule


def _pool(top: Fields) -> tuple[Rule | None, Budget | None]:
    """Which images' labels may be asked for, and how many of them in how many rounds; Nones without such a table."""
    if not top.has(POOL):
        return None, None
    table = top.table(POOL)
    rule = table.where("where")
    rounds = table.number("rounds", 1, 1, MOST_ROUNDS, whole=True)
    each = table.number("labels", 1, 1, MOST_LABELS, whole=True)
    for name in ("rounds", "labels"):
        if not table.has(name):
            table.problem(name, "is missing; [pool] says how many labels may be asked for in each of how many rounds")
    table.done()
    return rule, Budget(rounds=int(rounds), per_round=int(each))


def _folds(top: Fields) -> Folding:
    table = top.table("folds")
    folding = Folding(over=table.text("over", most=SHORT), names=table.texts("names", most=SHORT))
    if not 2 <= len(folding.names) <= MOST_FOLDS or any(set(name) & set("{}/") for name in folding.names):
        table.problem("names", f"must be from 2 to {MOST_FOLDS} values of {folding.over!r}, without braces and slashes")
    table.done()
    return folding


def _data(table: Fields) -> Data:
    data = Data(
        kind=table.choice("kind", KINDS, "folders"),
        layout=_layout(table),
        label=table.text("label", "class", most=SHORT),
        path=table.text("path", "path", most=SHORT),
        image=table.text("image", "image", most=SHORT),
        images=_images(table),
        domain=table.text("domain", "domain", most=SHORT),
        classes=table.texts("classes"),
        groups=table.texts("groups", most=SHORT),
        holdout=table.number("holdout", 0.0, 0.0, 0.9),
        target=table.text("target", "target", most=SHORT),
    )
    table.done()
    return data


def _images(table: Fields) -> str:
    place = table.text("images", "")
    if place and path_problem(place):
        table.problem("images", f"is {place!r}, which {path_problem(place)}")
    return place


def _layout(table: Fields) -> tuple[str, ...]:
    """The names of a layout's levels: "{split}/{class}" has two."""
    text = table.text("layout", "{class}")
    levels = tuple(text.strip("/").split("/"))
    names = tuple(match.group(1) for level in levels if (match := _LEVEL.fullmatch(level)))
    if len(names) != len(levels) or len(set(names)) != len(names):
        table.problem("layout", f'is {text!r}; it must name each level of folders once, like "{{split}}/{{class}}"')
    return names


def _test(table: Fields) -> Part:
    name = table.text("name", most=SHORT, pattern=_SLUG)
    part = Part(
        name=name,
        title=table.text("title", name, most=SHORT),
        role=ROLES[table.choice("role", ROLES, "id")],
        where=table.where("where"),
    )
    if name in AGGREGATES:
        table.problem("name", f"is {name!r}, which is what the figure over several tests is called; choose another")
    table.done()
    return part


def _shown(table: Fields) -> Shown:
    metric, on = table.text("metric", most=SHORT), table.text("on", most=SHORT)
    worst, mean = table.texts("worst_over", most=SHORT), table.texts("mean_over", most=SHORT)
    if worst and mean:
        table.problem("mean_over", "and worst_over are both there; a column is one of the two")
    over = f" by {' and '.join(worst or mean)}" if worst or mean else ""
    usual = f"{'worst ' if worst else 'mean ' if mean else ''}{metric}{over}, {on}"
    title = table.text("title", usual, most=LINE)
    shown = Shown(metric=metric, on=on, title=title, worst_over=worst, mean_over=mean)
    table.done()
    return shown


def _access(table: Fields) -> Audience | None:
    public, owners = table.flag("public", False), table.texts("owners", pattern=USERNAME)
    if public and owners:
        table.problem("owners", "names people, and access.public = true shows it to everybody; keep one of the two")
    table.done()
    return None if public else Audience(owners=owners)


def _contradictions(spec: OwnSpec) -> list[str]:
    """Mistakes of parts that are right by themselves."""
    names = [test.name for test in spec.tests]
    problems = [] if spec.tests else ["tests is missing; a board needs at least one [[tests]]"]
    if (spec.data.kind == "coco") != (spec.family in OF_BOXES):
        named = " or ".join(f'"{family}"' for family in OF_BOXES)
        problems.append(f'data.kind = "coco" and family = {named} go together')
    if spec.masks and spec.family not in OF_BOXES:
        problems.append(f"masks is true, and {spec.family} finds no objects; it is for {' and '.join(OF_BOXES)}")
    problems += list(part_problems(spec))
    problems += [] if spec.columns else ["columns is missing; the first [[columns]] is what the board is ranked by"]
    problems += [f"tests: two are called {name!r}" for name in sorted(set(names)) if names.count(name) > 1]
    for number, column in enumerate(spec.columns, 1):
        problems += [f"columns[{number}].{says}" for says in _column_problems(spec, column)]
    seen = [(c.metric, c.on, c.worst_over, c.mean_over) for c in spec.columns]
    problems += [f"columns: two show {c[0]!r} on {c[1]!r}" for c in sorted(set(seen)) if seen.count(c) > 1]
    return problems + _data_problems(spec)


def _column_problems(spec: OwnSpec, column: Shown) -> list[str]:
    words, places = words_of(spec), _places(spec)
    if column.metric not in words:
        return [f"metric is {column.metric!r}; allowed for {spec.family} are {', '.join(words)}"]
    word = words[column.metric]
    allowed = [place for place, role in places.items() if role in word.roles and (word.alone or place in AGGREGATES)]
    problems = []
    if column.on not in allowed:
        problems.append(f"on is {column.on!r}; allowed for {column.metric} are {', '.join(allowed)}")
    label = (spec.data.label,) if spec.has_classes else ()
    known = dict.fromkeys((*spec.data.groups, *label, spec.data.domain))
    for key, names in (("worst_over", column.worst_over), ("mean_over", column.mean_over)):
        wrong = next((name for name in names if name not in known), None)
        if wrong is not None:
            listed = f"{', '.join(known)} (data.groups lists further columns)"
            problems.append(f"{key} holds {wrong!r}; allowed are {listed}")
        elif names and word.roles != LABELLED:
            problems.append(f"{key} is not for {column.metric}, which is of whole tests")
    return problems


def _fold_problems(spec: OwnSpec) -> list[str]:
    """What folds decide themselves, and may not be said beside them."""
    said = {"trials": spec.trials != 1, "stochastic_trials": spec.stochastic_trials != 0}
    said |= {"data.holdout": spec.data.holdout != 0, "train.where": bool(spec.train)}
    return [
        f"{key} and folds are both there; folds say what is fitted on, in one run each"
        for key, is_ in said.items()
        if is_
    ]


def _group_problems(data: Data) -> list[str]:
    """Group columns that a pack could not have, or two that it would call alike."""
    names = [column_name(name) for name in data.further_groups]
    columns = [PackColumn(name=name, kind="group", values=("any",)) for name in names]
    problems = [f"data.groups: {problem}" for column in columns for problem in column.problems()]
    return problems + [
        f"data.groups: two are called {n!r} in the pack" for n in sorted(set(names)) if names.count(n) > 1
    ]


def _places(spec: OwnSpec) -> dict[str, str]:
    """Where a figure can be: each test and its role, and each aggregate of a role that a test has."""
    tests = {test.name: test.role for test in spec.tests}
    return tests | {name: role for name, role in AGGREGATES.items() if role in tests.values()}


def _data_problems(spec: OwnSpec) -> list[str]:
    data, roles = spec.data, {test.role for test in spec.tests}
    problems = []
    if data.kind == "folders" and spec.has_classes and data.label not in data.layout and roles & {"id", "shift"}:
        problems.append(f"data.layout names no {{{data.label}}}, which images with a class need")
    if roles & {"near", "far"} and spec.family != OOD_DETECTION:
        problems.append('tests: the roles near and far are for family = "ood-detection"')
    if spec.family == OOD_DETECTION and not ("id" in roles and roles & {"near", "far"}):
        problems.append('tests: OOD detection needs one with role = "id", and one with near or far')
    if data.holdout and "split" in data.layout:
        problems.append("data.holdout makes splits where there are none; data.layout has {split} already")
    problems += _group_problems(data) + (_fold_problems(spec) if spec.folds else [])
    return problems
