"""By night a page has other colours and nothing else: so only rules about colours are asked again by night."""

import re
from pathlib import Path

import farfield_web

PACKAGE = Path(farfield_web.__file__).parent
QUERY = "prefers-color-scheme"
BLOCK = re.compile(r"@media screen and \(prefers-color-scheme: dark\) \{\s*:root \{([^{}]*)\}\s*\}")
COLOUR = re.compile(r"--[a-z-]+: #[0-9a-f]{6}")
SHEETS = {"static/farfield/farfield.css", "static/farfield/board.css"}
OTHERS = {"static/farfield/plots.js", "static/farfield/mark.svg"}  # dresses plots in the mode's colours; a picture


def test_by_night_only_colours_are_others() -> None:
    texts = {
        str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8")
        for path in PACKAGE.rglob("*")
        if path.suffix in {".css", ".html", ".js", ".svg"}
    }
    asking = {name for name, text in texts.items() if QUERY in text}
    assert asking == SHEETS | OTHERS
    for name in SHEETS:
        blocks = BLOCK.findall(texts[name])
        assert texts[name].count(QUERY) == len(blocks), name
        values = [value.strip() for block in blocks for value in block.split(";") if value.strip()]
        assert [value for value in values if not COLOUR.fullmatch(value)] == [], name
