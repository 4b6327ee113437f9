"""The pack `fsdet-scenes`: all scenes with their boxes and masks, and the shots of every shot set as records."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farfield.runtime.masks import encode
from farfield_evaluators.data.build import build
from farfield_evaluators.data.demo import demo_root
from farfield_evaluators.data.pack import Pack
from farfield_evaluators.data.source import PackClass, Source
from farfield_evaluators.suites.fsdet.scenes.compose import Scene, Shown
from farfield_evaluators.suites.fsdet.scenes.names import NAME, SHOT_SETS, SHOTS
from farfield_evaluators.suites.fsdet.scenes.sets import POOL, SETS, TEST, Drawings, scenes_of
from farfield_evaluators.suites.fsdet.scenes.shots import shots_in
from farfield_evaluators.suites.fsdet.scenes.stored_png import stored_png
from farfield_evaluators.suites.fsdet.scenes.things import CLASSES, shown
from farfield_evaluators.suites.fsdet.sets import COLUMNS, joined_sets

LICENCE = (
    "CC BY-SA 4.0 as a whole; the drawings by source: CC BY 4.0, CC BY-SA 4.0, Apache-2.0, MIT, Symbola free for any "
    "use; see the LICENSES.md of the distribution farfield-demo"
)
DOMAINS = ("seen artists", "unseen artists")


def import_scenes(packs: Path) -> Pack:
    """Draw the scenes and build the pack, or return it when it is there. Raises PackError without the drawings."""
    return build(scenes_source(demo_root()), packs)


def scenes_source(root: Path) -> Source:
    """All sets of scenes of the drawings in `root`, and the shots that are taken of the pool."""
    drawings = Drawings(root)
    examples = [example for chosen in SETS for example in _examples(chosen.name, list(scenes_of(chosen, drawings)))]
    return Source(
        name=NAME,
        title="Scenes composed of drawings",
        licence=LICENCE,
        classes=tuple(PackClass(name=shown(concept)) for concept in CLASSES),
        domains=DOMAINS,
        examples=examples,
        columns=COLUMNS,
        joined=joined_sets({example.set for example in examples}, SHOTS, SHOT_SETS),
        once=True,
    )


def _examples(name: str, scenes: Sequence[Scene]) -> Iterator["SceneExample"]:
    """The scenes of a set; of the pool, which nothing learns from whole, its shots."""
    if name != POOL.name:
        yield from (SceneExample(scene=scene, objects=scene.objects, set=name) for scene in scenes)
        return
    for shot in shots_in(scenes):
        scene = scenes[shot.scene]
        yield SceneExample(scene=scene, objects=(scene.objects[shot.object],), set=shot.set)


@dataclass(frozen=True, kw_only=True)
class SceneExample:
    """A scene with those of its objects that are annotated."""

    scene: Scene
    objects: Sequence[Shown]
    set: str

    @property
    def columns(self) -> Mapping[str, Any]:
        unseen = int(self.set == TEST.name)
        return {"set": self.set, "label": -1, "domain": unseen, **annotations(self.scene, self.objects)}

    def stored(self) -> bytes:
        return stored_png(self.scene.image)

    def where(self) -> str:
        return f"a scene of {self.set}"


def annotations(scene: Scene, objects: Sequence[Shown]) -> dict[str, Any]:
    """The values of COLUMNS: boxes, their classes and areas, and masks as COCO's run lengths."""
    size = [int(pixels) for pixels in scene.image.shape[:2]]
    masks = [{"counts": encode(each.mask).tolist(), "size": size} for each in objects]
    return {
        "boxes": [each.box for each in objects],
        "box-labels": [each.label for each in objects],
        "box-area": [each.area for each in objects],
        "box-crowd": [0 for _ in objects],
        "masks": "\n".join(json.dumps(each, separators=(",", ":")) for each in masks).encode(),
        "size": [size],
    }
