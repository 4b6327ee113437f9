"""Measure what `domainbed.json` holds by running DomainBed: `python measure_domainbed.py FOLDER > domainbed.json`.

FOLDER is a checkout of https://github.com/facebookresearch/DomainBed (the committed figures are of b93c22a). Spawrious'
files are empty, and are taken by name: DomainBed takes them as the file system lists them.
"""

import functools
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[4]))
from tests.suites.domainbed.data import domainbed_case as case
from tests.suites.wilds.data.test_against_wilds import pandas_of_its_time

HPARAMS = {"data_augmentation": False}


def spawrious(root: Path) -> Path:
    for number in (0, 1):
        for place in case.LOCATIONS:
            for breed in ("bulldog", "corgi", "dachshund", "labrador"):
                folder = root / str(number) / place / breed
                folder.mkdir(parents=True)
                for name in case.NAMES:
                    (folder / name).touch()
    return root


def files_of(dataset: Any, root: Path) -> list[tuple[str, int]]:
    """(file, label) of an environment: a folder of images, a part of WILDS, or parts one after another."""
    if hasattr(dataset, "datasets"):
        return [item for part in dataset.datasets for item in files_of(part, root)]
    if hasattr(dataset, "image_paths"):
        return [(str(Path(path).relative_to(root)), dataset.class_index) for path in dataset.image_paths]
    if hasattr(dataset, "imgs"):
        return [(str(Path(path).relative_to(root)), label) for path, label in dataset.imgs]
    numbers = dataset.indices.tolist()
    whole = dataset.dataset
    if hasattr(whole, "full_idxs"):
        files = [f"images/rgb_img_{whole.full_idxs[number]}.png" for number in numbers]
    else:
        files = [str(whole._input_array[number]) for number in numbers]
    return list(zip(files, whole.y_array[dataset.indices].tolist(), strict=True))


def measured(name: str, data: Path, root: Path) -> list[dict[str, object]]:
    """Each environment of a data set; files are told from `root`."""
    from domainbed import datasets

    listing, in_utc = os.listdir, functools.partial(pd.to_datetime, utc=True)
    in_order = mock.patch.object(os, "listdir", lambda path: sorted(listing(path)))
    with pandas_of_its_time(), in_order, mock.patch.object(pd, "to_datetime", in_utc):
        found = datasets.get_dataset_class(name)(str(data), [0], HPARAMS)
    return [case.listed(files_of(environment, root)) for environment in found.datasets]


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    from domainbed import datasets

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        made = case.sviro(root / "folders")
        figures = {"SVIRO": measured("SVIRO", made, made / "sviro")}
        dogs = spawrious(root / "dogs")
        figures |= {n: measured(n, dogs, dogs) for n in datasets.DATASETS if n.startswith("Spawrious")}
        for name, grow in case.WILDS.items():
            release = grow(root / name)
            figures[name] = measured(name, release.parent, release)
    json.dump(figures, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
