"""Whose the shipped images are, and under what licence: said wherever a page shows some of them."""

from collections.abc import Mapping
from types import MappingProxyType

_OPENMOJI = "OpenMoji (HfG Schwäbisch Gmünd, openmoji.org), CC BY-SA 4.0"
_NOTO = "Noto Emoji (Google), Apache-2.0"
_FLUENT = "Fluent Emoji (Microsoft), MIT"
PHOTOGRAPHS = "Tux Paint stamps (Bill Kendrick and contributors to Tux Paint), GPL-2"
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


DRAWINGS = of_styles(*STYLES)
SCENES = f"Composed of drawings, which were cut out and scaled, under CC BY-SA 4.0: {DRAWINGS}"
