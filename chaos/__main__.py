"""`make chaos`: breaks a running site on purpose, and prints what was lost, stuck or doubled."""

import argparse
import secrets
import signal
import sys
from types import FrameType
from typing import NoReturn

from chaos.disk import no_disk, private_mounts, small_disk
from chaos.faults import FAULTS
from chaos.report import render, summary
from chaos.run import Options, run_chaos
from chaos.verify import WRONG


def main(argv: list[str]) -> int:
    """0 when nothing was lost, stuck or doubled."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=200, help="how many submissions (default 200)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="of the faults and the submissions")
    parser.add_argument("--only", nargs="+", default=tuple(FAULTS), choices=tuple(FAULTS), metavar="KIND")
    parser.add_argument("--sandbox", default="auto", help="of the workers: auto, bubblewrap, docker or process")
    args = parser.parse_args(argv)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    disk = small_disk if private_mounts() else no_disk
    try:
        outcome = run_chaos(
            Options(runs=args.runs, seed=args.seed, kinds=tuple(args.only), sandbox=args.sandbox), _say, disk
        )
    except KeyboardInterrupt:
        _say("interrupted; everything was ended")
        return 130
    _say(render(outcome))
    _say(summary(outcome))
    return 1 if outcome.problems or any(outcome.verdict[fate] for fate in WRONG) else 0


def _say(text: str) -> None:
    print(text, flush=True)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
