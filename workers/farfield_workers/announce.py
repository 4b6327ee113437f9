"""What a worker tells the site of itself: methods, the data that is imported here, and what it can run."""

import logging
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks
from farfield_evaluators.data.packs import Pack, PackError, is_imported, open_pack
from farfield_evaluators.scoring.group_sizes import group_sizes
from farfield_workers.client import Offer
from farfield_workers.entrants import as_base
from farfield_workers.machine import Machine

log = logging.getLogger(__name__)


def offer_of(machine: Machine, refused: Collection[str] = ()) -> Offer:
    """What can be run here; `refused` are benchmarks that the site knows otherwise: runs of those are not claimed."""
    sandbox = machine.sandbox
    kinds = {"plugin": sandbox.isolates, "container": sandbox.runs_images}
    return Offer(
        resource=machine.settings.resource,
        accepts=("configuration", "predictions", *(kind for kind, able in kinds.items() if able)),
        methods=tuple(machine.installed.methods),
        benchmarks=tuple(each.name for each in imported(machine) if each.name not in refused),
        sandbox={"name": sandbox.name, "isolates": sandbox.isolates, "images": sandbox.runs_images},
    )


def base_of(machine: Machine) -> dict[str, Any] | None:
    """What a package finds installed here, for the site to publish; None where no package is run."""
    if machine.chosen.base is None:
        return None
    return replace(as_base(machine.chosen.base), fetches=bool(machine.settings.indexes)).published()


def benchmarks_of(machine: Machine) -> dict[str, Any]:
    """The benchmarks whose data is on this machine."""
    here = imported(machine)
    absent = [benchmark.name for benchmark in benchmarks() if benchmark not in here]
    if absent:
        log.warning("not offered, because their data is not imported here: %s", ", ".join(absent))
    offered: dict[str, Any] = {}
    for benchmark in here:
        try:
            offered[benchmark.name] = _data_of(benchmark, open_pack(machine.packs, benchmark.pack))
        except PackError as error:
            log.warning("benchmark %s is not offered: %s", benchmark.name, error)
        except Exception:  # a defect in what belongs to this one is no reason to offer none
            log.exception("benchmark %s is not offered: a defect", benchmark.name)
    return offered


def imported(machine: Machine) -> list[Benchmark]:
    """Those whose data is on this machine, whole or damaged."""
    return [benchmark for benchmark in benchmarks() if is_imported(machine.packs, benchmark.pack)]


def _data_of(benchmark: Benchmark, pack: Pack) -> dict[str, Any]:
    return {
        "version": benchmark.version,
        "fingerprint": pack.fingerprint,
        "key": benchmark.comparability_key(pack.fingerprint),
        "classes": list(benchmark.plan.classes(pack)),
        "counts": benchmark.plan.counts(benchmark, pack),
        "groups": [size.as_json() for size in group_sizes(benchmark, pack)],
    }
