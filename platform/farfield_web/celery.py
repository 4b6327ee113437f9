"""The site's Celery application. Messages only wake someone; the database is the truth."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "farfield_web.settings")
# Before numpy is there. Where others want the processors, OpenBLAS' threads wait for one another by turning: comparing
# 200 entries at a load average of about 7 took 3.5 s of them, and takes 0.5 s with one thread.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from django.conf import settings

STORE_REPORT = "farfield_web.runs.tasks.store_report"
REAP = "farfield_web.runs.tasks.reap"
PRUNE = "farfield_web.runs.tasks.prune"
PRUNE_SECONDS = 3600.0
COMPARE = "farfield_web.leaderboards.tasks.compare"
COMPARE_SECONDS = 300.0
RANK = "farfield_web.leaderboards.tasks.rank"
CONTRAST = "farfield_web.contrasts.tasks.contrast"
CONTRAST_SECONDS = 30.0
LETTERS = "farfield_web.accounts.tasks.send_letters"
LETTERS_SECONDS = 20.0
WEBHOOKS = "farfield_web.people.tasks.send_webhooks"
WAKE = "farfield_workers.tasks.wake"

app = Celery("farfield_web")
app.conf.update(
    broker_url=settings.BROKER_URL or None,
    broker_connection_retry_on_startup=True,
    # A submission must not hang on a broker that is down: the reaper sends the wake again.
    broker_transport_options={"socket_connect_timeout": 3, "socket_timeout": 30, "max_retries": 1, "interval_start": 0},
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    task_default_queue="site",
    task_routes={
        name: {"queue": "site"} for name in (STORE_REPORT, REAP, PRUNE, COMPARE, RANK, CONTRAST, LETTERS, WEBHOOKS)
    },
    # All tasks are short and safe to run twice, so a message leaves the queue only when its work is done.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # Whoever reaches the broker could otherwise shut workers down, or ask them what they do.
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    timezone="UTC",
    beat_schedule={
        "reap": {"task": REAP, "schedule": settings.REAP_SECONDS, "options": {"expires": 60}},
        "prune": {"task": PRUNE, "schedule": PRUNE_SECONDS, "options": {"expires": PRUNE_SECONDS}},
        "letters": {"task": LETTERS, "schedule": LETTERS_SECONDS, "options": {"expires": LETTERS_SECONDS}},
        "webhooks": {"task": WEBHOOKS, "schedule": LETTERS_SECONDS, "options": {"expires": LETTERS_SECONDS}},
        "compare": {"task": COMPARE, "schedule": COMPARE_SECONDS, "options": {"expires": COMPARE_SECONDS}},
        "contrast": {"task": CONTRAST, "schedule": CONTRAST_SECONDS, "options": {"expires": CONTRAST_SECONDS}},
    },
    # In memory: every few seconds needs no record on disk, which a kill or a full disk could break.
    beat_scheduler="celery.beat:Scheduler",
    imports=tuple(f"farfield_web.{part}.tasks" for part in ("accounts", "people", "runs", "leaderboards", "contrasts")),
)
app.set_default()


@worker_ready.connect
def _say_suites(**_: object) -> None:
    """The site worker holds reports against its own suites, so what it has is in its log."""
    from farfield_web.installed import log_suites

    log_suites()
