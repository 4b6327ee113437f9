"""What methods hold of memory, measured, beside what they declare: the ground of the figures that baselines declare.

    python -m bench.memory [NAME ...]          methods of the demo, each run as it is there
    python -m bench.memory --step [NAME ...]   algorithms on large networks: one step on made images, official size

With --write what was measured goes into bench/memory.json, which a test holds the declarations to.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from farfield import families
from farfield.choices import INPUT, called, described_for
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_evaluators.data.packs import open_pack
from farfield_evaluators.run_plan import Cell, Entrant, cells_of
from farfield_local.demo.entries import Entry, Part, entries
from farfield_local.demo.run import absent_packs, import_packs
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.failures import RunFailure
from farfield_workers.installed import Installed, describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.base import GIB, PYTHON, Ending, Execution, Limits, Memory
from farfield_workers.sandbox.process import ProcessSandbox

TABLE = Path(__file__).with_name("memory.json")
ONE_STEP = Path(__file__).with_name("one_step.py")
# PACS as DomainBed trains on it: three domains of 32 images, seven classes.
DOMAINS, BATCH, CLASSES = 3, 32, 7
MOST_GIB = 32.0
STEP_SECONDS = 1800.0


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The most that a method held, in GiB, under the limit that it was given, and how that was seen."""

    method: str
    on: str
    peak_gib: float
    limit_gib: float
    counted: str
    day: str


def main(argv: list[str]) -> int:
    """Returns the exit status: 1 where a method declares less than it should."""
    parser = argparse.ArgumentParser(prog="python -m bench.memory", description=__doc__)
    parser.add_argument("methods", nargs="*", metavar="NAME")
    parser.add_argument("--step", action="store_true", help="one step of training on made images")
    parser.add_argument("--var", type=Path, metavar="DIR", help="keep packs and features here, for the next time")
    parser.add_argument("--write", action="store_true", help=f"keep it in {TABLE.name}")
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="farfield-memory-") as folder:
        installed = describe_installed(ProcessSandbox())
        bench = Bench(installed=installed, var=(args.var or Path(folder)).resolve())
        tight = False
        for measured in bench.steps(args.methods) if args.step else bench.runs(args.methods):
            declared = declared_by(installed)[measured.method]
            tight |= declared < measured.peak_gib * MARGIN
            line = f"{measured.method:32} {measured.on:24} {measured.peak_gib:7.3f} GiB, declares {declared:g}"
            print(line, flush=True)
            if args.write:
                keep(measured)
    return int(tight)


MARGIN = 1.5


def declared_by(installed: Installed) -> dict[str, float]:
    """What each method declares with each of its inputs, GiB, by what it is called with it."""
    return {called(one, {}): one["resources"]["memory_gib"] for one in described(installed)}


