"""`make fuzz`: random nonsense for everything that takes what strangers send, and what came out of it."""

import argparse
import logging
import secrets
import sys
from pathlib import Path

from fuzz.api import fuzz_api
from fuzz.engine import Outcome, fuzz
from fuzz.targets import TARGETS

API = "api"
KEEP = Path("var") / "fuzz"
MIB = 1 << 20


def main(argv: list[str]) -> int:
    """0 when nothing came out wrong."""
    names = (*TARGETS, API)
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(names)} (default: all)")
    parser.add_argument("--seconds", type=float, default=600.0, help="for each target (default 600)")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="the same seed sends the same")
    args = parser.parse_args(argv)
    if unknown := set(args.targets) - set(names):
        parser.error(f"no target is called {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    logging.basicConfig(level=logging.CRITICAL)
    wrong = 0
    for name in args.targets or names:
        print(f"{name}: {args.seconds:g} s with seed {args.seed}", flush=True)
        keep = KEEP / name
        outcome = (
            fuzz_api(args.seed, args.seconds, keep)
            if name == API
            else fuzz(TARGETS[name], args.seed, args.seconds, keep)
        )
        wrong += len(outcome.wrong)
        print(report(name, outcome, keep), flush=True)
    return 1 if wrong else 0


def report(name: str, outcome: Outcome, keep: Path) -> str:
    """How often came out what, and each that must not have."""
    words = ", ".join(f"{word} {count}" for word, count in outcome.words.most_common(12))
    most = f"most memory {outcome.largest_bytes // MIB} MiB, longest {outcome.longest_seconds:.1f} s"
    lines = [f"{name}: {outcome.cases} cases, {len(outcome.wrong)} wrong; {most}", f"  {words}"]
    for digest, what in outcome.wrong.items():
        lines.append(f"  wrong: {keep / digest}.json\n    " + what.strip().replace("\n", "\n    "))
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
