"""Values that parsers stumble over, drawn from a seeded generator."""

import json
from random import Random

TEXTS = (
    "",
    " ",
    "\x00",
    "\n",
    "\r\n",
    "\t",
    "-",
    "--",
    ".",
    "..",
    "/",
    "\\",
    "~",
    "null",
    "None",
    "NaN",
    "-0",
    "1e999",
    "\ufeff",
    "\u202e",
    "\u3164",
    "\u0130",
    "\ufb01",
    "\U0001f600",
    "\ud800",
    "e\u0301",
    "\uff21\uff24\uff2d\uff29\uff2e",
    "\u0430dmin",
    "../../etc/passwd",
    "/dev/zero",
    "/proc/self/mem",
    "con",
    "a" * 300,
    "'\";--",
    "<script>",
    "{{7*7}}",
    "%s%n",
    "${x}",
    "0x10",
    "1_000",
    "\u0661\u0662",
    "\u221e",
    "1.0.0+local.7",
    "1!2.0",
    "*",
    "==",
    ">=0,<0",
    "true",
    "[1",
    '{"a":',
)
NUMBERS = (
    0,
    1,
    -1,
    2,
    7,
    255,
    256,
    65535,
    2**31 - 1,
    2**31,
    2**32,
    2**53 + 1,
    2**63 - 1,
    2**63,
    2**64,
    -(2**63),
    10**40,
)
FLOATS = (0.0, -0.0, 0.5, 1e-320, 1e308, -1.7e308, float("inf"), float("-inf"), float("nan"))


def text(rng: Random) -> str:
    """Short or long, and often of characters that mean something to somebody."""
    kind = rng.randrange(8)
    if kind < 3:
        return rng.choice(TEXTS)
    if kind == 3:
        return rng.choice(TEXTS) + rng.choice(TEXTS)
    if kind == 4:
        return rng.choice(("a.", "(", "[", "{", "9", "é", "a-", ";", '"', "a or ")) * rng.choice((10, 300, 5000, 20000))
    if kind == 5:
        return str(rng.choice((*NUMBERS, *FLOATS)))
    return "".join(
        chr(rng.choice((rng.randrange(32, 127), rng.randrange(1, 0x2FFF)))) for _ in range(rng.randrange(1, 40))
    )


def name(rng: Random) -> str:
    """What could be the name of a file."""
    return text(rng).replace("\x00", "").replace("/", "_")[:200].encode(errors="replace").decode() or "x"


def value(rng: Random, depth: int = 3) -> object:
    """What JSON can hold, and Python's own infinities."""
    kind = rng.randrange(9 if depth else 5)
    if kind < 2:
        return text(rng)
    if kind < 5:
        return rng.choice((None, True, False, *NUMBERS, *FLOATS))
    if kind < 7:
        return [value(rng, depth - 1) for _ in range(rng.choice((0, 1, 2, 5, 40)))]
    return {text(rng)[:80]: value(rng, depth - 1) for _ in range(rng.choice((0, 1, 2, 5)))}


def json_text(rng: Random) -> str:
    """Text that a JSON parser is given: deep, long, or with a key twice."""
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(("[", '{"a":')) * rng.choice((5, 990, 100_000))
    if kind == 1:
        deep = rng.choice((50, 990, 5000))
        return "[" * deep + "]" * deep
    if kind == 2:
        return '{"n": ' + "9" * rng.choice((20, 4301, 100_000)) + "}"
    if kind == 3:
        return "{" + ",".join(f'"k{i % rng.choice((3, 10**6))}":{i}' for i in range(rng.choice((3, 2000)))) + "}"
    return json.dumps(value(rng, 4))
