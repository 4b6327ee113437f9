"""Whose the shipped images are, and under what licence: said wherever a page shows some of them."""

from collections.abc import Mapping
from types import MappingProxyType

_OPENMOJI = "OpenMoji (HfG Schwäbisch Gmünd, openmoji.org), CC BY-SA 4.0"
_NOTO = "Noto Emoji (Google), Apache-2.0"
_FLUENT = "Fluent Emoji (Microsoft), MIT"
PHOTOGRAPHS = "Tux Paint stamps (Bill Kendrick and contributors to Tux Paint), GPL-2"
_LICENCES = ("CC BY 4.0", "CC BY-SA 4.0", "Apache-2.0", "MIT", "GPL-2")
STYLES: Mapping[str, str] = MappingProxyType(
    {
        "openmoji": _OPENMOJI,
        "openmoji-outline": _OPENMOJI,
        "twemoji": "Twemoji (Twitter and other contributors), CC BY 4.0",
        "noto": _NOTO,
        "noto-blob": _NOTO,
        "fluent-flat": _FLUENT,
        "fluent-contrast": _FLUENT,
        "fluent-3d": _FLUENT,
        "emojione-v1": "Emoji One 1 (now JoyPixels), CC BY-SA 4.0",
        "symbola": "Symbola (George Douros), free for any use",
    }
)


def of_styles(*styles: str) -> str:
    """The credit of drawings of these styles together.

    >>> of_styles("noto", "noto-blob")
    'Noto Emoji (Google), Apache-2.0'
    """
    return "; ".join(dict.fromkeys(STYLES[style] for style in styles))


def licences_of(*credits: str) -> tuple[str, ...]:
    """The licences that these credits name, in one order; one without a name of its own with whose it is.

    >>> licences_of(of_styles("symbola", "noto"), PHOTOGRAPHS)
    ('Apache-2.0', 'GPL-2', 'Symbola (free for any use)')
    """
    sources = [source.rpartition(", ") for credit in credits for source in credit.split("; ")]
    stated = {says if says in _LICENCES else f"{whose.partition(' (')[0]} ({says})" for whose, _, says in sources}
    return (*(name for name in _LICENCES if name in stated), *sorted(stated.difference(_LICENCES)))


def licence_line(*credits: str) -> str:
    """The line of a benchmark whose images have these credits.

    >>> licence_line(of_styles("noto", "twemoji", "fluent-3d"))
    'Images: CC BY 4.0, Apache-2.0 and MIT, by source.'
    """
    *others, last = licences_of(*credits)
    return f"Images: {', '.join(others)} and {last}, by source." if others else f"Images: {last}."


DRAWINGS = of_styles(*STYLES)
SCENES = f"Composed of drawings, which were cut out and scaled, under CC BY-SA 4.0: {DRAWINGS}"
