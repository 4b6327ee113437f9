"""CivilComments-wilds: whether a comment is toxic, and which identities it names; labels and groups only, no text.

Borkan et al., WWW 2019; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.2.1. What several people said is a share:
from a half on it counts as yes, and where nobody was asked it is no.
"""

from pathlib import Path

import numpy as np

from farfield_evaluators.data.tables import read_table
from farfield_evaluators.suites.wilds.data.release import Array, Release, with_source
from farfield_evaluators.suites.wilds.datasets import CIVILCOMMENTS, SOURCE

TABLE = "all_data_with_identities.csv"
SHARES = tuple(name for name in CIVILCOMMENTS.fields if name not in ("y", SOURCE))
HALF = 0.5


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    table = read_table(root / TABLE, ("split", "toxicity", *SHARES))
    splits = table.mapped("split", f"split; it is one of {', '.join(CIVILCOMMENTS.splits)}", CIVILCOMMENTS.splits)
    labels = (table.numbers("toxicity") >= HALF).astype(np.int64)
    columns: dict[str, Array] = {name: (table.numbers(name, empty=0.0) >= HALF).astype(np.int64) for name in SHARES}
    metadata, fields = with_source(CIVILCOMMENTS, splits, {**columns, "y": labels})
    values = dict.fromkeys(SHARES, ("0", "1"))
    return Release(
        dataset=CIVILCOMMENTS,
        splits=splits,
        labels=labels,
        metadata=metadata,
        fields=fields,
        values={**values, "y": ("not toxic", "toxic")},
    )
