"""In which forms a site offers its boards and entries, and where."""

import re
from dataclasses import dataclass

from farfield.errors import UsageError, did_you_mean

BOARD, ENTRY, RUN = "board", "entry", "run"
NUMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form of something: its address, with {} for the name or number, and how a file of it is called."""

    of: str
    name: str
    address: str
    suffix: str
    what: str


FORMS = (
    Form(of=BOARD, name="csv", address="boards/{}/board.csv", suffix=".csv", what="an entry a line"),
    Form(of=BOARD, name="json", address="boards/{}/board.json", suffix=".json", what="all rows as the API has them"),
    Form(of=BOARD, name="parquet", address="boards/{}/board.parquet", suffix=".parquet", what="the lines with types"),
    Form(of=BOARD, name="latex", address="boards/{}/board.tex", suffix=".tex", what="a table for a paper"),
    Form(of=BOARD, name="bibtex", address="boards/{}/board.bib", suffix=".bib", what="what to cite"),
    Form(of=BOARD, name="openood", address="boards/{}/openood.csv", suffix="-openood.csv", what="OpenOOD's columns"),
    Form(of=BOARD, name="groups", address="boards/{}/groups.csv", suffix="-groups.csv", what="figures of groups"),
    Form(of=BOARD, name="atom", address="boards/{}/feed.atom", suffix=".atom", what="news of the board"),
    Form(of=BOARD, name="croissant", address="benchmarks/{}/croissant.json", suffix="-croissant.json", what="the data"),
    Form(of=BOARD, name="card", address="benchmarks/{}/card.md", suffix=".md", what="the benchmark's card"),
    Form(of=ENTRY, name="json", address="api/v1/submissions/{}", suffix=".json", what="the entry as the API has it"),
    Form(of=ENTRY, name="bibtex", address="submissions/{}/entry.bib", suffix=".bib", what="what to cite"),
    Form(
        of=ENTRY,
        name="every-eval-ever",
        address="api/v1/submissions/{}/every-eval-ever",
        suffix="-every-eval-ever.json",
        what="a record of Every Eval Ever",
    ),
    Form(
        of=ENTRY,
        name="eval-results",
        address="api/v1/submissions/{}/eval-results",
        suffix=".yaml",
        what="results for its model on the Hugging Face Hub",
    ),
    Form(of=ENTRY, name="ro-crate", address="api/v1/submissions/{}/ro-crate", suffix=".crate.zip", what="an RO-Crate"),
    Form(of=ENTRY, name="records", address="api/v1/submissions/{}/records", suffix=".zip", what="its runs' evidence"),
    Form(of=ENTRY, name="badge", address="badge/{}.svg", suffix=".svg", what="a picture of its rank"),
    Form(of=RUN, name="attestation", address="api/v1/runs/{}/attestation", suffix=".attestation.json", what="signed"),
    Form(of=RUN, name="log", address="runs/{}/log.txt", suffix=".log", what="the log of the method"),
)


def is_number(text: str) -> bool:
    """Whether it is the number of an entry or a run, rather than the name of a benchmark."""
    return NUMBER.fullmatch(text.lower()) is not None


def form_of(what: str, name: str) -> Form:
    """The form of that name of a board, or of an entry and its run. Raises UsageError with those that there are."""
    known = [form for form in FORMS if (form.of == BOARD) != is_number(what)]
    for form in known:
        if form.name == name:
            return form
    names = [form.name for form in known]
    kind = "an entry" if is_number(what) else "a board"
    near = did_you_mean(name, names)
    raise UsageError(f"{kind} has no form {name!r}{near}; it has: {', '.join(names)}")
