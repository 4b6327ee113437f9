"""The line of each entry: what boards choose by, made anew when the entry changes, so that no reader has to."""

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from farfield_evaluators.benchmark import Benchmark
from farfield_web.entries.names import shown_author
from farfield_web.leaderboards.held import Repeats, repeats_of
from farfield_web.leaderboards.labels import is_verified, labels_for
from farfield_web.leaderboards.models import BoardLine
from farfield_web.leaderboards.off import why_off
from farfield_web.leaderboards.reading import counted, entered
from farfield_web.leaderboards.selection import NOT_STANDARD, REPRODUCED, SEEN, STANDARD, VERIFIED
from farfield_web.leaderboards.standing import standing_of
from farfield_web.leaderboards.trust import seen_by
from farfield_web.runs.figures import Figures, by_submission
from farfield_web.runs.models import SubmissionFigure
from farfield_web.submissions.models import Submission
from farfield_web.submissions.written import settings_in_words

AT_ONCE = 500
_MADE = [field.name for field in BoardLine._meta.fields if not field.primary_key]


def remake(benchmark: Benchmark, tier: str, submissions: Iterable[uuid.UUID] | None) -> None:
    """Make the lines of these submissions of a board anew, or of all of them."""
    everything = Submission.objects.filter(benchmark=benchmark.name, tier=tier)
    lines = BoardLine.objects.filter(benchmark=benchmark.name, tier=tier)
    if submissions is not None:
        named = list(submissions)
        everything, lines = everything.filter(pk__in=named), lines.filter(pk__in=named)
    made: set[uuid.UUID] = set()
    for part in _batches(everything):
        made |= _make(benchmark, part)
    gone = set(lines.values_list("pk", flat=True)) - made
    BoardLine.objects.filter(pk__in=gone).delete()


def _batches(submissions: QuerySet[Submission]) -> Iterable[Sequence[uuid.UUID]]:
    keys = list(submissions.order_by().values_list("pk", flat=True))
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def _make(benchmark: Benchmark, keys: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    scored = SubmissionFigure.objects.filter(submission=OuterRef("pk"))
    rows = counted(Submission.objects.filter(pk__in=keys)).annotate(scored=Exists(scored))
    listed: list[Any] = list(rows)
    shown = [one for one in listed if one.scored or one.succeeded == one.total]
    repeats = repeats_of(one for one in shown if one.was_repeated)
    off = why_off(shown, repeats.held)
    figures = by_submission([one.pk for one in shown], benchmark.columns)
    lines = [_line(one, benchmark, figures[one.pk], repeats, struck=one.pk in off) for one in shown]
    BoardLine.objects.bulk_create(lines, update_conflicts=True, unique_fields=["submission"], update_fields=_MADE)
    return {one.pk for one in shown}


def _line(one: Any, benchmark: Benchmark, figures: Figures, repeats: Repeats, *, struck: bool) -> BoardLine:
    told, standing = entered(one), standing_of(benchmark, one, figures, one.probes)
    own = [figures.get((column.metric, column.domain)) for column in benchmark.columns]
    told_so = {
        VERIFIED: is_verified(one.kind),
        REPRODUCED: one.pk in repeats.reproduced,
        STANDARD: standing is not None and not standing.reasons,
        NOT_STANDARD: standing is not None and bool(standing.reasons),
    }
    badges = [badge for badge, is_so in told_so.items() if is_so]
    return BoardLine(
        submission=one,
        benchmark=one.benchmark,
        tier=one.tier,
        owner=one.owner_id,
        identity=one.identity,
        entered_at=one.created_at,
        done=one.succeeded == one.total,
        struck=struck,
        keys=one.keys,
        method=told.method,
        version=told.version,
        content=told.content,
        author=shown_author(one),
        kind=one.kind,
        track=one.track,
        backbone=str(one.claims.get("backbone") or ""),
        phase=one.phase.name if one.phase else "",
        badges=[*labels_for(one, one.probes, noted=one.was_noted), *badges, f"{SEEN}{seen_by(one).value}"],
        config=one.config,
        settings=list(settings_in_words(one.config)),
        text=" ".join((told.method, one.title, shown_author(one))).casefold(),
        values=[figure.value if figure else None for figure in own],
        errors=[figure.stderr if figure else None for figure in own],
    )
