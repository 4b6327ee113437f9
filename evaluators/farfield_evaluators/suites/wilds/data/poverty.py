"""PovertyMap-wilds: how wealthy a village of Africa is, from satellites; each of five folds holds out other countries.

Yeh et al., Nature Communications 2020; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.2.3. The countries of a
fold's validation are those of the next one's test. Of the rows of all other countries 1,000 are drawn as id_val and
1,000 as id_test. An image is eight bands of 224 x 224, normalised already.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from farfield_evaluators.data.problems import ImportProblems
from farfield_evaluators.data.tables import Table, read_table
from farfield_evaluators.suites.wilds.data.release import Ints, Release, with_source
from farfield_evaluators.suites.wilds.data.unlabeled import POVERTY_UNLABELED
from farfield_evaluators.suites.wilds.datasets import FOLD_NAMES, POVERTY, Dataset

TABLE = "dhs_metadata.csv"
BANDS = ("BLUE", "GREEN", "RED", "SWIR1", "SWIR2", "TEMP1", "NIR", "NIGHTLIGHTS")
TEST_COUNTRIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "A": ("angola", "cote_d_ivoire", "ethiopia", "mali", "rwanda"),
        "B": ("benin", "burkina_faso", "guinea", "sierra_leone", "tanzania"),
        "C": ("cameroon", "ghana", "malawi", "zimbabwe"),
        "D": ("democratic_republic_of_congo", "mozambique", "nigeria", "togo", "uganda"),
        "E": ("kenya", "lesotho", "senegal", "zambia"),
    }
)
COUNTRIES = tuple(sorted(country for countries in TEST_COUNTRIES.values() for country in countries))
NUMBERS: Mapping[str, int] = MappingProxyType({country: number for number, country in enumerate(COUNTRIES)})
URBAN = ("rural", "urban")
SETTLED: Mapping[str, int] = MappingProxyType(
    {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "False": 0, "True": 1, "rural": 0, "urban": 1}
)
HELD_OUT = 2000
SEED = 541_433  # what WILDS adds to a seed; that of a fold is the number of its letter


def read(root: Path, fold: str = "A", held_out: int = HELD_OUT) -> Release:
    """The release in a folder as one fold has it; half of `held_out` rows are id_val and half id_test.

    Raises PackError and ImportProblems, also where so many cannot be held out.
    """
    table = read_table(root / TABLE, ("country", "wealthpooled", "urban"))
    country = table.mapped("country", "country of PovertyMap", NUMBERS)
    splits = splits_of(country, fold, held_out)
    if not (splits == POVERTY.splits["train"]).any():
        says = f"{TABLE} has too few rows of the countries that fold {fold} trains on: {held_out:,} are held out"
        raise ImportProblems(root, "PovertyMap", [f"{says}, and none is left to train on"])
    return _release(
        POVERTY, table, splits, country, table.numbers("wealthpooled"), table.mapped("urban", "0 or 1", SETTLED)
    )


def read_unlabeled(root: Path, fold: str = "A") -> Release:
    """The release of 2.0 that has no labels, split by country as the fold is. Raises as `read`."""
    table = read_table(root / "unlabeled_metadata.csv", ("country",))
    country = table.mapped("country", "country of PovertyMap", NUMBERS)
    numbers, (val, test) = POVERTY_UNLABELED.splits, _held_out_countries(fold)
    splits = np.full(len(country), numbers["train_unlabeled"])
    splits[np.isin(country, val)] = numbers["val_unlabeled"]
    splits[np.isin(country, test)] = numbers["test_unlabeled"]
    none = np.full(len(country), -1)
    return _release(POVERTY_UNLABELED, table, splits, country, none.astype(np.float64), none)


def splits_of(country: Ints, fold: str, held_out: int = HELD_OUT) -> Ints:
    """The number of the split of each row, by the numbers of countries [N]."""
    splits, (val, test) = np.full(len(country), POVERTY.splits["train"]), _held_out_countries(fold)
    splits[np.isin(country, val)] = POVERTY.splits["val"]
    splits[np.isin(country, test)] = POVERTY.splits["test"]
    drawn = shuffled(np.flatnonzero(splits == POVERTY.splits["train"]), fold)[:held_out]
    splits[drawn[: held_out // 2]] = POVERTY.splits["id_val"]
    splits[drawn[held_out // 2 :]] = POVERTY.splits["id_test"]
    return splits


def shuffled(rows: Ints, fold: str) -> Ints:
    """The rows [n] in the order in which a fold draws them."""
    order = rows.copy()
    np.random.default_rng(ord(fold) + SEED).shuffle(order)
    return order


def val_countries(fold: str) -> tuple[str, ...]:
    """Those of the next fold's test.

    >>> val_countries("E")
    ('angola', 'cote_d_ivoire', 'ethiopia', 'mali', 'rwanda')
    """
    return TEST_COUNTRIES[FOLD_NAMES[(FOLD_NAMES.index(fold) + 1) % len(FOLD_NAMES)]]


def _held_out_countries(fold: str) -> tuple[list[int], list[int]]:
    return [NUMBERS[name] for name in val_countries(fold)], [NUMBERS[name] for name in TEST_COUNTRIES[fold]]


def _release(
    dataset: Dataset,
    table: Table,
    splits: Ints,
    country: Ints,
    wealth: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    urban: Ints,
) -> Release:
    metadata, fields = with_source(dataset, splits, {"urban": urban, "y": wealth, "country": country})
    return Release(
        dataset=dataset,
        splits=splits,
        labels=wealth,
        metadata=metadata,
        fields=fields,
        values={"urban": ("0", "1"), "country": COUNTRIES},
        files=[f"images/landsat_poverty_img_{row}.npz" for row in range(len(table))],
    )