def described(installed: Installed) -> list[dict[str, Any]]:
    """Each method with each of its inputs."""
    methods = installed.methods.values()
    return [described_for(method, {INPUT: name}) for method in methods for name in ("", *method.get("choices", {}))]


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The methods that are installed here, and a folder for packs, caches and runs."""

    installed: Installed
    var: Path

    def runs(self, names: list[str]) -> Any:
        """Those of the demo, each on one of its boards."""
        import_packs(self.var, Console(stderr=True))
        for entry in entries(Part.MORE, absent_packs(self.var)):
            chosen = described_for(self.installed.method(entry.method), entry.config)
            name, on = called(chosen, {}), str(entry).split("  ")[0]
            if not names or name in names:
                yield self._widened(chosen, on, lambda d, e=entry: self._run(e, d))

    def steps(self, names: list[str]) -> Any:
        """Every method that trains a large network on images."""
        each = {called(one, {}): one for one in described(self.installed)}
        for name in names or sorted(name for name, one in each.items() if trains_networks(one)):
            yield self._widened(each[name], f"a step of {DOMAINS} x {BATCH}", self._step)

    def _widened(self, description: dict[str, Any], on: str, run: Any) -> Measured:
        """Under the declared limit, and twice that where it is too little, as long as there is memory at all."""
        name = called(description, {})
        limit = float(description["resources"]["memory_gib"])
        while True:
            memory = run(description | {"resources": description["resources"] | {"memory_gib": limit}})
            if memory is not None or limit * 2 > MOST_GIB:
                break
            limit *= 2
        if memory is None:
            raise SystemExit(f"{name} needs more than {limit:g} GiB; there is no more here")
        day = datetime.now(UTC).date().isoformat()
        peak = round(memory.peak_bytes / GIB, 4)
        return Measured(method=name, on=on, peak_gib=peak, limit_gib=limit, counted=memory.counted, day=day)

    def _run(self, entry: Entry, description: dict[str, Any]) -> Memory | None:
        benchmark = find(entry.benchmark)
        pack = open_pack(self.var / "packs", benchmark.pack)
        try:
            request = Request(
                benchmark=benchmark,
                pack=pack,
                runnable=Runnable(description=description),
                cell=_cell(benchmark, description),
                tier=benchmark.plan.usual_tier,
                config=entry.config,
            )
            return Evaluator(self.installed, ProcessSandbox(), self.var).run(request, Quiet()).memory
        except RunFailure as failure:
            if failure.code == "resources.memory":
                return None
            raise

    def _step(self, description: dict[str, Any]) -> Memory | None:
        with tempfile.TemporaryDirectory(dir=self.var) as folder:
            output = Path(folder) / "out"
            output.mkdir()
            sizes = [str(number) for number in (DOMAINS, BATCH, CLASSES)]
            named = (description["plugin"], description["name"], input_of_all(description))
            execution = Execution(
                command=(PYTHON, str(ONE_STEP), *named, *sizes),
                output=output,
                log=Path(folder) / "log.txt",
                limits=replace(Limits(memory_bytes=0, seconds=STEP_SECONDS), memory_bytes=_bytes(description)),
            )
            execution.log.touch()
            finished = ProcessSandbox().run(execution, lambda: None)
            if finished.ending is Ending.COMPLETED:
                return finished.memory
            if finished.ending is Ending.MEMORY:
                return None
            raise SystemExit(f"{description['name']}: {execution.log.read_text(errors='replace')[-2000:]}")


def keep(measured: Measured) -> None:
    """Into the table, in the place of what was known of this method there."""
    rows = [row for row in table() if (row.method, row.on) != (measured.method, measured.on)]
    rows = sorted([*rows, measured], key=lambda row: (row.on, row.method))
    TABLE.write_text("[\n" + ",\n".join(json.dumps(asdict(row)) for row in rows) + "\n]\n", encoding="utf-8")


def table() -> list[Measured]:
    """What was measured so far."""
    if not TABLE.exists():
        return []
    return [Measured(**row) for row in json.loads(TABLE.read_text(encoding="utf-8"))]


def trains_networks(description: dict[str, Any]) -> bool:
    """Whether one step can be made to train a network on images as large as ImageNet's: of `update`, or of epochs."""
    by_steps = "update" in families.of(description["family"]).members
    settings = description["config_schema"]["properties"]
    by_epochs = {"featurizer", "epochs", "batch"} <= set(settings)
    return bool((by_steps or by_epochs) and description["inputs"].get("size", 0) >= 128)


def input_of_all(description: dict[str, Any]) -> str:
    """The name of the input that it is described with; empty where there is no choice."""
    return str(description["config_schema"]["properties"].get(INPUT, {}).get("default", ""))


def _bytes(description: dict[str, Any]) -> int:
    return int(description["resources"]["memory_gib"] * GIB)


def _cell(benchmark: Benchmark, description: dict[str, Any]) -> Cell:
    """The first run of the benchmark's smallest tier."""
    entrant = Entrant(identity="bench", benchmark=benchmark.name, method=called(description, {}))
    return cells_of(benchmark.plan, benchmark.plan.usual_tier, entrant)[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
