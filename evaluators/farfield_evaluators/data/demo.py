"""The pack `farfield-mini`, from the images of the distribution `farfield-demo`."""

import csv
import json
from importlib import resources
from pathlib import Path

from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source, build

NAME = "farfield-mini"


def import_demo(packs: Path) -> Pack:
    """Build the pack, or return it when it is there. Raises PackError when the images are not installed."""
    return build(demo_source(demo_root()), packs)


def demo_source(root: Path) -> Source:
    """The source described by `classes.json` and `index.csv` in `root`."""
    classes = _classes(root)
    numbers = {c.name: i for i, c in enumerate(classes)}
    with (root / "index.csv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    domains = tuple(sorted({row["domain"] for row in rows}))
    examples = tuple(
        Example(
            path=root / row["path"],
            set=f"id/{row['split']}" if row["set"] == "id" else row["set"],
            label=numbers[row["class"]] if row["class"] else -1,
            domain=domains.index(row["domain"]),
        )
        for row in rows
    )
    return Source(
        name=NAME,
        title="Photographs and ten drawing styles",
        licence="by source: CC BY 4.0, CC BY-SA 4.0, Apache-2.0, MIT, GPL-2; see the distribution's LICENSES.md",
        classes=tuple(PackClass(name=c.prompt_name, synsets=c.synsets) for c in classes),
        domains=domains,
        examples=examples,
    )


class _DemoClass:
    def __init__(self, values: dict[str, object]) -> None:
        self.name = str(values["name"])
        self.prompt_name = str(values["prompt_name"])
        synsets = values["synsets"]
        self.synsets = tuple(synsets) if isinstance(synsets, list) else ()


def _classes(root: Path) -> list[_DemoClass]:
    return [_DemoClass(c) for c in json.loads((root / "classes.json").read_text(encoding="utf-8"))]


def demo_root() -> Path:
    """The folder of the shipped images. Raises PackError when they are not installed."""
    try:
        return Path(str(resources.files("farfield_demo")))
    except ModuleNotFoundError:
        raise PackError("the demo images are not installed; install the distribution `farfield-demo`") from None
