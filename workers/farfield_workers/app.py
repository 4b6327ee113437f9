"""The evaluation worker's Celery app: `celery -A farfield_workers.app worker -Q evaluate.cpu -P threads -c 1`."""

import logging

from celery import Celery
from celery.signals import worker_ready

from farfield_workers.settings import worker_settings

# A line for each heartbeat: what became of a run is in its timeline.
logging.getLogger("httpx").setLevel(logging.WARNING)
app = Celery("farfield_workers", include=["farfield_workers.tasks"])
app.conf.update(
    broker_url=worker_settings().broker_url,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    task_ignore_result=True,
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    # Whoever reaches the broker could otherwise shut workers down, or ask them what they do.
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_hijack_root_logger=False,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue=worker_settings().queue,
    task_create_missing_queues=True,
)


@worker_ready.connect
def _announce(**_: object) -> None:
    """Tell the site what can be evaluated here, then take whatever waits already."""
    app.send_task("farfield_workers.tasks.announce", queue=worker_settings().queue)
