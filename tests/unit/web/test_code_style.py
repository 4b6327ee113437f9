"""Every code that the site answers with is of one style, and of a family that is known."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from farfield_web import errors
from farfield_web.api.errors import CODES, STATUS
from farfield_web.runs.failures import SENTENCES

SITE = Path(errors.__file__).parent
STYLE = re.compile(r"[a-z]+\.[a-z]+(_[a-z]+)*")
FAMILIES = frozenset(
    [
        "account",
        "auth",
        "benchmark",
        "claims",
        "config",
        "data",
        "answers",
        "folder",
        "hosting",
        "idempotency",
        "intake",
        "kind",
        "lease",
        "method",
        "note",
        "operate",
        "outcomes",
        "pictures",
        "platform",
        "plugin",
        "predictions",
        "quota",
        "reason",
        "records",
        "request",
        "resources",
        "ruling",
        "run",
        "runs",
        "submission",
        "team",
        "webhook",
        "text",
        "tier",
        "title",
        "token",
        "track",
        "upload",
        "worker",
    ]
)


def raised() -> Iterator[str]:
    """The first argument of whatever is called like an error, where it is written out."""
    for path in SITE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.func, ast.Name):
                code = getattr(node.args[0], "value", None)
                if node.func.id.endswith(("Error", "Refused")) and isinstance(code, str) and re.fullmatch(r"\S+", code):
                    yield code


def test_codes_are_of_one_style_and_of_known_families() -> None:
    found = {*raised(), *STATUS, *CODES.values(), *SENTENCES}
    assert len(found) > 100
    assert sorted(code for code in found if not STYLE.fullmatch(code)) == []
    assert sorted({code.partition(".")[0] for code in found} - FAMILIES) == []
