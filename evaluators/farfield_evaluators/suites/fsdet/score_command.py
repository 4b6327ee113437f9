"""`farfield score coco-fewshot --annotations FILE --results FILE`: COCO's results JSON by FsDet's split of classes.

Figures of all, base and novel classes are read from one matching of the same detections, as AP, bAP and nAP. Every
problem of the results is told with its place in the list; then no figure is printed.
"""

import argparse
import sys
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from farfield.errors import UsageError
from farfield.terminal import publish
from farfield_evaluators.scoring.coco.figures import BASE, FIGURES, NOVEL, OF_ALL, metrics_of
from farfield_evaluators.scoring.coco.files import score_files
from farfield_evaluators.scoring.formats import NONE, aligned, as_csv, as_json, tabular
from farfield_evaluators.scoring.remarks import Remarked
from farfield_evaluators.suites.fsdet.coco_classes import IDS, NOVEL_IDS

NAME = "coco-fewshot"
BOXES, MASKS = "bbox", "segm"
PREFIXES: Mapping[str, str] = {"all": OF_ALL, "base": BASE, "novel": NOVEL}


class Command:
    """The suite's part of `farfield score`, see `suite.ScoreCommand`."""

    NAME = NAME

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        says = "which takes --annotations, --results FILE and no file; --format as above"
        group = parser.add_argument_group(f"for `farfield score {NAME}`, {says}")
        group.add_argument("--annotations", type=Path, metavar="FILE", help="COCO's JSON of the test images")
        group.add_argument(
            "--iou-type", choices=[BOXES, MASKS], help=f"what is compared: boxes or masks (default: {BOXES})"
        )
        group.add_argument("--split", choices=list(PREFIXES), help="figures of these classes alone (default: each)")
        group.add_argument("--novel-ids", metavar="ID,ID", help="categories that are novel (default: FsDet's of COCO)")

    def is_used(self, args: argparse.Namespace) -> bool:
        return any(value is not None for value in (args.annotations, args.iou_type, args.split, args.novel_ids))

    def score(self, args: argparse.Namespace) -> int:
        """Raises SystemExit by the parser's usage where something needed is not given."""
        if args.annotations is None or args.results is None or args.file is not None:
            args.usage_error(f"score {NAME} takes --annotations FILE and --results FILE, and no file")
        masks, novel = args.iou_type == MASKS, _ids(args.novel_ids)
        scored = score_files(args.annotations, args.results, lambda ids: splits(ids, args.split, novel), masks=masks)
        publish(FORMATS["json" if args.json else args.format](scored))
        for remark in scored.remarks:
            print(f"note: {remark.says} [{remark.code}]", file=sys.stderr)
        return 0


def _ids(given: str | None) -> frozenset[int] | None:
    if given is None:
        return None
    words = given.split(",")
    if not all(word.isascii() and word.isdigit() and len(word) < 16 for word in words):
        raise UsageError(f"--novel-ids takes ids of categories with commas between them, not {given[:60]!a}")
    return frozenset(map(int, words))


def splits(
    ids: Collection[int], split: str | None = None, novel: Collection[int] | None = None
) -> dict[str, frozenset[int]]:
    """Of these categories those of each split, by its prefix; of one split where it is given. Raises UsageError."""
    known = frozenset(ids)
    if novel is None:
        novel = NOVEL_IDS if known == frozenset(IDS) else ()
    strange = sorted(set(novel) - known)
    if strange:
        raise UsageError(f"--novel-ids: the annotations have no category {', '.join(map(str, strange[:5]))}")
    if not novel and split in ("base", "novel"):
        raise UsageError("the annotations' categories are not COCO's 80; say with --novel-ids which are novel")
    parts = {"all": known, "base": known - set(novel), "novel": frozenset(novel)}
    wanted = [split] if split else list(parts if novel else ["all"])
    return {PREFIXES[name]: parts[name] for name in wanted}


def _table(scored: Remarked) -> list[list[str]]:
    """A line for each split, and a column for each figure, in per cent."""
    values = {figure.metric: figure.value for figure in scored.scores}
    rows = [["Classes", *(f"{figure.title}, %" for figure in FIGURES.values())]]
    for name, prefix in PREFIXES.items():
        for masks in (False, True):
            metrics = [metric.name for metric in metrics_of(prefix, masks=masks).values()]
            if any(metric in values for metric in metrics):
                cells = [f"{100 * values[metric]:.1f}" if metric in values else NONE for metric in metrics]
                rows.append([f"{name}, masks" if masks else name, *cells])
    return rows


FORMATS: Mapping[str, Callable[[Remarked], str]] = {
    "text": lambda scored: aligned(_table(scored)),
    "json": as_json,
    "csv": as_csv,
    "latex": lambda scored: tabular(_table(scored)),
}
