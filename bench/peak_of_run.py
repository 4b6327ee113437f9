"""The most memory that one run takes, in a process of its own: `python -m bench.peak_of_run FOLDER`.

FOLDER has packs/ with the pack of `bench.rows.memory`. Prints bytes: of the sandbox, and of this process, which stages,
decodes, gives, validates and scores as a worker does. Of files that are mapped the kernel takes pages back whenever it
needs them, so they do not count.
"""

import json
import sys
import threading
from pathlib import Path

from bench.rows.memory import BENCHMARK
from farfield_evaluators.data.packs import open_pack
from farfield_evaluators.run_plan import Cell
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.installed import describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox

LOOK_SECONDS = 0.01
STATUS = Path("/proc/self/status")


class Peak:
    """The most anonymous memory of this process within the context, bytes, looked at a hundred times a second."""

    def __init__(self) -> None:
        self.bytes, self._end = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(LOOK_SECONDS):
            line = next(line for line in STATUS.read_text().splitlines() if line.startswith("RssAnon:"))
            self.bytes = max(self.bytes, 1024 * int(line.split()[1]))


def main(folder: str) -> None:
    sandbox = ProcessSandbox()
    evaluator = Evaluator(describe_installed(sandbox), sandbox, Path(folder))
    request = Request(
        benchmark=BENCHMARK,
        pack=open_pack(Path(folder) / "packs", BENCHMARK.pack),
        runnable=Runnable(description=evaluator.installed.method("constant")),
        cell=Cell(at={"trial": 0}),
    )
    with Peak() as worker:
        memory = evaluator.run(request, Quiet()).memory
    if memory is None:
        raise SystemExit("the run was too short for its memory to be seen")
    print(json.dumps({"sandbox": memory.peak_bytes, "worker": worker.bytes}))


if __name__ == "__main__":
    main(*sys.argv[1:])
