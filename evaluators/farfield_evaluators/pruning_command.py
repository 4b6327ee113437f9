"""`farfield prune`: of a file of embeddings the places of those that are kept, by the density of their clusters."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from farfield import pruning
from farfield.errors import FarfieldError, reason
from farfield.terminal import publish

KEEP_HELP = "share of the examples that is kept, above 0 and below 1"


class PruneError(FarfieldError):
    """Embeddings that cannot be pruned, or not as asked."""

    code = "arrays.embeddings"


def add_prune(commands: Any) -> None:
    """Add `farfield prune` to the subparsers."""
    parser = commands.add_parser("prune", help="choose which examples of a large set to train on, by their embeddings")
    parser.add_argument("embeddings", type=Path, help="a .npy with a row for each example [N, D]")
    parser.add_argument("--keep", type=float, required=True, metavar="SHARE", help=KEEP_HELP)
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a .npy for the places that are kept")
    parser.add_argument("--clusters", type=int, default=100, metavar="K", help="how many clusters (default: 100)")
    parser.add_argument("--temperature", type=float, default=0.5, metavar="T", help="of the softmax over complexities")
    parser.add_argument(
        "--balance", type=float, default=0.5, metavar="SHARE", help="what each cluster keeps of an equal part at least"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the clusters' start (default: 0)")
    parser.set_defaults(run=_prune)


def _prune(args: argparse.Namespace) -> int:
    embeddings = _read(args.embeddings)
    if not (0 < args.keep < 1 and 0 <= args.balance <= 1 and args.temperature > 0):
        raise PruneError("--keep is above 0 and below 1, --balance from 0 to 1, and --temperature above 0")
    try:
        clusters = pruning.clustered(embeddings, args.clusters, seed=args.seed)
        total = int(args.keep * len(embeddings))
        counts = pruning.counts_by_density(clusters, total, temperature=args.temperature, balance=args.balance)
    except ValueError as error:
        raise PruneError(f"{args.embeddings}: {error}") from error
    places = pruning.kept(clusters, counts)
    with args.out.open("wb") as file:
        np.save(file, places, allow_pickle=False)
    sizes = f"{counts.min()} to {counts.max()} of a cluster of {clusters.sizes.min()} to {clusters.sizes.max()}"
    publish(f"{len(places)} of {len(embeddings)} are kept, {sizes}; their places are in {args.out}\n")
    return 0


def _read(path: Path) -> npt.NDArray[np.float64]:
    """The embeddings, float64 [N, D]. Raises PruneError for anything else."""
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise PruneError(f"{path} is no .npy file of numbers: {reason(error)}") from error
    if not isinstance(found, np.ndarray) or found.ndim != 2 or not np.issubdtype(found.dtype, np.floating):
        raise PruneError(f"{path} must hold floating point numbers, a row for each example")
    if len(found) < 2:
        raise PruneError(f"{path} has {len(found)} examples; there is nothing to choose")
    return np.asarray(found, np.float64)
