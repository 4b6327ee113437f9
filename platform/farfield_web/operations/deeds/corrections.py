"""Corrections of boards: an entry taken off, put back, or with a note beside it."""

from collections.abc import Callable

from farfield_web.operations.deeds.base import PUBLIC_REASON, Deed, Done, Field, Kind, Values
from farfield_web.submissions import rulings
from farfield_web.submissions.models import Ruling, Submission

ENTRY = Field(name="submission", help="The number of the submission, as its address has it.", kind=Kind.SUBMISSION)


def _by(rule: Callable[[Submission, str, str], Ruling], said: str) -> Callable[[Values], Done]:
    def do(values: Values) -> Done:
        submission = values["submission"]
        ruling = rule(submission, values["reason"], values["role"])
        facts = {"benchmark": submission.benchmark, "owner": submission.owner.username}
        what = f"submission {submission.pk}"
        return Done(said=f"{submission.pk} {said}: {ruling.reason}", what=what, facts=facts)

    return do


DEEDS = (
    Deed(
        name="invalidate",
        title="Take off the boards",
        about="The entry loses its rank and figures on every board; it can still be read, with the reason.",
        fields=(ENTRY, PUBLIC_REASON),
        do=_by(rulings.invalidate, "is off the boards"),
        public=True,
        danger=True,
    ),
    Deed(
        name="restore",
        title="Put back on the boards",
        about="As if it had never been off, but for the record.",
        fields=(ENTRY, PUBLIC_REASON),
        do=_by(rulings.restore, "is on the boards again"),
        public=True,
    ),
    Deed(
        name="note",
        title="Add a note",
        about="A sentence beside the entry, for everybody; its rank stays.",
        fields=(ENTRY, PUBLIC_REASON),
        do=_by(rulings.note, "has a note"),
        public=True,
    ),
)
