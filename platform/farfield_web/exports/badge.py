"""A badge: a small SVG with an entry's rank and its board, for a README. Nothing in it runs or is loaded."""

from xml.sax.saxutils import escape

_HEIGHT = 20
_PER_CHARACTER = 6.6  # of a sans-serif of 11 px, a little more than the mean
_MOST = 60


def as_badge(left: str, right: str) -> str:
    """The badge with two texts, each cut after 60 characters."""
    left, right = _cut(left), _cut(right)
    first, second = _width(left), _width(right)
    whole = first + second
    label = escape(f"{left}: {right}", {'"': "&quot;"})
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="{_HEIGHT}" role="img" aria-label="{label}">'
        f"<title>{label}</title>"
        f'<rect width="{first}" height="{_HEIGHT}" rx="3" fill="#3d4450"/>'
        f'<rect x="{first}" width="{second}" height="{_HEIGHT}" rx="3" fill="#1f5fa8"/>'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f'<text x="{first / 2}" y="14">{escape(left)}</text>'
        f'<text x="{first + second / 2}" y="14">{escape(right)}</text>'
        "</g></svg>\n"
    )


def _cut(text: str) -> str:
    """Of what is left of a text without control characters, the beginning."""
    plain = "".join(character for character in text if character.isprintable())
    return plain if len(plain) <= _MOST else f"{plain[: _MOST - 1]}…"


def _width(text: str) -> int:
    return round(len(text) * _PER_CHARACTER) + 14
