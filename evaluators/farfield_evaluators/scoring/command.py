"""`farfield score ood-detection` and `farfield score imagenet-ood`: from files of arrays, without a model or a pack."""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from farfield_evaluators.arrays import NOT_A_FILE, ArraysError
from farfield_evaluators.scoring.files import NEAR_NAMES, DetectionFiles, score_classification, score_detection
from farfield_evaluators.scoring.formats import FORMATS
from farfield_evaluators.scoring.remarks import remarks_on
from farfield_evaluators.scoring.scores import AGGREGATES, Score

DETECTION, CLASSIFICATION = "ood-detection", "imagenet-ood"
NAMES = (DETECTION, CLASSIFICATION)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,59}")
_TAKEN = frozenset(AGGREGATES.values())


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for files of arrays."""
    group = parser.add_argument_group(f"for `farfield score {DETECTION}`: .npz, .safetensors or .arrow with score [N]")
    group.add_argument(
        "--id", type=Path, metavar="FILE", help="the ID test set; with logits and label for its accuracy"
    )
    group.add_argument("--ood", action="append", default=[], metavar="NAME=FILE", help="an OOD set; may be repeated")
    known = " and ".join(n for n in NEAR_NAMES if "-" not in n)
    group.add_argument("--near", action="append", default=[], metavar="NAME", help=f"a near set (default: {known})")
    shift = "an ID set under covariate shift, for full-spectrum detection; may be repeated"
    group.add_argument("--shift", action="append", default=[], metavar="NAME=FILE", help=shift)
    group = parser.add_argument_group(f"for `farfield score {CLASSIFICATION}`: files with logits [N, C] and label [N]")
    sets = "a test set; val is the ID set, r, a and c/fog/1 are read as the official ones; may be repeated"
    group.add_argument("--set", action="append", default=[], metavar="NAME=FILE", help=sets)
    group.add_argument("--per-class", type=Path, metavar="FILE", help="write the accuracy of each class as CSV")


def score(args: argparse.Namespace) -> int:
    """Print the figures; what is remarkable about them goes to standard error."""
    found = _detection(args) if args.benchmark == DETECTION else _classification(args)
    sys.stdout.write(FORMATS["json" if args.json else args.format](found))
    say_remarks(found)
    return 0


def say_remarks(scores: Sequence[Score]) -> None:
    """On standard error, with their codes."""
    for remark in remarks_on(scores):
        print(f"note: {remark.says} [{remark.code}]", file=sys.stderr)


def is_used(args: argparse.Namespace) -> bool:
    """Whether any option for files of arrays is given."""
    return bool(args.id or args.ood or args.near or args.shift or args.set or args.per_class)


def _detection(args: argparse.Namespace) -> tuple[Score, ...]:
    if args.id is None or not args.ood or args.set or args.per_class:
        args.usage_error(f"score {DETECTION} takes --id FILE and --ood NAME=FILE, and no --set")
    named = _named(args, [*args.ood, *args.shift])
    ood = {name: named[name] for name in list(named)[: len(args.ood)]}
    unknown = [name for name in args.near if name not in ood]
    if unknown:
        args.usage_error(f"--near {unknown[0]} is not the name of an --ood set")
    near = [name for name in ood if name in (args.near or NEAR_NAMES)]
    files = DetectionFiles(
        id=args.id,
        near={name: ood[name] for name in near},
        far={name: path for name, path in ood.items() if name not in near},
        shifted={name: path for name, path in named.items() if name not in ood},
    )
    return score_detection(files)


def _classification(args: argparse.Namespace) -> tuple[Score, ...]:
    if not args.set or args.id or args.ood or args.near or args.shift:
        args.usage_error(f"score {CLASSIFICATION} takes --set NAME=FILE, and no --id, --ood, --near or --shift")
    files = _named(args, args.set)
    if args.per_class is None:
        return score_classification(files)
    try:
        with args.per_class.open("w", encoding="utf-8", newline="") as written:
            return score_classification(files, written)
    except OSError as error:
        raise ArraysError(NOT_A_FILE, f"{args.per_class} cannot be written: {error.strerror}") from error


def _named(args: argparse.Namespace, given: Sequence[str]) -> dict[str, Path]:
    """NAME=FILE by name, in the order given."""
    found: dict[str, Path] = {}
    for item in given:
        name, equals, path = item.partition("=")
        if not equals or not path or not _NAME.fullmatch(name):
            args.usage_error(f"{item!a} is not NAME=FILE with a name of letters, digits and . _ - /")
        if name in found or name in _TAKEN:
            args.usage_error(f"{name!a} is the name of two sets, or of an aggregate; choose another")
        found[name] = Path(path)
    return found
