"""What became of the entries of a frozen board since: what was said of them stands beside its rows, which stay."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from farfield_web.entries.names import ANONYMOUS
from farfield_web.entries.withdrawn import why_withdrawn, withdrawals
from farfield_web.submissions.models import Ruling, Submission
from farfield_web.submissions.rulings import NOTE, taken_off

_PARTS = ("rows", "apart")


def said_since(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Sentences by the entry's key, as rows have it: that it was taken off or withdrawn, and every note."""
    entries = Submission.objects.filter(pk__in=[row["submission"] for row in content["rows"]])
    said: dict[str, list[str]] = defaultdict(list)
    for key, ruling in taken_off(entries).items():
        said[str(key)].append(f"taken off since by the {ruling.role}: {ruling.reason}")
    for key, change in withdrawals(entries).items():
        said[str(key)].append(why_withdrawn(change))
    for note in Ruling.objects.filter(submission__in=entries, verb=NOTE):
        said[str(note.submission_id)].append(f"noted by the {note.role} on {note.at:%Y-%m-%d}: {note.reason}")
    return said


def without_hidden_names(content: Mapping[str, Any]) -> dict[str, Any]:
    """The same board, without the names of authors who hide theirs now."""
    keys = [row["submission"] for part in _PARTS for row in content[part]]
    hidden = Submission.objects.filter(pk__in=keys, anonymous_since__isnull=False)
    anonymous = {str(key) for key in hidden.values_list("pk", flat=True)}
    nobody = {"owner": ANONYMOUS, "team": ""}
    parts = {
        part: [{**row, **nobody} if row["submission"] in anonymous else row for row in content[part]] for part in _PARTS
    }
    return {**content, **parts}
