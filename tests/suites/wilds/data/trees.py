"""Tiny releases in the official layouts of WILDS: the same files and folders, a few rows of each split."""

import csv
import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from tests.suites.wilds.data import wheat

from farfield_evaluators.suites.wilds.data.civilcomments import SHARES
from farfield_evaluators.suites.wilds.data.poverty import COUNTRIES

Row = Mapping[str, object]


def table(path: Path, rows: Sequence[Row], *, index: bool = False, **options: object) -> None:
    """Write a CSV file; with `index` its first column is the nameless one that pandas adds."""
    path.parent.mkdir(parents=True, exist_ok=True)
    numbered = [{"": number, **row} if index else dict(row) for number, row in enumerate(rows)]
    with path.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.DictWriter(opened, list(numbered[0]), **options)
        writer.writeheader()
        writer.writerows(numbered)


def picture(path: Path, number: int, side: int = 12) -> None:
    """An image that no other number has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (side, side), (number % 251, number // 251, 7 * number % 253)).save(path)


def release(root: Path, name: str, version: str) -> Path:
    """The folder of a release with the file that says its version."""
    folder = root / f"{name}_v{version}"
    folder.mkdir(parents=True)
    (folder / f"RELEASE_v{version}.txt").write_text("")
    return folder


CAMELYON17 = [
    # patient, node, x, y, tumor, slide, center, split; the centre decides where it is 1 or 2
    ("004", 4, 3328, 21792, 1, 0, 0, 0),
    ("004", 4, 3200, 22272, 0, 0, 0, 1),
    ("010", 2, 1, 2, 0, 1, 3, 0),
    ("012", 0, 5, 6, 1, 2, 4, 1),
    ("020", 1, 7, 8, 0, 3, 1, 0),
    ("021", 1, 7, 9, 1, 3, 1, 1),
    ("042", 3, 9, 8, 1, 4, 2, 0),
    ("042", 3, 9, 9, 0, 5, 2, 1),
]
CAMELYON17_COLUMNS = ("patient", "node", "x_coord", "y_coord", "tumor", "slide", "center", "split")


def camelyon17(root: Path, rows: Sequence[tuple[object, ...]] = CAMELYON17) -> Path:
    folder = release(root, "camelyon17", "1.0")
    table(folder / "metadata.csv", [dict(zip(CAMELYON17_COLUMNS, row, strict=True)) for row in rows], index=True)
    for number, (patient, node, x, y, *_) in enumerate(rows):
        name = f"patient_{patient}_node_{node}"
        picture(folder / "patches" / name / f"patch_{name}_x_{x}_y_{y}.png", number)
    return folder


def camelyon17_unlabeled(root: Path) -> Path:
    folder = release(root, "camelyon17_unlabeled", "1.0")
    rows = [(f"1{n:02}", 0, n, n, -1, n, n % 5) for n in range(10)]
    columns = CAMELYON17_COLUMNS[:-1]
    table(folder / "metadata.csv", [dict(zip(columns, row, strict=True)) for row in rows], index=True)
    for number, (patient, node, x, y, *_) in enumerate(rows):
        name = f"patient_{patient}_node_{node}"
        picture(folder / "patches" / name / f"patch_{name}_x_{x}_y_{y}.png", 100 + number)
    return folder


IWILDCAM = ("train", "train", "val", "test", "id_val", "id_test", "train", "test")


def iwildcam(root: Path) -> Path:
    folder = release(root, "iwildcam", "2.0")
    rows = [
        {
            "split": split,
            "location_remapped": number % 4,
            "location": 100 + number % 4,
            "sequence_remapped": number // 2,
            "seq_id": f"s{number}",
            "y": number % 3,
            "category_id": 10 + number % 3,
            "datetime": f"2013-0{1 + number}-11 10:20:3{number}.000",
            "filename": f"{number:04x}.jpg",
            "image_id": f"{number:04x}",
        }
        for number, split in enumerate(IWILDCAM)
    ]
    table(folder / "metadata.csv", rows, index=True)
    names = [{"y": y, "category_id": 10 + y, "name": name} for y, name in enumerate(("empty", "deer", "deer"))]
    table(folder / "categories.csv", names)
    for number in range(len(rows)):
        picture(folder / "train" / f"{number:04x}.jpg", 30 * number)
    return folder


def iwildcam_unlabeled(root: Path) -> Path:
    folder = release(root, "iwildcam_unlabeled", "1.0")
    rows = [
        {
            "uid": f"u{number}",
            "location_remapped": number,
            "sequence_remapped": number,
            "y": y,
            "datetime": "" if number == 1 else "2014-01-01 00:00:00.000",
        }
        for number, y in enumerate((-1, 99_999, 2))
    ]
    table(folder / "metadata.csv", rows, index=True)
    for number in range(len(rows)):
        picture(folder / "images" / f"u{number}.jpg", 40 * number + 5)
    return folder


RXRX1 = [
    # experiment, plate, well, site, cell type, dataset, siRNA: U2OS and RPE come first, and not by their names
    ("U2OS-03", 1, "B05", 1, "U2OS", "train", 0),
    ("U2OS-03", 1, "B05", 2, "U2OS", "train", 0),
    ("RPE-01", 2, "A01", 1, "RPE", "train", 1),
    ("RPE-01", 2, "A01", 2, "RPE", "train", 1),
    ("HEPG2-08", 1, "B05", 1, "HEPG2", "val", 2),
    ("HEPG2-08", 1, "B05", 2, "HEPG2", "val", 2),
    ("HUVEC-17", 4, "C02", 1, "HUVEC", "test", 0),
    ("HUVEC-17", 4, "C02", 2, "HUVEC", "test", 1),
]


def rxrx1(root: Path) -> Path:
    folder = release(root, "rxrx1", "1.0")
    columns = ("experiment", "plate", "well", "site", "cell_type", "dataset", "sirna_id")
    table(folder / "metadata.csv", [dict(zip(columns, row, strict=True)) for row in RXRX1])
    for number, (experiment, plate, well, site, *_) in enumerate(RXRX1):
        picture(folder / "images" / experiment / f"Plate{plate}" / f"{well}_s{site}.png", number)
    return folder


FMOW = [
    # split, category, country, moment; a row of seq stands first, so numbers of pictures and of rows differ
    ("seq", "zoo", "FRA", "2010-01-01T00:00:00Z"),
    ("train", "airport", "XKX", "2003-05-05T01:02:03Z"),
    ("train", "zoo", "FRA", "2014-05-05T01:02:03Z"),
    ("val", "barn", "USA", "2012-12-31T23:59:59Z"),
    ("val", "barn", "KEN", "2013-01-01T00:00:00Z"),
    ("val", "dam", "FRA", "2015-12-31T23:59:59Z"),
    ("val", "dam", "FRA", "2016-01-01T00:00:00Z"),
    ("test", "port", "USA", "2012-06-01T00:00:00Z"),
    ("test", "port", "KEN", "2015-06-01T00:00:00Z"),
    ("test", "zoo", "ATA", "2015-12-31T23:00:00-02:00"),
    ("test", "zoo", "USA", "2017-06-01T00:00:00Z"),
    ("seq", "zoo", "USA", "2017-01-01T00:00:00Z"),
    ("seq", "zoo", "USA", "2014-01-01T00:00:00Z"),
]
FMOW_COUNTRIES = (("USA", "Americas"), ("FRA", "Europe"), ("KEN", "Africa"), ("ATA", ""))


def fmow(root: Path) -> Path:
    folder = release(root, "fmow", "1.1")
    columns = ("split", "category", "country_code", "timestamp")
    table(folder / "rgb_metadata.csv", [dict(zip(columns, row, strict=True)) for row in FMOW])
    countries = [{"name": f"Åland {code}", "alpha-3": code, "region": region} for code, region in FMOW_COUNTRIES]
    table(folder / "country_code_mapping.csv", countries)
    for number in range(len(FMOW)):
        picture(folder / "images" / f"rgb_img_{number}.png", number)
    return folder


def poverty(root: Path, each: int = 6, side: int = 4, *, images: bool = True) -> Path:
    """So many rows of each of the 23 countries, of which every other is urban."""
    folder = release(root, "poverty", "1.1")
    rows = [
        {
            "lat": 0.5,
            "lon": 1.5,
            "wealthpooled": round(-1 + 0.25 * (number % 9) + 0.01 * number, 4),
            "country": COUNTRIES[number % len(COUNTRIES)],
            "year": 2012,
            "urban": number % 2 == 1,
            "nl_mean": 0.0,
            "nl_center": 0.0,
            "households": 25,
        }
        for number in range(each * len(COUNTRIES))
    ]
    table(folder / "dhs_metadata.csv", rows)
    for number, row in enumerate(rows if images else ()):
        bands(folder / "images" / f"landsat_poverty_img_{number}.npz", float(row["wealthpooled"]), number, side)
    return folder


def bands(path: Path, level: float, seed: int, side: int = 4) -> None:
    """An image of eight bands, as bright as a village is wealthy."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).normal(0, 0.05, (8, side, side))
    np.savez(path, x=(level + noise).astype(np.float32))


