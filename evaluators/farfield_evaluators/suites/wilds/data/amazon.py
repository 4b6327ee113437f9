"""Amazon-wilds: how many stars a review gave; reviewers of validation and test wrote none of the training reviews.

Ni et al., EMNLP 2019; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.2.4. Labels and groups only, no text. A row
whose split is -1 is not in the data set at all. Users, products and categories are numbered in the order in which they
come first, the rows of training before those of val, id_val, test and id_test.
"""

from pathlib import Path

import numpy as np

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.data.tables import first_seen, numbered, read_table
from farfield_evaluators.suites.wilds.data.release import Ints, Release, with_source
from farfield_evaluators.suites.wilds.datasets import AMAZON

TABLE, SPLITS = "reviews.csv", Path("splits") / "user.csv"
NAMED = {"user": "reviewerID", "product": "asin", "category": "category"}
NOWHERE = "-1"
STARS = ("1 star", "2 stars", "3 stars", "4 stars", "5 stars")


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    reviews = read_table(root / TABLE, (*NAMED.values(), "reviewYear", "overall"))
    told = read_table(root / SPLITS, ("split",))
    if len(told) != len(reviews):
        raise PackError(f"{root}: {SPLITS} has {len(told):,} rows, and {TABLE} has {len(reviews):,}; they go together")
    known = {NOWHERE: -1, **{str(number): number for number in AMAZON.splits.values()}}
    splits = told.mapped("split", f"split; it is one of {', '.join(known)}", known)
    rows = np.flatnonzero(splits >= 0)
    splits = splits[rows]
    values, columns = {}, {}
    for field, name in NAMED.items():
        texts = [reviews.texts(name)[row] for row in rows.tolist()]
        values[field] = first_seen(texts[place] for place in np.argsort(splits, kind="stable").tolist())
        columns[field] = numbered(texts, values[field])
    year, labels = reviews.whole("reviewYear")[rows], _stars(reviews.whole("overall")[rows])
    first = int(year.min(initial=9999))
    metadata, fields = with_source(AMAZON, splits, {**columns, "year": year - first, "y": labels})
    values["year"] = tuple(str(number) for number in range(first, int(year.max(initial=first - 1)) + 1))
    return Release(
        dataset=AMAZON, splits=splits, labels=labels, metadata=metadata, fields=fields, values={**values, "y": STARS}
    )


def _stars(overall: Ints) -> Ints:
    """Labels from 0 to 4. Raises PackError for others than 1 to 5 stars."""
    if ((overall < 1) | (overall > len(STARS))).any():
        raise PackError(f"{TABLE}: a review in the data set gives other than 1 to {len(STARS)} stars in overall")
    return overall - 1
