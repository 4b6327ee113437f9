"""What a worker says it can do: its methods, and the data it evaluates on."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from farfield.errors import UnknownName
from farfield_evaluators.catalog import find
from farfield_web import storable
from farfield_web.errors import AnnouncementError
from farfield_web.leaderboards.models import BenchmarkData
from farfield_web.submissions.models import Method

PACKAGING = ("plugin", "distribution", "version")


@transaction.atomic
def announce(worker: str, methods: Sequence[Mapping[str, Any]], benchmarks: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep what a worker offers; what it offered before and does not now is no longer available.

    Raises AnnouncementError for a benchmark that the site does not know, or knows otherwise.
    """
    for name, data in benchmarks.items():
        _keep_benchmark(name, data)
    for method in methods:
        _keep_method(worker, method)
    offered = [method["name"] for method in methods]
    Method.objects.filter(worker=worker).exclude(name__in=offered).update(available=False)


def _keep_method(worker: str, described: Mapping[str, Any]) -> None:
    spec = storable.json({key: value for key, value in described.items() if key not in PACKAGING})
    values = {key: described[key] for key in (*PACKAGING, "family")}
    Method.objects.update_or_create(
        name=described["name"],
        defaults={**values, "spec": spec, "worker": worker, "announced_at": timezone.now(), "available": True},
    )


def _keep_benchmark(name: str, data: Mapping[str, Any]) -> None:
    _check_key(name, data)
    values = {field: data.get(field, empty) for field, empty in (("counts", {}), ("classes", []))}
    values |= {"version": data["version"], "fingerprint": data["fingerprint"], "announced_at": timezone.now()}
    others = BenchmarkData.objects.filter(benchmark=name, current=True).exclude(key=data["key"])
    others.update(current=False)
    BenchmarkData.objects.update_or_create(benchmark=name, key=data["key"], defaults={**values, "current": True})


def _check_key(name: str, data: Mapping[str, Any]) -> None:
    """A worker of another release would compute another key; its results would not belong on this site's boards."""
    try:
        expected = find(name).comparability_key(data["fingerprint"])
    except UnknownName as error:
        raise AnnouncementError("benchmark.unknown", str(error), "benchmarks") from error
    if data["key"] != expected:
        text = f"{name}: the worker has key {data['key']}, the site {expected}: they are of different releases."
        raise AnnouncementError("benchmark.mismatch", text, "benchmarks", "Install the same release on both.")
