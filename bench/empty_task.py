"""A Celery worker with a task that does nothing: `celery -A bench.empty_task worker -Q bench.empty`."""

import os

from celery import Celery

QUEUE = "bench.empty"
BROKER = "BENCH_BROKER_URL"
app = Celery("bench.empty_task", broker=os.environ.get(BROKER), backend=os.environ.get(BROKER))
app.conf.update(task_default_queue=QUEUE, worker_enable_remote_control=False, worker_send_task_events=False)


@app.task(name="bench.empty")
def empty() -> None:
    """Nothing."""
