"""Which finished entries a board does not rank because of another result of the same key, and which were reproduced."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from farfield_web.operations.models import Decision, Result, Verdict
from farfield_web.submissions.models import Submission

WAITS = "gave other figures than an earlier entry of the same method version and settings; an operator decides"


@dataclass(frozen=True, kw_only=True)
class Repeats:
    """`held` says of an entry why it is not ranked, `reproduced` how many other entries gave the same within chance."""

    held: Mapping[UUID, str] = field(default_factory=dict)
    reproduced: Mapping[UUID, int] = field(default_factory=dict)


def repeats_of(submissions: Iterable[Submission]) -> Repeats:
    """Of these submissions; in one query, however many there are."""
    of = [one.pk for one in submissions]
    if not of:
        return Repeats()
    keys = Result.objects.filter(submission__in=of).values("key")
    by_key: dict[str, list[Result]] = defaultdict(list)
    for result in Result.objects.filter(key__in=keys).order_by("id"):
        by_key[result.key].append(result)
    held: dict[UUID, str] = {}
    counts: dict[UUID, int] = {}
    for results in by_key.values():
        held |= why_held(results)
        counts |= times_reproduced(results)
    return Repeats(held=held, reproduced=counts)


def why_held(results: Sequence[Result]) -> dict[UUID, str]:
    """Of the results of one key, in the order in which they came, those that are not the accepted ones, and why.

    What an operator put in place takes the place of all that came before that decision.
    """
    placed = [result for result in results if result.decision == Decision.REPLACE]
    newest = max(placed, key=lambda result: (result.decided_at, result.pk), default=None)
    reasons: dict[UUID, str] = {}
    for result in results:
        if newest is not None and _was_replaced(result, newest):
            reasons[result.submission_id] = f"replaced by a newer result: {newest.reason}"
        if result.verdict == Verdict.CHANGED and result.decision != Decision.REPLACE:
            kept = f"the older result stands: {result.reason}"
            reasons[result.submission_id] = kept if result.decision == Decision.KEEP else WAITS
    return reasons


def _was_replaced(result: Result, newest: Result) -> bool:
    if result.pk == newest.pk or result.against_id == newest.submission_id:
        return False
    return newest.decided_at is None or result.at < newest.decided_at


def times_reproduced(results: Iterable[Result]) -> dict[UUID, int]:
    """Of the results of one key, how many others agree with each; those that none agrees with are left out."""
    of = {
        result.submission_id: result.against_id if result.verdict == Verdict.REPRODUCED else result.submission_id
        for result in results
    }
    sizes = Counter(of.values())
    return {key: sizes[accepted] - 1 for key, accepted in of.items() if sizes[accepted] > 1}


def times_in_words(times: int) -> str:
    """
    >>> times_in_words(0), times_in_words(1), times_in_words(3)
    ('', 'reproduced once', 'reproduced 3 times')
    """
    if not times:
        return ""
    return "reproduced once" if times == 1 else f"reproduced {times} times"
