"""FMoW-wilds: what buildings and land are used for, from above; validation and test are of later years.

Christie et al., CVPR 2018; Koh et al., ICML 2021 (arXiv 2012.07421), section 4.2.2. A row's split is its own and its
time's together: test rows since 2016, val rows of 2013 to 2015, and of the years before that train, val and test rows
as train, id_val and id_test. All other rows are in no split. A picture is numbered by its row in the whole file, also
though the rows of `seq` are then dropped. Moments are compared in UTC. A country without a region is in "Other".
"""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from farfield_evaluators.suites.wilds.data.release import Ints, Release, with_source
from farfield_evaluators.suites.wilds.data.tables import Table, first_seen, numbered, read_table
from farfield_evaluators.suites.wilds.data.unlabeled import FMOW_UNLABELED
from farfield_evaluators.suites.wilds.datasets import FMOW, Dataset

TABLE, COUNTRIES = "rgb_metadata.csv", "country_code_mapping.csv"
OTHER = "Other"
FIRST_YEAR, YEARS = 2002, tuple(str(year) for year in range(2002, 2018))
VAL_SINCE, TEST_SINCE = 2013, 2016
CATEGORIES = [
    "airport",
    "airport_hangar",
    "airport_terminal",
    "amusement_park",
    "aquaculture",
    "archaeological_site",
    "barn",
    "border_checkpoint",
    "burial_site",
    "car_dealership",
    "construction_site",
    "crop_field",
    "dam",
    "debris_or_rubble",
    "educational_institution",
    "electric_substation",
    "factory_or_powerplant",
    "fire_station",
    "flooded_road",
    "fountain",
    "gas_station",
    "golf_course",
    "ground_transportation_station",
    "helipad",
    "hospital",
    "impoverished_settlement",
    "interchange",
    "lake_or_pond",
    "lighthouse",
    "military_facility",
    "multi-unit_residential",
    "nuclear_powerplant",
    "office_building",
    "oil_or_gas_facility",
    "park",
    "parking_lot_or_garage",
    "place_of_worship",
    "police_station",
    "port",
    "prison",
    "race_track",
    "railway_bridge",
    "recreational_facility",
    "road_bridge",
    "runway",
    "shipyard",
    "shopping_mall",
    "single-unit_residential",
    "smokestack",
    "solar_farm",
    "space_facility",
    "stadium",
    "storage_tank",
    "surface_mine",
    "swimming_pool",
    "toll_booth",
    "tower",
    "tunnel_opening",
    "waste_disposal",
    "water_treatment_facility",
    "wind_farm",
    "zoo",
]
TOLD = {"train": 0, "val": 1, "test": 2, "seq": 3}


def read(root: Path) -> Release:
    """The release in a folder. Raises PackError and ImportProblems."""
    table = _table(root)
    told, years = _told(table)
    splits = np.full(len(table), -1)
    splits[told == TOLD["test"]] = _by_year(years[told == TOLD["test"]], "id_test", "", "test")
    splits[told == TOLD["val"]] = _by_year(years[told == TOLD["val"]], "id_val", "val", "")
    splits[told == TOLD["train"]] = _by_year(years[told == TOLD["train"]], "train", "", "")
    return _release(FMOW, root, table, splits, years, np.flatnonzero(told != TOLD["seq"]))


def read_unlabeled(root: Path) -> Release:
    """The unlabeled data of 2.0, in the same release: later rows of train and seq, early ones of seq. Raises as `read`.

    Labels are -1: WILDS hides them, too.
    """
    table = _table(root)
    told, years = _told(table)
    numbers, others = FMOW_UNLABELED.splits, ~np.isin(told, [TOLD["val"], TOLD["test"]])
    splits = np.full(len(table), -1)
    splits[others & (years >= TEST_SINCE)] = numbers["test_unlabeled"]
    splits[others & (years >= VAL_SINCE) & (years < TEST_SINCE)] = numbers["val_unlabeled"]
    splits[(told == TOLD["seq"]) & (years < VAL_SINCE)] = numbers["train_unlabeled"]
    return _release(FMOW_UNLABELED, root, table, splits, years, np.flatnonzero(splits >= 0))


def _table(root: Path) -> Table:
    return read_table(root / TABLE, ("split", "category", "country_code", "timestamp"))


def _told(table: Table) -> tuple[Ints, Ints]:
    """Of each row [N] the split that it has of its own, by its place in TOLD, and its year in UTC."""
    told = table.mapped("split", f"split; it is one of {', '.join(TOLD)}", TOLD)
    years = table.parsed("timestamp", "moment with a zone of time, such as 2016-05-01T10:00:00Z", year_of)
    return told, np.array(years, np.int64)


def year_of(text: str) -> int:
    """The year of a moment, in UTC. Raises ValueError for one without a zone.

    >>> year_of("2015-12-31T23:30:00-01:00")
    2016
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.astimezone(UTC).year


def _by_year(years: Ints, before: str, between: str, after: str) -> Ints:
    """The number of the split of each row [N] by its year; "" is none."""
    numbers = {"": -1, **FMOW.splits}
    chosen = [years < VAL_SINCE, years < TEST_SINCE]
    return np.select(chosen, [numbers[before], numbers[between]], numbers[after])


def _release(dataset: Dataset, root: Path, table: Table, splits: Ints, years: Ints, rows: Ints) -> Release:
    """Of the whole file the rows at these places [n]."""
    labels = table.mapped("category", "category of FMoW", {name: number for number, name in enumerate(CATEGORIES)})
    if dataset is FMOW_UNLABELED:
        labels = np.full(len(table), -1)
    known = (years >= FIRST_YEAR) & (years < FIRST_YEAR + len(YEARS))
    names = regions(root, table)
    values = first_seen(names)
    columns = {"region": numbered(names, values), "year": np.where(known, years - FIRST_YEAR, -1), "y": labels}
    metadata, fields = with_source(dataset, splits, columns)
    return Release(
        dataset=dataset,
        splits=splits[rows],
        labels=labels[rows],
        metadata=metadata[rows],
        fields=fields,
        values={"region": values, "year": YEARS, "y": tuple(name.replace("_", " ") for name in CATEGORIES)},
        files=[f"images/rgb_img_{row}.png" for row in rows.tolist()],
    )


def regions(root: Path, table: Table) -> list[str]:
    """The region of each row's country."""
    countries = read_table(root / COUNTRIES, ("alpha-3", "region"))
    by_code = dict(zip(countries.texts("alpha-3"), countries.texts("region"), strict=True))
    return [by_code.get(code) or OTHER for code in table.texts("country_code")]
