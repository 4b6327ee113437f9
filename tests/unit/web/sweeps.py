"""Sweeps in tests: a benchmark with tiers, a method, and records that a run might have written."""

import io
import random
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from tests.unit.web.conftest import Json, described, report_of

from farfield_evaluators.catalog import find
from farfield_evaluators.suites.domainbed import datasets, sweep
from farfield_evaluators.suites.domainbed.records import DONE, RESULTS, Record, folder_name, run_args, to_line
from farfield_evaluators.suites.domainbed.sweep import Cell
from farfield_web.runs import lease
from farfield_web.runs.announce import announce
from farfield_web.runs.models import Run
from farfield_web.runs.offer import Offer
from farfield_web.runs.tasks import store_report
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.request import Claims, Request

BOARD = "domainbed/colored-mnist"
DATASET = datasets.find(BOARD)
FINGERPRINT = "d" * 64
SIZES = [100, 200, 300]
ALL = Offer(accepts=frozenset(Kind))
Edit = Mapping[str, Any]


def offer_sweeps(accepts: Iterable[str] = tuple(Kind)) -> None:
    """A worker announces a method of this family, with settings, and the data of the board."""
    method = described("erm", family="domain-generalization", claims={"backbone": "none", "pretraining": []})
    announce("worker-1", [method], {BOARD: data()}, accepts=list(accepts))


def data() -> Json:
    """The board's data as a worker announces it."""
    benchmark = find(BOARD)
    key = benchmark.comparability_key(FINGERPRINT)
    counts = dict.fromkeys(DATASET.environments, 10)
    return {
        "version": benchmark.version,
        "fingerprint": FINGERPRINT,
        "key": key,
        "classes": ["0", "1"],
        "counts": counts,
    }


def asked(tier: str = "smoke", **changes: Any) -> Request:
    """A sweep that is allowed."""
    return Request(**{"benchmark": BOARD, "method": "erm", "track": "open", "tier": tier, "again": True, **changes})


def of_records(sha256: str, **changes: Any) -> Request:
    """A request to publish uploaded records."""
    values = {"kind": "predictions", "method": "my-erm", "summary": "ERM elsewhere.", "claims": Claims(backbone="none")}
    return asked(**{"upload": sha256, **values, **changes})


def cell_of(run: Run, algorithm: str = "ERM") -> Cell:
    assert run.cell is not None
    envs = {**run.cell, "test_envs": tuple(run.cell["test_envs"])}
    return Cell(dataset=DATASET.name, algorithm=algorithm, **envs)


def records_of(cell: Cell, tier: str, *, variation: bool = True) -> list[Record]:
    """Records with accuracies that are any, but the same whenever they are asked for."""
    of, chance = sweep.tier(tier), random.Random(repr(cell))
    dataset = datasets.find(cell.dataset)
    steps = (of.steps_of(dataset), of.every_of(dataset)) if of.short else (None, None)
    args = run_args(cell, steps=steps[0], checkpoint_freq=steps[1])
    count = len(dataset.environments)
    return [
        Record(
            step=step,
            in_acc=tuple(chance.random() for _ in range(count)),
            out_acc=tuple(chance.random() for _ in range(count)),
            args=args,
            hparams={"lr": 0.001},
            values={"epoch": 0.5} | ({"variation": 0.1, "informativeness": chance.random()} if variation else {}),
        )
        for step in of.checkpoints_of(dataset)
    ]


def lines_of(records: Iterable[Record]) -> str:
    return "".join(f"{to_line(record)}\n" for record in records)


def sweep_report(run: Run, tier: str, **changes: Any) -> Json:
    """A worker's report that a run of a sweep has succeeded."""
    values = {
        "scores": [],
        "lines": lines_of(records_of(cell_of(run), tier)),
        "facts": {"sizes": SIZES},
        "comparability_key": find(BOARD).comparability_key(FINGERPRINT, tier),
    }
    return report_of(run, **{**values, **changes})


def claimed() -> Run:
    run = lease.claim("worker-1", "cpu", ALL)
    assert run is not None
    return run


def finish(run: Run, tier: str, **changes: Any) -> None:
    store_report(sweep_report(run, tier, **changes))


def fail(run: Run, code: str = "plugin.raised", **changes: Any) -> None:
    store_report(report_of(run, outcome="failed", scores=[], failure={"code": code, "message": "no"}, **changes))


def zip_of(files: Mapping[str, str | bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def run_files(tier: str, algorithm: str = "ERM", dataset: datasets.DataSet = DATASET, root: str = "") -> dict[str, str]:
    """The files of a whole sweep, as DomainBed's own would lie in its folder."""
    found: dict[str, str] = {}
    for cell in sweep.cells(dataset, algorithm, sweep.tier(tier)):
        records = records_of(cell, tier, variation=False)
        folder = f"{root}{folder_name(records[0].args)}"
        found |= {f"{folder}/{RESULTS}": lines_of(records), f"{folder}/{DONE}": "done"}
    return found
