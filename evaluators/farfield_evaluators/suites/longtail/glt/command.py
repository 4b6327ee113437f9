"""`farfield data build-glt`: GLT's annotation files, made of a feature of each image.

Tang et al., ECCV 2022 (arXiv 2207.09504), took a ResNet-50's features of ImageNet's training images; of other features
and images it makes other sets, which compare only with themselves.
"""

import argparse
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from farfield.errors import reason
from farfield_evaluators.suites.longtail.glt.clusters import ConstructionError, attributes_of, clusters_of
from farfield_evaluators.suites.longtail.glt.inputs import Features, read_counts, read_features
from farfield_evaluators.suites.longtail.glt.taking import Images, Sizes, Taken, balanced_sets, long_tailed_sets

SEED, MOST_SEED = 25, 2**32 - 1
LONG_TAILED, BALANCED = "imagenet_sup_intra_lt_inter_lt.json", "imagenet_sup_intra_lt_inter_bl.json"


class BuildGlt:
    """The suite's part of `farfield data`, see `suite.DataCommand`."""

    NAME = "build-glt"
    HELP = "make GLT's annotation files of features: clusters, attributes, and the sets of three protocols"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        sizes = Sizes()
        parser.add_argument("features", type=Path, help="a .npy of floats [images, numbers]")
        parser.add_argument("paths", type=Path, help="a text: the path of each image, a line each, in the same order")
        parser.add_argument("folder", type=Path, help="where the two annotation files are written")
        parser.add_argument("--labels", type=Path, metavar="FILE", help="a class a line (default: the image's folder)")
        parser.add_argument(
            "--counts", type=Path, metavar="FILE", help="training images of each class by rank, a line each"
        )
        parser.add_argument("--seed", type=_seed, default=SEED, help=f"of clusters and draws (default: {SEED})")
        for name, says in (
            ("test", "test images of an attribute, on average"),
            ("val", "validation images of an attribute, on average"),
            ("balanced", "most training images of a class where classes are balanced"),
            ("most", "training images of the largest class, without --counts"),
        ):
            default = getattr(sizes, name)
            parser.add_argument(f"--{name}", type=_positive, default=default, help=f"{says} (default: {default})")

    def run(self, args: argparse.Namespace) -> int:
        """Write both files, or none. Raises ConstructionError naming what is wrong."""
        files = [args.folder / name for name in (LONG_TAILED, BALANCED)]
        there = [file.name for file in files if file.exists()]
        if there:
            raise ConstructionError(
                f"{args.folder} has {', '.join(there)} already; name another folder, or remove them"
            )
        features = read_features(args.features, args.paths, args.labels)
        counts = None if args.counts is None else read_counts(args.counts, len(features.classes))
        sizes = Sizes(test=args.test, val=args.val, balanced=args.balanced, most=args.most)
        documents = build(features, sizes, args.seed, counts)
        _write(args.folder, documents)
        for name, document in documents.items():
            print(f"{args.folder / name}: " + ", ".join(f"{len(document[s]['label']):,} {s}" for s in _SETS))
        return 0


Document = dict[str, dict[str, Any]]
_SETS = ("train", "val", "test_lt", "test_bl", "test_bbl")


def build(features: Features, sizes: Sizes, seed: int, counts: Sequence[int] | None = None) -> dict[str, Document]:
    """Both annotation files by their names. Raises ConstructionError naming the class that does not suffice."""
    images, names = ranked(features, seed)
    try:
        sets = {
            LONG_TAILED: long_tailed_sets(images, names, sizes, seed, counts),
            BALANCED: balanced_sets(images, names, sizes),
        }
    except ValueError as error:  # of a profile that has no tail
        raise ConstructionError(str(error)) from error
    return {name: as_document(found, names) for name, found in sets.items()}


def ranked(features: Features, seed: int) -> tuple[Images, list[str]]:
    """Of each class the paths by attribute, and its name; the class with most images first, of equal ones by name."""
    members = [features.of(number) for number in range(len(features.classes))]
    order = sorted(range(len(members)), key=lambda number: -len(members[number]))
    return [_attributes(features, number, seed) for number in order], [features.classes[number] for number in order]


def _attributes(features: Features, number: int, seed: int) -> list[list[str]]:
    places = features.of(number)
    try:
        attributes = attributes_of(clusters_of(features.values[places], seed))
    except ConstructionError as error:
        raise ConstructionError(f"class {features.classes[number]}: {error}") from error
    return [[features.paths[place] for place in places[chosen].tolist()] for chosen in attributes]


def as_document(sets: Mapping[str, Sequence[Taken]], names: Sequence[str]) -> Document:
    """As GLT's files have it: labels are texts, frequencies and attributes numbers, each by the image's path."""
    table = {str(rank): name for rank, name in enumerate(names)}
    return {
        "cat2id": {name: rank for rank, name in table.items()},
        "id2cat": table,
        **{name: _of_set(sets[name]) for name in _SETS},
    }


def _of_set(taken: Sequence[Taken]) -> dict[str, dict[str, int | str]]:
    return {
        "label": {each.image: str(each.label) for each in taken},
        "frequency": {each.image: each.frequency for each in taken},
        "attribute": {each.image: each.attribute for each in taken},
    }


def _write(folder: Path, documents: Mapping[str, Document]) -> None:
    """Both files, or none: they are written beside their places and moved there at the end."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as draft:
            for name, document in documents.items():
                (Path(draft) / name).write_text(json.dumps(document), encoding="utf-8", errors="surrogateescape")
            for name in documents:
                os.replace(Path(draft) / name, folder / name)
    except OSError as error:
        raise ConstructionError(f"{folder} cannot be written: {reason(error)}") from error


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 0 < len(text) < 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number from 1 on")
    return int(text)


def _seed(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 10 or int(text) > MOST_SEED:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no whole number from 0 to {MOST_SEED}")
    return int(text)
