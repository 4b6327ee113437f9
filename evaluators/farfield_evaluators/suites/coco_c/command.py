"""`farfield data corrupt`: an imported detection set under 15 corruptions at 5 severities, as a pack of its own."""

import argparse
import os

from farfield_evaluators.data.shelf import open_pack
from farfield_evaluators.paths import packs_folder

MOST_SEED, MOST_PROCESSES = 2**31 - 1, 256


class Corrupt:
    """The suite's part of `farfield data`, see `suite.DataCommand`."""

    NAME = "corrupt"
    HELP = "make a pack of a detection set under COCO-C's 15 corruptions at 5 severities"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("pack", help="the imported pack with boxes")
        parser.add_argument("name", help="what the new pack is called; coco-c is the pack of the board coco-c/coco")
        parser.add_argument("--set", default="val", help="the set that is corrupted (default: val)")
        parser.add_argument("--train", metavar="SET", action="append", default=[], help="a set to learn from, as it is")
        parser.add_argument("--seed", type=_whole(0, MOST_SEED), default=0, help="of all that is drawn (default: 0)")
        parser.add_argument(
            "--jpeg", type=_whole(1, 100), default=0, metavar="QUALITY", help="keep JPEG, which is smaller, and not PNG"
        )
        parser.add_argument(
            "--processes",
            type=_whole(1, MOST_PROCESSES),
            default=os.cpu_count() or 1,
            help="how many corrupt at once (default: one for each processor)",
        )

    def run(self, args: argparse.Namespace) -> int:
        """Make it, and say what it holds. Raises PackError."""
        from farfield_evaluators.suites.coco_c.data.importers import in_parallel
        from farfield_evaluators.suites.coco_c.data.pack import Recipe

        recipe = Recipe(name=args.name, test=args.set, lent=tuple(args.train), seed=args.seed, jpeg=args.jpeg)
        source = open_pack(packs_folder(), args.pack)
        with source.in_use():
            made = in_parallel(source, recipe, packs_folder(), args.processes)
        images = sum(count for name, count in made.counts().items() if name not in recipe.lent)
        print(f"{made.name}  {made.fingerprint}  {images:,} images of {len(source.members(args.set)):,}")
        for note in made.notes:
            print(f"  {note}")
        return 0


class _whole:  # noqa: N801 - used as a function, which argparse names in its messages
    """A whole number from `least` to `most`."""

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def __call__(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 11 and self._least <= int(text) <= self._most):
            raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number from {self._least} to {self._most}")
        return int(text)
