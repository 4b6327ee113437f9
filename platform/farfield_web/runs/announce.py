"""What a worker says it can do: its methods, and the data it evaluates on."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_web import storable
from farfield_web.changed import changed
from farfield_web.errors import AnnouncementError
from farfield_web.runs import suites as suites_of_workers
from farfield_web.runs import workers
from farfield_web.submissions.kinds import Kind, Origin
from farfield_web.submissions.models import BenchmarkData, Method, Worker
from farfield_web.submissions.names import one_at_a_time, why_taken

log = logging.getLogger(__name__)
PACKAGING = ("plugin", "distribution", "version")


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A method, a benchmark or a suite of a worker that the site does not take; `what` says which of the three.

    `benchmarks` are those that go with a suite.
    """

    name: str
    code: str
    message: str
    what: str = "method"
    benchmarks: tuple[str, ...] = ()


@transaction.atomic
def announce(
    worker: str,
    methods: Sequence[Mapping[str, Any]],
    benchmarks: Mapping[str, Mapping[str, Any]],
    *,
    resource: str = "cpu",
    accepts: Sequence[str] = (Kind.CONFIGURATION.value,),
    sandbox: Mapping[str, Any] | None = None,
    base: Mapping[str, Any] | None = None,
    suites: Sequence[Any] = (),
    broken_suites: Sequence[Any] = (),
) -> tuple[Refused, ...]:
    """Keep what a worker offers; what no worker offers any more is no longer available.

    Returns what is refused, each by its name, while the rest is kept: methods whose names belong to people, suites and
    benchmarks that the site does not know, or knows otherwise. `broken_suites` are those that the worker cannot use.
    """
    held = suites_of_workers.hold(suites, broken_suites)
    foreign = tuple(_refused_suite(worker, offer) for offer in held.refused)
    gone = {name for one in foreign for name in one.benchmarks}
    theirs = {name: data for name, data in benchmarks.items() if name not in gone}
    unknown = tuple(found for name, data in theirs.items() if (found := _keep_benchmark(name, data)))
    one_at_a_time()
    refused = tuple(found for method in methods if (found := _keep_method(worker, method)))
    taken = {found.name for found in refused}
    kept = [method["name"] for method in methods if method["name"] not in taken]
    here = theirs.keys() - {found.name for found in unknown}
    workers.announced(worker, resource, kept, accepts, sandbox or {}, base, benchmarks=here, suites=held.rows)
    _withdraw()
    return (*refused, *foreign, *unknown)


def _refused_suite(worker: str, offer: suites_of_workers.RefusedOffer) -> Refused:
    log.warning("worker %s: its suite %s is refused: %s", worker, offer.name, offer.message)
    return Refused(name=offer.name, code=offer.code, message=offer.message, what="suite", benchmarks=offer.benchmarks)


def _keep_method(worker: str, described: Mapping[str, Any]) -> Refused | None:
    reason = why_taken(None, described["name"], described["distribution"])
    if reason:
        log.warning("worker %s: its method %s is refused: %s", worker, described["name"], reason)
        return Refused(name=described["name"], code="plugin.name_taken", message=reason)
    spec = storable.json({key: value for key, value in described.items() if key not in PACKAGING})
    values = {key: described[key] for key in (*PACKAGING, "family")}
    Method.objects.update_or_create(
        name=described["name"],
        defaults={**values, "spec": spec, "worker": worker, "announced_at": timezone.now(), "available": True},
    )
    return None


def _withdraw() -> None:
    offered = {name for methods in Worker.objects.values_list("methods", flat=True) for name in methods}
    Method.objects.filter(origin=Origin.INSTALLED).exclude(name__in=offered).update(available=False)


def _keep_benchmark(name: str, data: Mapping[str, Any]) -> Refused | None:
    try:
        _check_key(name, data)
    except AnnouncementError as error:
        log.warning("benchmark %s of a worker is refused: %s", name, error.message)
        return Refused(name=name, code=error.code, message=f"{error.message} {error.hint or ''}", what="benchmark")
    values = {field: data.get(field, empty) for field, empty in (("counts", {}), ("classes", []), ("groups", []))}
    values |= {"version": data["version"], "fingerprint": data["fingerprint"], "announced_at": timezone.now()}
    others = BenchmarkData.objects.filter(benchmark=name, current=True).exclude(key=data["key"])
    others.update(current=False)
    was = BenchmarkData.objects.filter(benchmark=name, key=data["key"], current=True).exists()
    BenchmarkData.objects.update_or_create(benchmark=name, key=data["key"], defaults={**values, "current": True})
    if not was:
        _tell_boards(find(name))
    return None


def _tell_boards(benchmark: Benchmark) -> None:
    """On other data other entries are comparable."""
    for tier in [tier.name for tier in benchmark.plan.tiers] or [""]:
        changed(benchmark.name, tier, lines=False)


def _check_key(name: str, data: Mapping[str, Any]) -> None:
    """A worker of another release would compute another key; its results would not belong on this site's boards."""
    try:
        expected = find(name).comparability_key(data["fingerprint"])
    except UnknownName as error:
        raise AnnouncementError("benchmark.unknown", str(error), "benchmarks") from error
    if data["key"] != expected:
        text = f"{name}: the worker has key {data['key']}, the site {expected}: they are of different releases."
        raise AnnouncementError("benchmark.mismatch", text, "benchmarks", "Install the same release on both.")
