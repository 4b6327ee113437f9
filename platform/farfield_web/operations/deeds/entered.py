"""What operators do to anybody's entries and runs."""

from django.db.models import QuerySet

from farfield_web.operations.deeds.base import REASON, Deed, Done, Entered, Field, Kind, OperateError, Values
from farfield_web.runs import operated
from farfield_web.runs.models import Run
from farfield_web.runs.status import OPEN

ENTERED = Field(name="entry", help="The number of a submission or a run, as its address has it.", kind=Kind.ENTERED)


def _cancel(values: Values) -> Done:
    entry: Entered = values["entry"]
    count = operated.cancel(entry.submission, entry.run, values["reason"])
    return Done(said=f"{_runs(count)} cancelled.", what=entry.what, facts={"runs": count})


def _again(values: Values) -> Done:
    entry: Entered = values["entry"]
    again = operated.run_again(entry.submission, entry.run, values["reason"])
    if again.submission is None:
        return Done(said=f"{_runs(again.runs)} queued again.", what=entry.what, facts={"runs": again.runs})
    said = f"{_runs(again.runs)} queued, as the new submission {again.submission.pk}; it costs its owner no quota."
    return Done(said=said, what=entry.what, facts={"runs": again.runs, "submission": str(again.submission.pk)})


def _prioritize_entry(values: Values) -> Done:
    entry: Entered = values["entry"]
    runs = Run.objects.filter(pk=entry.run.pk) if entry.run else Run.objects.filter(submission=entry.submission)
    return _prioritized(runs, values["priority"], entry.what)


def _prioritize_person(values: Values) -> Done:
    person = values["person"]
    return _prioritized(Run.objects.filter(submission__owner=person), values["priority"], person.username)


def _prioritized(runs: QuerySet[Run], priority: int, what: str) -> Done:
    changed = runs.filter(status__in=OPEN).update(priority=priority)
    if not changed:
        raise OperateError("operate.nothing_open", f"Nothing of {what} is waiting or under way.")
    said = f"{changed} open run{'' if changed == 1 else 's'} of {what} now have priority {priority}."
    return Done(said=said, what=what, facts={"priority": priority, "runs": changed})


def _runs(count: int) -> str:
    return "1 run was" if count == 1 else f"{count} runs were"


PRIORITY = Field(name="priority", help="Higher is claimed first; 0 is where all start.", kind=Kind.NUMBER)
DEEDS = (
    Deed(
        name="cancel",
        title="Cancel",
        about="Ends what is waiting or under way, and gives the quota back.",
        fields=(ENTERED, REASON),
        do=_cancel,
        danger=True,
    ),
    Deed(
        name="again",
        title="Run again",
        about="Queues what failed or was cancelled. An entry that has succeeded is entered anew for its owner, so that "
        "both results stand side by side.",
        fields=(ENTERED, REASON),
        do=_again,
    ),
    Deed(
        name="priority",
        title="Set the priority",
        about="Of the open runs of one submission, or of one run.",
        fields=(ENTERED, PRIORITY),
        do=_prioritize_entry,
    ),
    Deed(
        name="priority-of-person",
        title="Set a person's priority",
        about="Of all runs of theirs that are open now.",
        fields=(Field(name="person", help="A user name.", kind=Kind.PERSON), PRIORITY),
        do=_prioritize_person,
    ),
)