def poverty_unlabeled(root: Path, each: int = 1, side: int = 4) -> Path:
    folder = release(root, "poverty_unlabeled", "1.0")
    rows = [{"country": COUNTRIES[number % len(COUNTRIES)]} for number in range(each * len(COUNTRIES))]
    table(folder / "unlabeled_metadata.csv", rows)
    for number in range(len(rows)):
        bands(folder / "images" / f"landsat_poverty_img_{number}.npz", 0.0, 10_000 + number, side)
    return folder


CIVILCOMMENTS = (("train", 0.5, 0.5), ("train", 0.4999, 0.0), ("val", 0.0, ""), ("test", 0.9, 0.51))


def civilcomments(root: Path) -> Path:
    """Toxicity and how many say that a man is named; all other shares are 0.2."""
    folder = release(root, "civilcomments", "1.0")
    rows = [
        {"split": split, "toxicity": toxicity, "comment_text": 'a "b",\nc', **dict.fromkeys(SHARES, 0.2), "male": male}
        for split, toxicity, male in CIVILCOMMENTS
    ]
    table(folder / "all_data_with_identities.csv", rows, index=True)
    return folder


AMAZON = [
    # user, product, category, year, overall, split: 3 is test and comes before train's 0; one row is not in the data
    ("NA", "p1", "Books", 2012, 5.0, 3),
    ("u2", "p2", "Toys", 2010, 1.0, 0),
    ("u1", "p1", "Books", 2014, 3.0, -1),
    ("u3", "p3", "Home", 2013, 4.0, 2),
    ("u2", "p4", "Books", 2010, 2.0, 4),
    ("u4", "p2", "Toys", 2018, 5.0, 1),
]


