"""Import of Let it Wag!: a folder for each of 290 concepts, of 450 images each.

Classes are in the order of their folders, of which the endings `_bird`, `_flowers`, `_aircraft` and `_food` are no part
of the name. The release's code sorts the names again when these are gone, which would move them away from their images
where the order is another one then. `frequencies.json`, beside the folders, may say how often each was found.
"""

import json
from pathlib import Path

from farfield_evaluators.data.columns import PackColumn
from farfield_evaluators.data.explained import build_or_explain
from farfield_evaluators.data.listing import entries
from farfield_evaluators.data.packs import Example, Pack, PackClass, PackError, Source
from farfield_evaluators.data.problems import SUBSET_ADVICE, ImportProblems
from farfield_evaluators.suites.clip_benchmark.benchmarks import TEST
from farfield_evaluators.suites.clip_benchmark.data import folders
from farfield_evaluators.suites.clip_benchmark.let_it_wag import FREQUENCY, PACK

CLASSES, EACH = 290, 450
ENDINGS = ("_bird", "_flowers", "_aircraft", "_food")
FREQUENCIES = "frequencies.json"


def import_let_it_wag(path: Path, packs: Path, *, subset: bool = False) -> Pack:
    """Import `path`. Raises PackError for counts that cannot be read, ImportProblems naming all that is wrong."""
    named = [entry.name for entry in entries(path) if entry.is_folder]
    images = folders.read_split(path)
    counts = _counts(path / FREQUENCIES)
    held = dict.fromkeys(named, 0)
    for image in images:
        held[named[image.classes[0]]] += 1
    missing = [] if len(named) == CLASSES else [f"{len(named)} folders, not {CLASSES}"]
    missing += [f"{name}: {count} images, not {EACH}" for name, count in held.items() if count != EACH]
    problems = [f"{FREQUENCIES} has no count of {name}" for name in named if counts and name not in counts]
    problems += [] if subset else missing
    if problems or not images:
        raise ImportProblems(path, PACK, problems or ["no image"], advice="" if subset else SUBSET_ADVICE)
    source = Source(
        name=PACK,
        title="Let it Wag!: concepts that are rare on the web",
        licence="the images are their owners'",
        classes=tuple(PackClass(name=clean_name(name)) for name in named),
        domains=(TEST,),
        examples=tuple(_example(image, named, counts) for image in images),
        release="official" if not missing else "subset",
        official=not missing,
        columns=(PackColumn(name=FREQUENCY, kind="rows", dtype="int64"),) if counts else (),
    )
    return build_or_explain(source, packs, path)


def clean_name(folder: str) -> str:
    """A concept as the release prompts for it.

    >>> clean_name("cape_flower"), clean_name("Ruby_throated_Hummingbird_bird")
    ('cape_flower', 'Ruby_throated_Hummingbird')
    """
    return next((folder.removesuffix(ending) for ending in ENDINGS if folder.endswith(ending)), folder)


def _example(image: folders.ImageFile, named: list[str], counts: dict[str, int]) -> Example:
    (label,) = image.classes
    return Example(path=image.path, set=TEST, label=label, more={FREQUENCY: [counts[named[label]]]} if counts else {})


def _counts(path: Path) -> dict[str, int]:
    """How often each concept was found; empty where nothing is said."""
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): int(count) for name, count in found.items()}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise PackError(f"{path} is no JSON object of whole numbers by folder: {error}") from error
