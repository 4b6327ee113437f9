"""What to cite of an entry as BibTeX: the entry itself, the papers of its method, and those of its benchmark."""

from datetime import datetime

from farfield_evaluators.benchmark import Benchmark
from farfield_web.entries.names import shown_author
from farfield_web.pages.boards.board_bibtex import cited, misc
from farfield_web.pages.boards.board_latex import escaped
from farfield_web.submissions.models import Submission


def as_bibtex(submission: Submission, benchmark: Benchmark, address: str, now: datetime) -> str:
    """An anonymous entry is cited as such, whoever asks: what is copied from here is handed on."""
    method = submission.method
    named = f"{submission.display_name} on {benchmark.title}"
    facts = f"Submission {submission.pk}, {benchmark.name} version {submission.benchmark_version}, {now:%Y-%m-%d}"
    entry = misc(
        f"farfield:submission:{str(submission.pk)[:8]}",
        {
            "title": f"{{{escaped(f'{submission.title}: {named}' if submission.title else named)}}}",
            "author": f"{{{escaped(shown_author(submission))}}}",
            "year": f"{submission.created_at:%Y}",
            "url": address,
            "note": escaped(facts),
        },
    )
    papers = method.chosen(submission.config).spec.get("papers", ()) if method else ()
    every = dict.fromkeys((*map(str, papers), *benchmark.citations))
    return "\n".join([entry, *(cited(number, text) for number, text in enumerate(every, 1))])
