"""The truth of a data set for scoring: labels and metadata in data set order, of a release that somebody has.

This is what files of predictions in WILDS' own form are held against. Images are neither read nor looked for.
"""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType

from farfield_evaluators.data.wilds_files import FMOW_TABLE
from farfield_evaluators.suites.wilds.data import (
    amazon,
    camelyon17,
    civilcomments,
    fmow,
    globalwheat,
    iwildcam,
    molpcba,
    poverty,
    py150,
    rxrx1,
)
from farfield_evaluators.suites.wilds.data.places import locate
from farfield_evaluators.suites.wilds.data.release import Release
from farfield_evaluators.suites.wilds.datasets import DATASETS

Read = Callable[..., Release]
READERS: Mapping[str, tuple[str, Read]] = MappingProxyType(
    {
        "iwildcam": ("metadata.csv", iwildcam.read),
        "camelyon17": ("metadata.csv", camelyon17.read),
        "rxrx1": ("metadata.csv", rxrx1.read),
        "ogb-molpcba": (molpcba.KEY, molpcba.read),
        "globalwheat": (globalwheat.KEY, globalwheat.read),
        "civilcomments": (civilcomments.TABLE, civilcomments.read),
        "fmow": (FMOW_TABLE, fmow.read),
        "poverty": (poverty.TABLE, poverty.read),
        "amazon": (amazon.TABLE, amazon.read),
        "py150": (py150.KEY, py150.read),
    }
)
"""Of each data set the file that says where its release lies, and what reads it."""


def truth(name: str, root: Path, fold: str = "") -> Release:
    """The release of a data set, by WILDS' name of it, in `root` or in the folder of its official name there.

    fold: of PovertyMap, which has other splits in each. Raises KeyError for a name or a fold that WILDS has not,
    PackError and ImportProblems for files that are not the release's.
    """
    dataset, (key, read) = DATASETS[name], READERS[name]
    folds = {replicate.value for replicate in dataset.replicates if replicate.kind == "fold"}
    if fold not in (folds or {""}):
        raise KeyError(fold)
    return (partial(read, fold=fold) if fold else read)(locate(dataset, root, key))