def amazon(root: Path) -> Path:
    folder = release(root, "amazon", "2.1")
    columns = ("reviewerID", "asin", "category", "reviewYear", "overall")
    rows = [{**dict(zip(columns, row, strict=False)), "reviewText": 'He said "no",\nthen "yes"'} for row in AMAZON]
    table(folder / "reviews.csv", rows, quoting=csv.QUOTE_NONNUMERIC)
    table(folder / "splits" / "user.csv", [{"split": row[-1]} for row in AMAZON])
    return folder


PY150 = {"train": 3, "IDval": 1, "OODval": 1, "IDtest": 2, "OODtest": 1}


def py150(root: Path, length: int = 6) -> Path:
    folder = release(root, "py150", "1.0")
    names = folder / "metadata" / "repo_file_names"
    table(names / "repo_ids.csv", [{"id": n, "repo_name": f"owner/repo{n}"} for n in range(8)])
    rng, number = np.random.default_rng(0), 0
    (folder / "processed").mkdir()
    for part, count in PY150.items():
        tokens, types = rng.integers(2, 50, (count, length)), rng.integers(0, 7, (count, length))
        types[:, 1:3], types[:, -1], tokens[:, -1] = (0, 1), -100, 1
        for what, rows in (("input", tokens), ("input_tok_type", types)):
            (folder / "processed" / f"{part}_{what}.json").write_text(json.dumps(rows.tolist()))
        files = [f"owner/repo{number + n}/src/a/b.py" for n in range(count)]
        (names / f"{part}.txt").write_text("".join(f"{file}\n" for file in files))
        number += count
    return folder


def molpcba(root: Path) -> Path:
    """Five molecules: of each the first properties 1, 0 and not measured, in turns."""
    folder = root / "ogbg_molpcba"
    labels = [",".join(("1", "0", "")[(row + task) % 3] for task in range(128)) for row in range(5)]
    parts = {"train": (0, 4), "valid": (2,), "test": (3, 1)}
    zipped(folder / "raw" / "graph-label.csv.gz", labels)
    for name, rows in parts.items():
        zipped(folder / "split" / "scaffold" / f"{name}.csv.gz", [str(row) for row in rows])
    np.save(folder / "raw" / "scaffold_group.npy", np.array([[3], [1], [4], [1], [5]]))
    return folder


def zipped(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))


GROW: Mapping[str, Callable[[Path], Path]] = {
    "iwildcam": iwildcam,
    "camelyon17": camelyon17,
    "rxrx1": rxrx1,
    "ogb-molpcba": molpcba,
    "civilcomments": civilcomments,
    "fmow": fmow,
    "poverty": poverty,
    "amazon": amazon,
    "py150": py150,
    "globalwheat": wheat.tree,
}
