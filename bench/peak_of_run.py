"""The most memory that one run takes, in a process of its own: `python -m bench.peak_of_run FOLDER`.

FOLDER has packs/ with the pack of `bench.rows.memory`. Prints bytes: of the sandbox, and of this process, which stages,
decodes, gives, validates and scores as a worker does.
"""

import json
import resource
import sys
from pathlib import Path

from bench.rows.memory import BENCHMARK
from farfield_evaluators.data.packs import open_pack
from farfield_evaluators.run_plan import Cell
from farfield_workers.evaluation import Evaluator, Request
from farfield_workers.installed import describe_installed
from farfield_workers.quiet import Quiet
from farfield_workers.runnable import Runnable
from farfield_workers.sandbox.process import ProcessSandbox


def main(folder: str) -> None:
    sandbox = ProcessSandbox()
    evaluator = Evaluator(describe_installed(sandbox), sandbox, Path(folder))
    request = Request(
        benchmark=BENCHMARK,
        pack=open_pack(Path(folder) / "packs", BENCHMARK.pack),
        runnable=Runnable(description=evaluator.installed.method("constant")),
        cell=Cell(at={"trial": 0}),
    )
    memory = evaluator.run(request, Quiet()).memory
    if memory is None:
        raise SystemExit("the run was too short for its memory to be seen")
    worker = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"sandbox": memory.peak_bytes, "worker": worker}))


if __name__ == "__main__":
    main(*sys.argv[1:])
