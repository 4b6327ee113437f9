"""RxRx1-wilds: cells under the microscope, each treated with one of 1,139 siRNAs; whole experiments are held out.

Taylor et al., RxRx1, ICLR workshop 2019; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.1.3. Of a training
experiment the pictures of site 2 are id_test, whatever the table says of them. Kinds of cells, experiments and wells
are numbered in the order in which they come first in the table, which is not that of their names.
"""

from pathlib import Path

import numpy as np

from farfield_evaluators.data.tables import counted, first_seen, numbered, read_table
from farfield_evaluators.suites.wilds.data.release import Array, Release, with_source
from farfield_evaluators.suites.wilds.datasets import RXRX1

TOLD = {"train": 0, "val": 1, "test": 2}
NAMED = ("cell_type", "experiment", "well")
ID_TEST_SITE = 2


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    table = read_table(root / "metadata.csv", ("dataset", *NAMED, "plate", "site", "sirna_id"))
    told, site = table.mapped("dataset", f"split; it is one of {', '.join(TOLD)}", TOLD), table.whole("site")
    splits = np.where((told == TOLD["train"]) & (site == ID_TEST_SITE), RXRX1.splits["id_test"], told)
    labels, values = table.whole("sirna_id"), {name: first_seen(table.texts(name)) for name in NAMED}
    numbers = {name: numbered(table.texts(name), values[name]) for name in NAMED}
    columns: dict[str, Array] = {
        "cell_type": numbers["cell_type"],
        "experiment": numbers["experiment"],
        "plate": table.whole("plate"),
        "well": numbers["well"],
        "site": site,
        "y": labels,
    }
    metadata, fields = with_source(RXRX1, splits, columns)
    places = zip(*(table.texts(name) for name in ("experiment", "plate", "well", "site")), strict=True)
    return Release(
        dataset=RXRX1,
        splits=splits,
        labels=labels,
        metadata=metadata,
        fields=fields,
        values={**values, "y": counted(labels)},
        files=[f"images/{experiment}/Plate{plate}/{well}_s{s}.png" for experiment, plate, well, s in places],
    )
