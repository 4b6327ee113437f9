"""Rebuilds the data of farfield-demo, or checks that it can be rebuilt.

python build.py --cache FOLDER            write the images and tables
python build.py --cache FOLDER --check    rebuild aside and compare
"""

import argparse
import filecmp
import sys
import tempfile
from pathlib import Path

from farfield_demo_build import draw, maps, pictures, tables
from PIL import Image

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "farfield_demo"
TABLES = ("index.csv", "classes.json", "SHA256SUMS")


def build(target: Path, cache: Path) -> None:
    """Writes every image and the three tables below `target`, and nothing else stays."""
    for folder in ("images", "photographs"):
        for old in (target / folder).rglob("*.webp"):
            old.unlink()
    decided = maps.load(HERE)
    rows, sums = [], {}
    for row, image in pictures.every(decided, cache):
        if row.path in sums:
            raise ValueError(f"{row.path} would be written twice")
        draw.write(image, target / row.path)
        rows.append(row)
        sums[row.path] = draw.fingerprint(image)
    tables.write_index(rows, target / "index.csv")
    tables.write_classes(decided, target / "classes.json")
    tables.write_sums(sums, target / "SHA256SUMS")


def differences(cache: Path) -> list[str]:
    """What a fresh build has otherwise than the shipped package."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        build(fresh, cache)
        changed = [name for name in TABLES if not _same(fresh / name, PACKAGE / name)]
    return changed + stale(PACKAGE)


def stale(package: Path) -> list[str]:
    """Shipped images whose pixels are not those of SHA256SUMS, or that it does not list."""
    lines = (package / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    found = {path.relative_to(package).as_posix(): path for path in package.rglob("*.webp")}
    unlisted = sorted(found.keys() ^ sums.keys())
    return unlisted + [name for name, path in found.items() if _digest(path) != sums.get(name)]


def _same(one: Path, other: Path) -> bool:
    return other.exists() and filecmp.cmp(one, other, shallow=False)


def _digest(path: Path) -> str:
    with Image.open(path) as image:
        return draw.fingerprint(image)


def main() -> int:
    """Parses the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--cache", type=Path, required=True, help="folder for tarballs")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    if not options.check:
        build(PACKAGE, options.cache)
        return 0
    changed = differences(options.cache)
    print("\n".join(changed) or "the build reproduces the package")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
