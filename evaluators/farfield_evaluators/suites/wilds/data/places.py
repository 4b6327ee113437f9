"""Where a release lies: the folder that was given, or the one of the official name in it, of the right version."""

from collections.abc import Iterable
from pathlib import Path

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.suites.wilds.datasets import Dataset


def locate(dataset: Dataset, path: Path, key: str) -> Path:
    """The folder that holds the file `key`: `path`, or the release's own folder in it.

    Raises PackError when neither does, and when a file RELEASE_v*.txt beside it says that it is of another version.
    """
    for place in (path, path / dataset.folder):
        if (place / key).is_file():
            _check_version(dataset, place)
            return place
    where = f"{path} {'holds no' if path.is_dir() else 'is no folder with'} {key}"
    raise PackError(f"{where}; give the folder {dataset.folder} of the official release, or the one that it lies in")


def _check_version(dataset: Dataset, root: Path) -> None:
    versions = sorted(_versions(root))
    if versions and dataset.version not in versions:
        says = f"{root} is version {', '.join(versions)} of {dataset.name}"
        raise PackError(f"{says}, which has other splits; version {dataset.version} is read")


def _versions(root: Path) -> Iterable[str]:
    return (file.stem.removeprefix("RELEASE_v") for file in root.glob("RELEASE_v*.txt"))
