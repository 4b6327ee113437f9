"""The card of a benchmark of one's own: what its file says, and what became of the data at import."""

from collections.abc import Iterator
from pathlib import Path

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.data.shelf import open_pack
from farfield_evaluators.own.spec import OwnSpec, Part, Rule, Shown


def card_of(spec: OwnSpec, packs: Path) -> str:
    """In Markdown; with the counts of the pack where it is imported."""
    parts = [f"# {spec.title}", spec.description or spec.summary, *_protocol(spec), *_data(spec, packs)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _protocol(spec: OwnSpec) -> Iterator[str]:
    yield "## Protocol"
    whole = "the images of all other folds" if spec.folds else _rule(spec.train or {})
    named = {**({} if spec.train is None else {"train": whole}), **{n: _rule(rule) for n, rule in spec.parts.items()}}
    fitted = whole if list(named) == ["train"] else "; ".join(f"{name}, {says}" for name, says in named.items())
    yield f"`{spec.benchmark_name}`, version {spec.version}, {spec.family}. {_seen_by(spec)}"
    yield f"Methods may be fitted on: {fitted or 'nothing'}."
    runs = f"{spec.trials} with different seeds" if spec.folds is None else f"one a fold of `{spec.folds.over}`"
    more = f"; {spec.stochastic_trials} of a method whose result depends on the seed" if spec.stochastic_trials else ""
    yield f"Runs of each entry: {runs}{more}."
    yield "Tests:\n\n" + "\n".join(map(_test, spec.tests))
    if spec.columns:
        yield "Columns, the headline first:\n\n" + "\n".join(map(_column, spec.columns))


def _test(part: Part) -> str:
    return f"- **{part.title}** (`{part.name}`, {part.role}): {_rule(part.where)}"


def _column(column: Shown) -> str:
    return f"- {column.title}"


def _rule(rule: Rule) -> str:
    return " and ".join(f"{name} is {' or '.join(values)}" for name, values in rule.items()) or "all images"


def _seen_by(spec: OwnSpec) -> str:
    if spec.audience is None:
        return "Everybody sees its board."
    return f"Its board is private: {', '.join((*spec.audience.owners, 'operators'))}."


def _data(spec: OwnSpec, packs: Path) -> Iterator[str]:
    yield "## Data"
    yield f"Licence: {spec.licence}."
    try:
        pack = open_pack(packs, spec.benchmark_name)
    except PackError as error:
        yield f"{str(error).capitalize()}."
        return
    of = f" of {len(pack.classes):,} classes" if pack.classes else ""
    yield f"{len(pack.spans):,} images{of}, fingerprint `{pack.fingerprint}`."
    yield _counts(pack)
    yield "\n".join(f"- {note}" for note in pack.notes)
    if spec.citations:
        yield "## Citations\n\n" + "\n".join(f"- {text}" for text in spec.citations)


def _counts(pack: Pack) -> str:
    rows = "\n".join(f"| {name} | {count:,} |" for name, count in pack.counts().items())
    return f"| Set | Images |\n|---|---|\n{rows}"
