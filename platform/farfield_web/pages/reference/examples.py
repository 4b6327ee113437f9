"""An operation as it is called: with curl, and with the Python client. Pure functions."""

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

NUMBER = "5f0c8f3e-0000-4000-8000-000000000001"
FILE = "my_method-1.0-py3-none-any.whl"
_API = "/api/v1/"
_BOARDS = ("benchmarks", "leaderboards")
# What stands for a part of an address, or for a value, by its name.
_USUAL: Mapping[str, Any] = {
    "benchmark": "imagenet-ood/mini",
    "benchmarks": ["imagenet-ood/mini"],
    "deed": "drain",
    "entries": [NUMBER, NUMBER[:-1] + "2"],
    "key": "0123456789abcdef",
    "member": "grace",
    "method": "constant",
    "name": "laptop",
    "password": "correct horse battery staple",
    "phase": "spring",
    "plot": "robustness",
    "track": "open",
    "url": "https://hooks.example/farfield",
    "username": "ada",
}
_BY_KIND: Mapping[str, Any] = {"integer": 1, "number": 0.5, "boolean": True, "object": {}}
_NAMES = {"methods": "constant", "people": "ada", "teams": "lab"}


@dataclass(frozen=True, kw_only=True)
class Example:
    """A call. `body` is None where none is sent as JSON."""

    verb: str
    path: str
    query: Mapping[str, Any]
    body: Mapping[str, Any] | None
    file: bool
    signed_in: bool

    @property
    def address(self) -> str:
        """With something in place of each of its parts, below /api/v1/."""
        first = self.path.removeprefix(_API).partition("/")[0]
        return re.sub(r"\{(\w+)\}", lambda part: _part(part[1], first), self.path).removeprefix(_API)


def example_of(name: str, shape: Mapping[str, Any]) -> Any:
    """A value of this shape, which the name tells more about."""
    if name in _USUAL:
        return _USUAL[name]
    if shape.get("enum"):
        return next(value for value in shape["enum"] if value)
    kind = shape.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        return [example_of("", shape.get("items", {}))]
    if shape.get("format") == "date-time":
        return "2026-01-31T12:00:00Z"
    return _BY_KIND.get(kind, "...")


def as_curl(call: Example, site: str) -> str:
    """A command line; the token is in the shell's TOKEN."""
    query = f"?{urlencode(call.query, doseq=True, safe='/:')}" if call.query else ""
    words = ["curl", *([] if call.verb == "GET" or (call.verb == "POST" and _sends(call)) else ["-X", call.verb])]
    parts = [shlex.join(words)]
    if call.signed_in:
        parts.append('-H "Authorization: Bearer $TOKEN"')
    if call.file:
        parts.append(f"-F file=@{FILE}")
    if call.body is not None:
        parts.append(f"--json {shlex.quote(json.dumps(call.body))}")
    return " ".join([*parts, shlex.quote(f"{site}{_API}{call.address}{query}")])


def as_python(call: Example, site: str) -> str:
    """Lines for a notebook."""
    head = f"from farfield.client import Site\n\nsite = Site({site!r})\n"
    if call.file:
        return f"from pathlib import Path\n{head}site.upload({FILE!r}, Path({FILE!r}))"
    more = [f"params={dict(call.query)!r}"] if call.query else []
    more += [f"body={dict(call.body)!r}"] if call.body is not None else []
    return f"{head}site.request({', '.join([repr(call.verb), repr(call.address), *more])})"


def _sends(call: Example) -> bool:
    return call.file or call.body is not None


def _part(name: str, resource: str) -> str:
    if name == "number":
        return NUMBER if resource in ("submissions", "runs") else "1"
    if name == "name":
        return "imagenet-ood/mini" if resource in _BOARDS else _NAMES.get(resource, "name")
    return str(_USUAL.get(name, name))
