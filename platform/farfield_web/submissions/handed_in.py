"""Results that were made elsewhere and come as one file: in which forms the installed benchmarks take them.

The file is a stranger's. What looks into it runs nothing of it; a worker reads it, apart from the site.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.run_plan import FileRefused, HandedIn
from farfield_web import storable
from farfield_web.errors import SubmissionError, UploadError
from farfield_web.submissions.models import Upload

# The word for what is handed in, of whatever form, where a person says what a file is.
ANY_FORM = "predictions"
_MOST_PROBLEMS, _MOST_CHARACTERS = 200, 50_000


def forms() -> Mapping[str, HandedIn]:
    """The forms in which some benchmark takes results, by what such files are kept as."""
    known = [benchmark.handed_in for benchmark in benchmarks()]
    return {form.kind: form for form in known if form is not None}


def form_of(name: str, wanted: str) -> HandedIn | None:
    """The form of a file by its name, and by what it is said to be ("" where nothing was said); None for a package."""
    known = forms()
    if wanted not in ("", ANY_FORM):
        return known.get(wanted)
    by_name = [form for form in known.values() if name.lower().endswith(form.suffix)]
    # Of several forms with one ending that whose kind the file is called by, as `farfield submit` calls it.
    by_kind = (form for form in by_name if name.lower() == f"{form.kind}{form.suffix}")
    return next(by_kind, None) or next(iter(by_name), None) or known.get(wanted)


def noun_of(upload: Upload) -> str:
    """What a file was sent as, in words."""
    form = forms().get(upload.kind)
    return form.noun if form else "a package"


def look_into(path: Path, form: HandedIn) -> dict[str, Any]:
    """Facts about a file. Raises UploadError that names every problem; CannotLook."""
    try:
        return form.look_into(path)
    except FileRefused as error:
        raise UploadError(error.code, _listed(error), "file", form.hint) from error


def check(upload: Upload, benchmark: Benchmark, tier: str) -> None:
    """That the benchmark takes this file in this tier. Raises SubmissionError with the field at fault."""
    form = benchmark.handed_in
    if form is None:
        text = f"{benchmark.title} takes no results that were made elsewhere; enter a method."
        raise SubmissionError("predictions.not_taken", text, "kind")
    is_other = upload.kind != form.kind
    other = form.other(upload.filename, noun_of(upload)) if is_other else None
    refusal = other or form.refusal(benchmark, tier, upload.facts, upload.filename)
    if refusal is not None:
        raise SubmissionError(refusal.code, refusal.sentence, refusal.field, refusal.hint or None)


def _listed(error: FileRefused) -> str:
    """Every problem, one a line; of very many the first."""
    if not error.problems:
        return str(error)
    lines = [str(problem) for problem in error.problems[:_MOST_PROBLEMS]]
    if len(error.problems) > _MOST_PROBLEMS:
        lines.append(f"and {len(error.problems) - _MOST_PROBLEMS} more problems")
    return storable.text("\n".join(lines))[:_MOST_CHARACTERS]
