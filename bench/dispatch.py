"""What the queue costs as it grows: `python -m bench.dispatch [--runs 1000 100000 1000000]`.

One PostgreSQL in which so many runs of 50 people are kept, half of them waiting: how long a claim takes, a heartbeat, a
run that goes back to the queue, what is told of a run's place, and one look of the reaper. Cost is to grow with the
logarithm of the runs: the last column is how many times what the fewest runs took.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench.filling import fill
from bench.site import database

RUNS = (1_000, 100_000, 1_000_000)
ENTRIES, TIMES = 200, 10
# A copy of a run that there is, under another number: every second waits.
COPY = """
INSERT INTO runs_run ({columns})
SELECT {values} FROM generate_series(%s, %s) AS number
JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 AS at FROM runs_run WHERE trial = 0) AS run
    ON run.at = number %% {entries}
"""
CHANGED = {
    "id": "gen_random_uuid()",
    "trial": "number",
    "cell": "jsonb_build_object('trial', number)",
    "status": "CASE WHEN number %% 2 = 0 THEN 'queued' ELSE 'succeeded' END",
    "queued_at": "run.queued_at - number * interval '1 second'",
    "finished_at": "CASE WHEN number %% 2 = 0 THEN NULL ELSE run.finished_at END",
}


def main() -> None:
    parser = argparse.ArgumentParser(description="The queue at several sizes.")
    parser.add_argument("--runs", type=int, nargs="+", default=list(RUNS))
    sizes = sorted(parser.parse_args().runs)
    with tempfile.TemporaryDirectory() as folder, database(Path(folder)) as environment:
        # Before Django reads its settings; what is sent to workers goes nowhere, as quickly as it can.
        os.environ |= {**environment, "FARFIELD_BROKER_URL": "memory://"}
        start()
        measurements, have = {}, ENTRIES
        for size in sizes:
            grow(have, size)
            have, measurements[size] = size, measured()
    print(report(measurements))


def report(measurements: Mapping[int, Mapping[str, float]]) -> str:
    """A line for each thing that is done: milliseconds at each number of runs, and the growth."""
    sizes = sorted(measurements)
    lines = [f"{'runs, half of them waiting':<34}" + "".join(f"{size:>14,}" for size in sizes) + "    growth"]
    for name in measurements[sizes[0]]:
        times = [measurements[size][name] for size in sizes]
        lines.append(f"{name:<34}" + "".join(f"{ms:11.1f} ms" for ms in times) + f"   x{times[-1] / times[0]:6.2f}")
    return "\n".join(lines)


def measured() -> dict[str, float]:
    """Milliseconds, the median of several, of what is done to a queue."""
    from farfield_web.operations.overview import queues
    from farfield_web.runs import lease
    from farfield_web.runs.models import Run
    from farfield_web.runs.queue import outlook
    from farfield_web.runs.reaper import reap
    from farfield_web.runs.status import Status

    claimed: list[Run] = []
    waiting = Run.objects.filter(status=Status.QUEUED).select_related("submission")
    newest, oldest = waiting.order_by("-queued_at")[:1].get(), waiting.order_by("queued_at")[:1].get()

    def claim() -> None:
        run = lease.claim("bench", "cpu")
        if run is None:
            raise SystemExit("nothing could be claimed, and half of the runs wait")
        claimed.append(run)

    def beat() -> None:
        lease.heartbeat(claimed[0].pk, claimed[0].token, Status.RUNNING, None, "", 0)

    def hand_back() -> None:
        run = claimed.pop()
        lease.hand_back(run.pk, run.token)

    return {
        "a claim": _median(claim),
        "a heartbeat": _median(beat),
        "a run handed back": _median(hand_back),
        "the place of the run that is next": _median(lambda: outlook(oldest)),
        "the place of the last run": _median(lambda: outlook(newest)),
        "a look of the reaper": _median(reap),
        "the operators' table of queues": _median(queues),
    }


def _median(action: Callable[[], Any]) -> float:
    seconds = []
    for _ in range(TIMES):
        begin = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - begin)
    return 1000 * statistics.median(seconds)


def start() -> None:
    """Migrate the database of the environment, and fill it with ENTRIES finished entries."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    fill(ENTRIES)


def grow(have: int, runs: int) -> None:
    """Copy the runs of the first entries until there are so many; every second waits."""
    from django.db import connection

    from farfield_web.runs.models import Run

    columns = [str(field.column) for field in Run._meta.concrete_fields]
    values = ", ".join(CHANGED.get(column, f"run.{column}") for column in columns)
    copy = COPY.format(columns=", ".join(columns), values=values, entries=ENTRIES)
    with connection.cursor() as cursor:
        cursor.execute(copy, [have, runs - 1])
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
