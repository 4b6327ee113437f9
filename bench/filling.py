"""A site with very many entries, written past everything that would run them."""

import csv
import io
import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

FIGURES, METHODS, PEOPLE = 100, 40, 50
BOARD = "imagenet-ood/mini"
FINGERPRINT = "9f3c" * 16
AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What there is to look at."""

    board: str
    methods: tuple[str, ...]
    submissions: tuple[str, ...]


def fill(entries: int) -> Filled:
    """So many finished entries on one board, with FIGURES each; a few of them with all that runs keep."""
    from farfield_evaluators.catalog import find

    benchmark = find(BOARD)
    people, methods = _people(), _methods(benchmark)
    key = _data(benchmark)
    submissions = _submissions(benchmark, people, methods, entries)
    runs = _runs(submissions, key)
    names = _names(benchmark)
    _copy_figures(submissions, names)
    shown = submissions[:: max(1, entries // 50)][:50]
    _scores([run for run in runs if run.submission_id in {one.pk for one in shown}], names)
    _analysed()
    return Filled(
        board=BOARD, methods=tuple(m.name for m in methods[:20]), submissions=tuple(str(one.pk) for one in shown)
    )


def _people() -> list[Any]:
    from farfield_web.accounts.models import User

    return [User.objects.create_user(f"person-{number}") for number in range(PEOPLE)]


def _methods(benchmark: Any) -> list[Any]:
    from django.utils import timezone

    from farfield import Images, MethodSpec, TaskFamily, TrackClaims
    from farfield_web.submissions.models import Method

    spec = MethodSpec(
        name="bench", family=TaskFamily(benchmark.family.value), summary="Filled in.", build=dict,
        inputs=Images(size=8), claims=TrackClaims(backbone="none"),
    )  # fmt: skip
    now = timezone.now()
    return Method.objects.bulk_create(
        Method(
            name=f"method-{number}", family=benchmark.family.value, plugin="bench", distribution="bench",
            version="1.0", spec={**spec.describe(), "name": f"method-{number}"}, announced_at=now,
        )
        for number in range(METHODS)
    )  # fmt: skip


def _data(benchmark: Any) -> str:
    from django.utils import timezone

    from farfield_web.submissions.models import BenchmarkData

    key: str = benchmark.comparability_key(FINGERPRINT)
    BenchmarkData.objects.create(
        benchmark=benchmark.name, version=benchmark.version, fingerprint=FINGERPRINT, key=key, current=True,
        announced_at=timezone.now(),
    )  # fmt: skip
    return key


def _submissions(benchmark: Any, people: Sequence[Any], methods: Sequence[Any], entries: int) -> list[Any]:
    from django.utils import timezone

    from farfield_web.submissions.models import Submission

    now, tracks = timezone.now(), [track.name for track in benchmark.tracks]
    made = [
        Submission(
            owner=people[number % PEOPLE], method=methods[number % METHODS],
            method_name=methods[number % METHODS].name, method_version="1.0", benchmark=benchmark.name,
            benchmark_version=benchmark.version, track=tracks[number % len(tracks)],
            config={"rate": number / entries, "steps": number % 7}, identity=f"{number:064x}",
            title=f"Entry {number}" if number % 3 == 0 else "", body_digest=f"{number:064x}",
            created_at=now - timedelta(minutes=number),
        )
        for number in range(entries)
    ]  # fmt: skip
    Submission.objects.bulk_create(made, batch_size=AT_ONCE)
    return made


def _runs(submissions: Iterable[Any], key: str) -> list[Any]:
    from django.utils import timezone

    from farfield_web.runs.lines import line_of
    from farfield_web.runs.models import Run, RunEvent

    now = timezone.now()
    runs = [
        Run(
            submission=one, trial=0, seed=1, cell={"trial": 0}, resource="cpu", line=line_of(one, "cpu"),
            status="succeeded", status_at=now, queued_at=now, started_at=now - timedelta(seconds=60), finished_at=now,
            comparability_key=key,
            probes={"deterministic": True, "batch_independent": True}, method_version="1.0",
        )
        for one in submissions
    ]  # fmt: skip
    Run.objects.bulk_create(runs, batch_size=AT_ONCE)
    moves = (("", "queued"), ("queued", "preparing"), ("preparing", "running"), ("running", "scoring"))
    RunEvent.objects.bulk_create(
        [
            RunEvent(run=run, at=now, kind="moved", attempt=1, source=source, target=target)
            for run in runs
            for source, target in (*moves, ("scoring", "succeeded"))
        ],
        batch_size=AT_ONCE,
    )
    return runs


def _names(benchmark: Any) -> list[tuple[str, str]]:
    """FIGURES metrics on domains, those of the columns first."""
    places = [*(a.name for a in benchmark.aggregates), *(domain.name for domain in benchmark.domains)]
    every = [(column.metric, column.domain) for column in benchmark.columns]
    every += [(metric.name, place) for metric in benchmark.metrics for place in places]
    every += [(benchmark.metrics[0].name, f"part-{number}") for number in range(FIGURES)]
    return list(dict.fromkeys(every))[:FIGURES]


def _copy_figures(submissions: Sequence[Any], names: Sequence[tuple[str, str]]) -> None:
    draws = random.Random(0)  # noqa: S311 - no secret
    for start in range(0, len(submissions), AT_ONCE):
        rows = (
            (one.pk, metric, domain, round(draws.random(), 6), 0.01, 1000, 1)
            for one in submissions[start : start + AT_ONCE]
            for metric, domain in names
        )
        _copy("runs_submissionfigure (submission_id, metric, domain, value, stderr, n, trials)", rows)


def _scores(runs: Iterable[Any], names: Sequence[tuple[str, str]]) -> None:
    rows = ((run.pk, 1, metric, domain, 0.5, 0.01, 1000) for run in runs for metric, domain in names)
    _copy("runs_score (run_id, attempt, metric, domain, value, stderr, n)", rows)


def _copy(table: str, rows: Iterable[tuple[uuid.UUID | str | float, ...]]) -> None:
    from django.db import connection

    file = io.StringIO()
    csv.writer(file).writerows(rows)
    file.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} FROM STDIN WITH CSV", file)


def _analysed() -> None:
    """As the server does by itself after a while: it plans by what it knows of its tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
