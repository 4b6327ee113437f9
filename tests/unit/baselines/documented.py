"""How the tables of documents write a method's settings: what tests compare the documents with."""

from typing import Any

from farfield import MethodSpec
from farfield.config import schema_of, settings_of


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def figure(value: object) -> str:
    """A default or a bound, as the tables write it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value) or "empty"


def extent(prop: dict[str, Any]) -> str:
    if prop["type"] == "boolean":
        return "on, off"
    if "enum" in prop:
        return ", ".join(prop["enum"])
    if prop["type"] == "string":
        return "text"
    return f"{figure(prop['minimum'])} to {figure(prop['maximum'])}"


def own_settings(spec: MethodSpec, of_all: type) -> str:
    """The settings that are not everybody's: name, default and range."""
    common = schema_of(of_all)["properties"]
    own = [(name, p) for name, p in settings_of(schema_of(spec.config)) if name not in common]
    return "; ".join(f"`{name}` {default_of(name, p)} ({extent(p)})" for name, p in own) or "none"


def default_of(name: str, prop: dict[str, Any]) -> str:
    return "nine of the mini CLIP's captions" if name == "contexts" else figure(prop["default"])


def setting_rows(config: type) -> list[str]:
    return [
        f"| `{name}` | {figure(p['default'])} | {extent(p)} | {p['description'].replace('|', chr(92) + '|')} |"
        for name, p in settings_of(schema_of(config))
    ]
