"""Sentences for a drawing: its name, its tags and its groups, in the words of its style."""

import random
from collections.abc import Iterable, Iterator

from farfield_demo_build.names import Concept

STYLE_WORDS = {
    "noto": ("a drawing of", "a shaded picture of", "an emoji of", "an illustration of"),
    "noto-blob": ("a soft drawing of", "a cartoon of", "an emoji of", "a clip art of"),
    "fluent-flat": ("a flat drawing of", "a colourful icon of", "a simple picture of"),
    "fluent-contrast": ("a black silhouette of", "a line drawing of", "a black outline of"),
    "fluent-3d": ("a 3D render of", "a glossy model of", "a photo of"),
}
KINDS = {
    "animal-amphibian": ("animal", "amphibian"),
    "animal-bird": ("animal", "bird"),
    "animal-bug": ("animal", "bug", "insect or other bug"),
    "animal-mammal": ("animal", "mammal", "land animal"),
    "animal-marine": ("animal", "sea animal", "fish or other sea animal"),
    "animal-reptile": ("animal", "reptile"),
    "arts-crafts": ("craft material",),
    "cat-face": ("animal", "cat"),
    "clothing": ("piece of clothing",),
    "computer": ("computer", "machine"),
    "dishware": ("kitchen thing", "vessel or other kitchen thing"),
    "drink": ("drink", "drink in a cup, glass or pot"),
    "food-asian": ("food", "dish"),
    "food-fruit": ("food", "fruit"),
    "food-prepared": ("food", "dish"),
    "food-sweet": ("food", "dessert"),
    "food-vegetable": ("food", "vegetable"),
    "household": ("household thing", "object"),
    "medical": ("medical instrument", "medical item"),
    "musical-instrument": ("musical instrument", "instrument"),
    "music": ("music",),
    "plant-flower": ("plant", "flower"),
    "plant-other": ("plant",),
    "sport": ("sport", "ball or other sport equipment"),
    "tool": ("tool", "hand tool"),
    "transport-air": ("vehicle", "aircraft", "air vehicle"),
    "transport-ground": ("vehicle", "land vehicle", "car, bus or other land vehicle"),
    "transport-sign": ("sign", "public sign"),
    "transport-water": ("vehicle", "boat"),
    "warning": ("sign", "public sign"),
}
PLAIN = ("a picture of", "an image of", "this is", "a", "")


def coarse(concept: Concept) -> list[str]:
    """What the thing is a kind of: plain words for CLDR's subgroup, then CLDR's own."""
    subgroup = concept.subgroup.replace("-", " ")
    return [*KINDS.get(concept.subgroup, ()), subgroup, concept.group.replace("-", " and ")]


def caption(concept: Concept, style: str, random: random.Random) -> str:
    """One sentence: the name, its kind, its tags, alone or two together."""
    lead = random.choice(STYLE_WORDS[style] if random.random() < 0.6 else PLAIN)
    kind = random.choice(coarse(concept))
    tag = random.choice(concept.tags or (concept.label,))
    things = {
        concept.label: 3,
        f"{concept.label}, a {kind}": 1,
        f"{concept.label}, {tag}": 1,
        kind: 2,
        f"{tag}, {kind}": 1,
        tag: 2,
    }
    thing = random.choices(list(things), weights=list(things.values()))[0]
    return f"{lead} {thing}".strip()


def phrases(concepts: Iterable[Concept]) -> Iterator[str]:
    """Everything a caption may be made of."""
    yield from PLAIN
    yield from (words for each in STYLE_WORDS.values() for words in each)
    for concept in concepts:
        words = (concept.label, *coarse(concept), *concept.tags)
        yield from words
        yield from (f"{each}, a" for each in words)  # a comma may merge with a sign before it
