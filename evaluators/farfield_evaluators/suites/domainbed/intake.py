"""Looking into uploaded records of a sweep: read apart, in a child with bounds, for the site and for workers alike."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from farfield.packaging.apart import MIB, Limits
from farfield_evaluators.problems import looked_at_apart
from farfield_evaluators.suites.domainbed import datasets, sweep
from farfield_evaluators.suites.domainbed.archive import read_zip
from farfield_evaluators.suites.domainbed.entries import check_entry, whole_tiers
from farfield_evaluators.suites.domainbed.folder import MOST_BYTES
from farfield_evaluators.suites.domainbed.lines import lines_of
from farfield_evaluators.suites.domainbed.problems import NOT_A_ZIP, RecordsError
from farfield_evaluators.suites.domainbed.records import by_cell

# The largest sweep of DomainBed's own data sets takes a tenth of this time, and half of this memory.
LIMITS = Limits(
    memory_bytes=1536 * MIB, cpu_seconds=60, wall_seconds=180, written_bytes=MOST_BYTES, answer_bytes=192 * MIB
)


def look_into_records(path: Path, limits: Limits = LIMITS) -> dict[str, Any]:
    """What the records are of: data set, algorithm, number of runs, and the tiers that they make up whole.

    Raises RecordsError with every problem; CannotLook when nothing was found out, by a fault of this machine.
    """
    return dict(_apart("facts", {"path": str(path.resolve())}, limits))


def lines_of_upload(path: Path, benchmark: str, tier: str, limits: Limits = LIMITS) -> str:
    """The lines of results.jsonl, each with its end, in the order of the tier's runs.

    Raises RecordsError unless they are one method's, of this benchmark, and whole for the tier; and CannotLook.
    """
    return str(_apart("lines", {"path": str(path.resolve()), "benchmark": benchmark, "tier": tier}, limits))


def facts(path: str) -> dict[str, Any]:
    """In the child, for `look_into_records`."""
    records = read_zip(Path(path))
    first = records[0].args
    if len({(r.args["dataset"], r.args["algorithm"]) for r in records}) > 1:
        check_entry(records, datasets.find(first["dataset"]), sweep.FULL)  # always raises, and says which there are
    tiers, runs = whole_tiers(records), len({r.cell for r in records})
    return {"dataset": first["dataset"], "algorithm": first["algorithm"], "runs": runs, "tiers": list(tiers)}


def lines(path: str, benchmark: str, tier: str) -> str:
    """In the child, for `lines_of_upload`."""
    records = read_zip(Path(path))
    dataset, wanted = datasets.find(benchmark), sweep.tier(tier)
    check_entry(records, dataset, wanted)
    runs = by_cell(records)
    order = sweep.cells(dataset, records[0].args["algorithm"], wanted)
    return "".join(lines_of(runs[cell]) for cell in order)


def _apart(task: str, arguments: Mapping[str, Any], limits: Limits) -> Any:
    return looked_at_apart(f"{__name__}:{task}", arguments, limits, RecordsError, NOT_A_ZIP)
