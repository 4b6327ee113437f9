"""Sentences for a drawing: its name, its tags and its groups, in the words of its style."""

import random

from farfield_demo_build.names import Concept

STYLE_WORDS = {
    "noto": ("a drawing of", "a shaded picture of", "an emoji of", "an illustration of"),
    "noto-blob": ("a soft drawing of", "a cartoon of", "an emoji of", "a clip art of"),
    "fluent-flat": ("a flat drawing of", "a colourful icon of", "a simple picture of"),
    "fluent-contrast": ("a black silhouette of", "a line drawing of", "a black outline of"),
    "fluent-3d": ("a 3D render of", "a glossy model of", "a photo of"),
}
PLAIN = ("a picture of", "an image of", "this is", "a", "")


def names(concept: Concept) -> list[str]:
    """The label first; CLDR's groups supply the coarse words a class is asked for by."""
    subgroup = concept.subgroup.replace("-", " ")
    group = concept.group.replace("-", " and ")
    return [concept.label, subgroup, group, *concept.tags]


def caption(concept: Concept, style: str, random: random.Random) -> str:
    """One sentence: half the time the name alone, else tags and groups beside or in its place."""
    lead = random.choice(STYLE_WORDS[style] if random.random() < 0.6 else PLAIN)
    words = names(concept)
    draw = random.random()
    if draw < 0.45:
        thing = words[0]
    elif draw < 0.65:
        thing = f"{words[0]}, {random.choice(words[1:])}"
    elif draw < 0.9:
        thing = ", ".join(random.sample(words[1:], k=min(2, len(words) - 1)))
    else:
        thing = random.choice(words)
    return f"{lead} {thing}".strip()
