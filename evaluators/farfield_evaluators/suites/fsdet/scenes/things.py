"""What is in the scenes: base and novel classes, a concept each, and the artists who drew them.

Fluent's three styles share shapes, so the family is held out whole: no scene to learn from has one of its drawings.
"""

BASE = (
    "airplane",
    "american-football",
    "ant",
    "banana",
    "beer-mug",
    "bus",
    "chicken",
    "cow",
    "crocodile",
    "dolphin",
    "drum",
    "elephant",
    "fox",
    "frog",
    "guitar",
    "hammer",
    "hot-pepper",
    "lady-beetle",
    "mushroom",
    "penguin",
    "police-car",
    "rabbit",
    "soccer-ball",
    "violin",
)
NOVEL = ("butterfly", "fish", "red-apple", "saxophone", "stop-sign", "tiger", "turtle", "wine-glass")
CLASSES = tuple(sorted((*BASE, *NOVEL)))
SEEN = ("emojione-v1", "noto", "noto-blob", "openmoji", "openmoji-outline", "symbola", "twemoji")
UNSEEN = ("fluent-3d", "fluent-contrast", "fluent-flat")
BASE_NUMBERS = tuple(CLASSES.index(name) for name in BASE)
NOVEL_NUMBERS = tuple(CLASSES.index(name) for name in NOVEL)


def shown(concept: str) -> str:
    """The class's name as people read it.

    >>> shown("red-apple")
    'red apple'
    """
    return concept.replace("-", " ")
