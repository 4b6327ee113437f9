"""`farfield score ood-detection` and `farfield score imagenet-ood`: from files of arrays, without a model or a pack."""

import argparse
import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from farfield.terminal import publish
from farfield_evaluators.arrays import NOT_A_FILE, ArraysError
from farfield_evaluators.figure import Figure
from farfield_evaluators.metrics.names import canonical
from farfield_evaluators.scoring.aggregates import USUAL_NAMES
from farfield_evaluators.scoring.files import DetectionFiles, score_classification, score_detection
from farfield_evaluators.scoring.formats import FORMATS
from farfield_evaluators.scoring.remarks import Remark, Remarked, remarks_on
from farfield_evaluators.scoring.sets import NEAR_NAMES

DETECTION, CLASSIFICATION = "ood-detection", "imagenet-ood"
NAMES = (DETECTION, CLASSIFICATION)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./-]{0,59}")
_OF_CLASSIFIERS = frozenset({"id", "shifts"})


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for files of arrays."""
    group = parser.add_argument_group(f"for `farfield score {DETECTION}`: .npz, .safetensors or .arrow with scores [N]")
    group.add_argument(
        "--id", type=Path, metavar="FILE", help="the ID test set; with logits and label for its accuracy"
    )
    group.add_argument("--ood", action="append", default=[], metavar="NAME=FILE", help="an OOD set; may be repeated")
    known = f"a near set (default: {' and '.join(NEAR_NAMES)})"
    group.add_argument("--near", action="append", default=[], metavar="NAME", help=known)
    shift = "an ID set under covariate shift, for full-spectrum detection; may be repeated"
    without = "leave out the errors of detection figures, which take nearly all of the time with a million images"
    group.add_argument("--no-bootstrap", action="store_true", help=without)
    group.add_argument("--shift", action="append", default=[], metavar="NAME=FILE", help=shift)
    group = parser.add_argument_group(f"for `farfield score {CLASSIFICATION}`: files with logits [N, C] and label [N]")
    sets = "a test set; val is the ID set, r, a and c/fog/1 are read as the official ones; may be repeated"
    group.add_argument("--set", action="append", default=[], metavar="NAME=FILE", help=sets)
    group.add_argument("--per-class", type=Path, metavar="FILE", help="write the accuracy of each class as CSV")


def score(args: argparse.Namespace) -> int:
    """Print the figures; what is remarkable about them goes to standard error."""
    found = _detection(args) if args.benchmark == DETECTION else _classification(args)
    publish(FORMATS["json" if args.json else args.format](found))
    _say(found.remarks)
    return 0


def say_remarks(scores: Sequence[Figure]) -> None:
    """On standard error, with their codes."""
    _say(remarks_on(scores))


def _say(remarks: Sequence[Remark]) -> None:
    for remark in remarks:
        print(f"note: {remark.says} [{remark.code}]", file=sys.stderr)


def is_used(args: argparse.Namespace) -> bool:
    """Whether any option for files of arrays is given."""
    detection = args.id or args.ood or args.near or args.shift or args.no_bootstrap
    return bool(detection or args.set or args.per_class)


def _detection(args: argparse.Namespace) -> Remarked:
    if args.id is None or not args.ood or args.set or args.per_class:
        args.usage_error(f"score {DETECTION} takes --id FILE and --ood NAME=FILE, and no --set")
    named = _named(args, [*args.ood, *args.shift])
    ood = {name: named[name] for name in list(named)[: len(args.ood)]}
    unknown = [name for name in args.near if name not in ood]
    if unknown:
        args.usage_error(f"--near {unknown[0]} is not the name of an --ood set")
    near = args.near or [name for name in ood if canonical(name) in (*NEAR_NAMES, "near")]
    files = DetectionFiles(
        id=args.id,
        near={_shown(name, "near"): path for name, path in ood.items() if name in near},
        far={_shown(name, "far"): path for name, path in ood.items() if name not in near},
        shifted={_shown(name, "shift"): path for name, path in named.items() if name not in ood},
    )
    return score_detection(files, bootstrap=not args.no_bootstrap)


def _shown(name: str, role: str) -> str:
    """A set's name among the figures: with its role where it is that of a mean over sets, which stands there too."""
    return f"{role}/{name}" if canonical(name) in USUAL_NAMES else name


def _classification(args: argparse.Namespace) -> Remarked:
    if not args.set or args.id or args.ood or args.near or args.shift or args.no_bootstrap:
        others = "--id, --ood, --near, --shift or --no-bootstrap"
        args.usage_error(f"score {CLASSIFICATION} takes --set NAME=FILE, and no {others}")
    files = _named(args, args.set)
    taken = [name for name in files if canonical(name) in _OF_CLASSIFIERS]
    if taken:
        args.usage_error(f"{taken[0]!a} is the name of an aggregate; choose another, such as val for the ID set")
    overwritten = [name for name, path in files.items() if _is_same(args.per_class, path)]
    if overwritten:
        args.usage_error(f"--per-class would overwrite the set {overwritten[0]}")
    per_class = None if args.per_class is None else io.StringIO()
    found = score_classification(files, per_class)
    if per_class is not None:
        _write(args.per_class, per_class.getvalue())
    return found


def _is_same(target: Path | None, path: Path) -> bool:
    return target is not None and target.exists() and path.exists() and target.samefile(path)


def _write(path: Path, content: str) -> None:
    try:
        path.write_text(content, encoding="utf-8", newline="")
    except OSError as error:
        raise ArraysError(NOT_A_FILE, f"{path} cannot be written: {error.strerror}") from error


def _named(args: argparse.Namespace, given: Sequence[str]) -> dict[str, Path]:
    """NAME=FILE by name, in the order given."""
    found: dict[str, Path] = {}
    for item in given:
        name, equals, path = item.partition("=")
        if not equals or not path or not _NAME.fullmatch(name):
            args.usage_error(f"{item!a} is not NAME=FILE with a name of letters, digits and . _ - /")
        if name in found:
            args.usage_error(f"{name!a} is the name of two sets; choose another")
        found[name] = Path(path)
    return found
