"""Which entries are set beside one another, and why some cannot be."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from farfield_evaluators.benchmark import Benchmark
from farfield_web.errors import UserError
from farfield_web.hosting.hidden import names_hidden_from
from farfield_web.leaderboards.differences import Entered, differences
from farfield_web.leaderboards.progress import why_struck
from farfield_web.leaderboards.queries import Entry, entry_of
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import Viewer, may_see

LEAST, MOST = 2, 5
FIELD = "entries"


class ChoiceError(UserError):
    """Why these entries cannot be compared."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Two to five comparable entries of one board, in the order in which they were named, at full precision."""

    benchmark: Benchmark
    tier: str
    entries: tuple[Entry, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """What each is called: its method, and its title or the settings that tell it from the others."""
        submissions = [entry.submission for entry in self.entries]
        found = differences(
            Entered(key=one.pk, method=one.display_name, version=one.method_version, config=one.config)
            for one in submissions
        )
        return tuple(_name(one, [f"{name} {value}" for name, value in found[one.pk].items()]) for one in submissions)


def choice(viewer: Viewer, named: Sequence[str]) -> Choice:
    """The entries with these keys. Raises ChoiceError with a sentence that says what to do."""
    keys = list(dict.fromkeys(_key(text) for text in named))
    if not LEAST <= len(keys) <= MOST:
        text = f"From {LEAST} to {MOST} different entries are compared at once; these are {len(keys)}."
        raise ChoiceError("request.entries", text, FIELD, "Tick entries of one board.")
    known = {one.pk: one for one in Submission.objects.filter(pk__in=keys)}
    submissions = [known.get(key) for key in keys]
    hidden = names_hidden_from(viewer)
    if any(one is None or one.benchmark in hidden or not may_see(viewer, one.benchmark) for one in submissions):
        raise ChoiceError("request.not_found", "One of these entries does not exist.", FIELD)
    return comparable([one for one in submissions if one is not None])


def comparable(submissions: Sequence[Submission]) -> Choice:
    """These submissions as entries of one board. Raises ChoiceError where they are not."""
    _check_board(submissions)
    _check_rulings(submissions)
    entries = tuple(entry_of(one) for one in submissions if one.runs.exists())
    unfinished = next((entry for entry in entries if not entry.progress.is_done), None)
    if unfinished is not None or len(entries) < len(submissions):
        name = unfinished.submission.display_name if unfinished else "One of them"
        raise ChoiceError("request.not_comparable", f"{name} is not finished: it has no figures to compare yet.", FIELD)
    if len({entry.keys for entry in entries}) > 1:
        text = "They were evaluated on different revisions of the data or the protocol."
        raise ChoiceError("request.not_comparable", text, FIELD, "Submit the older one again.")
    benchmark = submissions[0].known_benchmark
    assert benchmark is not None  # noqa: S101 - for mypy: it was looked at
    return Choice(benchmark=benchmark, tier=submissions[0].tier, entries=entries)


def _check_board(submissions: Sequence[Submission]) -> None:
    boards = {(one.benchmark, one.tier) for one in submissions}
    if len(boards) > 1 or submissions[0].known_benchmark is None:
        listed = ", ".join(sorted(f"{name} {tier}".strip() for name, tier in boards))
        raise ChoiceError(
            "request.not_comparable",
            f"Only entries of one board and tier can be compared; these are of: {listed}.",
            FIELD,
            "Figures on different test images say nothing of one another; /standings/ sets methods side by side.",
        )


def _check_rulings(submissions: Sequence[Submission]) -> None:
    for one in submissions:
        if ruling := one.taken_off:
            raise ChoiceError("request.not_comparable", f"{one.display_name} was {why_struck(ruling)}.", FIELD)


def _key(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise ChoiceError("request.not_found", f"{text[:60]!r} is no key of an entry.", FIELD) from error


def _name(submission: Submission, differs: Sequence[str]) -> str:
    return ", ".join((submission.display_name, *([submission.title] if submission.title else differs[:3])))
