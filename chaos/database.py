"""The site's database, looked at directly: what a run is, whatever the site says."""

import contextlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import psycopg2  # type: ignore[import-untyped]

from chaos.verify import Figure, RunState, State

Rows = list[tuple[Any, ...]]
Held = list[tuple[str, str, str, str]]
LEASED = ("preparing", "running", "scoring")
ENDED = ("succeeded", "failed", "cancelled")
HELD = "SELECT id::text, worker, status, token FROM runs_run WHERE status IN %s"
Away: type[Exception] = psycopg2.Error


class Database:
    """Short connections, so that a database that was killed in between is no matter."""

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, query: str, *values: object) -> Rows:
        """Raises Away while the database is away."""
        with self._connection() as connection, connection.cursor() as cursor:
            cursor.execute(query, values)
            return list(cursor.fetchall())

    @contextlib.contextmanager
    def _connection(self) -> Iterator[Any]:
        connection = psycopg2.connect(self._url, connect_timeout=5, options="-c statement_timeout=20000")
        try:
            yield connection
        finally:
            connection.close()

    def answers(self) -> bool:
        """It is there."""
        with contextlib.suppress(Away):
            return bool(self.ask("SELECT 1"))
        return False

    def held(self) -> Held:
        """(run, worker, status, token) of every leased run."""
        return [(run, worker, status, token) for run, worker, status, token in self.ask(HELD, LEASED)]

    @contextlib.contextmanager
    def watched(self) -> Iterator[Callable[[], Held]]:
        """`held` over one connection, for looking very often."""
        with self._connection() as connection, connection.cursor() as cursor:
            connection.autocommit = True

            def held() -> Held:
                cursor.execute(HELD, (LEASED,))
                return list(cursor.fetchall())

            yield held

    def by_status(self) -> dict[str, int]:
        """How many runs are in each state."""
        return dict(self.ask("SELECT status, count(*) FROM runs_run GROUP BY status"))

    def state(self) -> State:
        """Everything the verifier looks at."""
        runs = self.ask(
            """
            SELECT r.id::text, s.id::text, s.title, m.name, s.config, r.status, r.attempt, r.worker,
                   extract(epoch FROM r.started_at), extract(epoch FROM r.finished_at),
                   r.failure_code, r.failure_message, s.quota_at IS NULL, coalesce(l.head || l.tail, '')
            FROM runs_run r JOIN submissions_submission s ON s.id = r.submission_id
            LEFT JOIN submissions_method m ON m.id = s.method_id
            LEFT JOIN runs_runlog l ON l.run_id = r.id AND l.attempt = r.attempt
            """
        )
        submissions = self.ask("SELECT id::text, title FROM submissions_submission")
        figures, successes = self._figures(), self._successes()
        return State(
            submissions=dict(submissions),
            runs=tuple(_run(row, figures[row[0]], successes.get(row[0], 0)) for row in runs),
        )

    def _figures(self) -> dict[str, list[Figure]]:
        found: dict[str, list[Figure]] = defaultdict(list)
        for run, *figure in self.ask("SELECT run_id::text, attempt, metric, domain, value FROM runs_score"):
            found[run].append(Figure(*figure))
        return found

    def _successes(self) -> dict[str, int]:
        query = "SELECT run_id::text, count(*) FROM runs_runevent WHERE target = 'succeeded' GROUP BY run_id"
        return dict(self.ask(query))


def _run(row: tuple[Any, ...], figures: list[Figure], successes: int) -> RunState:
    run, submission, title, method, config, status, attempt, worker, started, finished, code, message, free, log = row
    values = json.loads(config) if isinstance(config, str) else config
    return RunState(
        id=run,
        submission=submission,
        title=title,
        method=method or "",
        answer=int(values.get("answer", 0)),
        status=status,
        attempt=attempt,
        worker=worker,
        started=None if started is None else float(started),
        finished=None if finished is None else float(finished),
        code=code,
        message=message,
        quota_returned=free,
        log=log,
        figures=tuple(figures),
        successes=successes,
    )
