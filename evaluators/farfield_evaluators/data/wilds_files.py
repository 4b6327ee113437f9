"""How the releases of Camelyon17 and FMoW say where their images lie and what is on them, for all suites they are in.

Bandi et al., IEEE TMI 2018; Christie et al., CVPR 2018; both as WILDS hands them out (Koh et al., ICML 2021, arXiv
2012.07421).
"""

from pathlib import Path

from farfield_evaluators.data.tables import Ints, Table, read_table

CAMELYON17_TABLE, TUMOR_CLASSES = "metadata.csv", ("normal", "tumor")
PATCH_COLUMNS = ("patient", "node", "x_coord", "y_coord")
FMOW_TABLE, COUNTRIES = "rgb_metadata.csv", "country_code_mapping.csv"
OTHER = "Other"
TOLD = {"train": 0, "val": 1, "test": 2, "seq": 3}
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
CATEGORY_NAMES = tuple(name.replace("_", " ") for name in CATEGORIES)


def patch_files(table: Table) -> list[str]:
    """The file of each row of Camelyon17's table."""
    return [patch_file(*named) for named in zip(*(table.texts(name) for name in PATCH_COLUMNS), strict=True)]


def patch_file(patient: str, node: str, x: str, y: str) -> str:
    """A patient's number is text: as a number it would lose the zeros that stand in the names of files.

    >>> patch_file("004", "4", "3328", "21792")
    'patches/patient_004_node_4/patch_patient_004_node_4_x_3328_y_21792.png'
    """
    name = f"patient_{patient}_node_{node}"
    return f"patches/{name}/patch_{name}_x_{x}_y_{y}.png"


def tumor_of_rows(table: Table) -> Ints:
    """The label of each row [N] of Camelyon17. Raises ImportProblems."""
    return table.mapped("tumor", "label; it is 0 or 1", {"0": 0, "1": 1})


def read_fmow(root: Path, *more: str) -> Table:
    """FMoW's table with its columns `split`, `category`, `country_code` and these. Raises PackError, ImportProblems."""
    return read_table(root / FMOW_TABLE, ("split", "category", "country_code", *more))


def split_of_rows(table: Table) -> Ints:
    """The split that each row [N] of FMoW has of its own, by its place in TOLD. Raises ImportProblems."""
    return table.mapped("split", f"split; it is one of {', '.join(TOLD)}", TOLD)


def category_of_rows(table: Table) -> Ints:
    """The label of each row [N] of FMoW. Raises ImportProblems."""
    return table.mapped("category", "category of FMoW", {name: number for number, name in enumerate(CATEGORIES)})


def picture_file(row: int) -> str:
    """A picture of FMoW is numbered by its row in the whole table."""
    return f"images/rgb_img_{row}.png"


def regions(root: Path, table: Table) -> list[str]:
    """The region of each row's country."""
    countries = read_table(root / COUNTRIES, ("alpha-3", "region"))
    by_code = dict(zip(countries.texts("alpha-3"), countries.texts("region"), strict=True))
    return [by_code.get(code) or OTHER for code in table.texts("country_code")]
