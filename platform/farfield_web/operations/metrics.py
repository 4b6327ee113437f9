"""The state of the site as Prometheus reads it."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from farfield_web.operations.intake import pause_now
from farfield_web.operations.models import OPEN, Ban, Result, Verdict
from farfield_web.operations.overview import queues, worker_states
from farfield_web.runs.depth import ABOUT, depth
from farfield_web.runs.models import Run
from farfield_web.runs.status import Status


def text() -> bytes:
    """All gauges in the text format 0.0.4."""
    registry = CollectorRegistry()
    registry.register(SiteState())
    return generate_latest(registry)


class SiteState(Collector):
    """Reads the database when it is asked, so that all web processes answer alike."""

    def collect(self) -> Iterator[Metric]:
        yield _by_status()
        yield from _queues()
        yield _workers()
        pending = Result.objects.filter(verdict=Verdict.CHANGED, decision="").count()
        yield _one("farfield_changed_results_pending", "Changed results that wait for an operator.", pending)
        yield _one("farfield_intake_paused", "1 while nothing new is taken.", int(pause_now() is not None))
        yield _one("farfield_banned_people", "Accounts that are banned.", Ban.objects.filter(OPEN).count())


def _by_status() -> Metric:
    family = GaugeMetricFamily("farfield_runs", f"Runs by state; {ABOUT}.", labels=["status"])
    for status in Status:
        family.add_metric([status.value], depth(Run.objects.filter(status=status)))
    return family


def _queues() -> Iterator[Metric]:
    depth = GaugeMetricFamily("farfield_queue_depth", f"Runs that wait for a worker; {ABOUT}.", labels=["resource"])
    age = GaugeMetricFamily("farfield_queue_oldest_seconds", "Age of the oldest that waits.", labels=["resource"])
    for queue in queues():
        depth.add_metric([queue.resource], queue.waiting)
        seconds = (timezone.now() - queue.oldest).total_seconds() if queue.oldest else 0.0
        age.add_metric([queue.resource], seconds)
    yield depth
    yield age


def _workers() -> Metric:
    within = int(settings.WORKER_SEEN_WITHIN.total_seconds())
    help_text = f"Workers by state; silent ones were not heard of for {within} seconds."
    family = GaugeMetricFamily("farfield_workers", help_text, labels=["resource", "state"])
    counts: dict[tuple[str, str], int] = {}
    for worker in worker_states():
        at = worker.resource, worker.state.replace(" ", "_")
        counts[at] = counts.get(at, 0) + 1
    for labels, count in sorted(counts.items()):
        family.add_metric(list(labels), count)
    return family


def _one(name: str, help_text: str, value: int) -> Metric:
    return GaugeMetricFamily(name, help_text, value=value)
