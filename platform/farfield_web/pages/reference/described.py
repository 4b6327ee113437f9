"""The schema as its pages show it: resources with their operations, parameters, bodies and answers. Pure functions."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from farfield_web.pages.reference.examples import Example, as_curl, as_python, example_of

Json = Mapping[str, Any]
PREFIX = "/api/v1/"
_CHOICES = re.compile(r"\s*^\* `.*", re.MULTILINE | re.DOTALL)  # the values once more, which `kind` has
_NONE: Json = MappingProxyType({})
_LISTED = 12  # values of a choice; of more the first


@dataclass(frozen=True, kw_only=True)
class Field:
    """A parameter, or a key of a body or an answer."""

    name: str
    kind: str
    where: str
    required: bool
    says: str


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What comes back: a status, in words, and its keys where it is an object."""

    status: str
    says: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """A verb of an address."""

    name: str
    verb: str
    path: str
    title: str
    says: str
    open: bool
    fields: tuple[Field, ...]
    answers: tuple[Answer, ...]
    curl: str
    python: str


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What the addresses below one word are about."""

    name: str
    operations: tuple[Operation, ...]


def resources_of(schema: Json, site: str) -> tuple[Resource, ...]:
    """All resources by name; examples are for the site at this address."""
    found: dict[str, list[Operation]] = {}
    for path, verbs in schema["paths"].items():
        for verb, said in verbs.items():
            found.setdefault(said["tags"][0], []).append(_operation(schema, site, path, verb.upper(), said))
    return tuple(Resource(name=name, operations=tuple(found[name])) for name in sorted(found))


def _operation(schema: Json, site: str, path: str, verb: str, said: Json) -> Operation:
    media, body = next(iter(said.get("requestBody", _NONE).get("content", _NONE).items()), ("", _NONE))
    example = _example(schema, path, verb, said, media, body.get("schema", _NONE))
    title, text = said["summary"], said["description"].strip()
    return Operation(
        name=said["operationId"],
        verb=verb,
        path=path,
        title=title,
        says="" if text.rstrip(".?") == title else text,
        open={} in said.get("security", [{}]),
        fields=(*map(_parameter, said.get("parameters", ())), *_keys(schema, body.get("schema", _NONE), "body")),
        answers=tuple(
            _answer(schema, status, each) for status, each in said["responses"].items() if status != "default"
        ),
        curl=as_curl(example, site),
        python=as_python(example, site),
    )


def _example(schema: Json, path: str, verb: str, said: Json, media: str, body: Json) -> Example:
    properties, required = _object(schema, body)
    needed = {name: example_of(name, whole(schema, properties[name])) for name in required}
    query = {p["name"]: p["schema"] for p in said.get("parameters", ()) if p["in"] == "query" and p.get("required")}
    return Example(
        verb=verb,
        path=path,
        query={name: example_of(name, whole(schema, each)) for name, each in query.items()},
        body=needed if media == "application/json" else None,
        file=media == "multipart/form-data",
        signed_in={} not in said.get("security", [{}]),
    )


def _parameter(said: Json) -> Field:
    return Field(
        name=said["name"],
        kind=kind_of(said["schema"]),
        where=said["in"],
        required=bool(said.get("required")),
        says=said.get("description", ""),
    )


def _answer(schema: Json, status: str, said: Json) -> Answer:
    media, content = next(iter(said.get("content", _NONE).items()), ("", _NONE))
    shape = content.get("schema", _NONE)
    words = HTTPStatus(int(status)).phrase + (f", {media}" if media not in ("", "application/json") else "")
    is_error = shape.get("$ref", "").endswith("/ErrorBody")
    says = (
        f"{words}: an error" if is_error else f"{words}{f', {media}' if media not in ('', 'application/json') else ''}"
    )
    listed = resolved(schema, shape).get("type") == "array"
    inner = resolved(schema, shape)["items"] if listed else shape
    fields = () if is_error else tuple(_keys(schema, inner, ""))
    return Answer(status=status, says=f"{says}, a list" if listed else says, fields=fields)


def _keys(schema: Json, shape: Json, where: str) -> Iterator[Field]:
    properties, required = _object(schema, shape)
    for name, each in properties.items():
        shape = whole(schema, each)
        says = _CHOICES.sub("", each.get("description") or shape.get("description", ""))
        yield Field(name=name, kind=kind_of(shape), where=where, required=name in required, says=says)


def _object(schema: Json, shape: Json) -> tuple[Mapping[str, Json], list[str]]:
    found = resolved(schema, shape)
    return found.get("properties", {}), list(found.get("required", ()))


def whole(schema: Json, shape: Json) -> Json:
    """A shape with what it refers to; of a list also its items."""
    found = resolved(schema, shape)
    return {**found, "items": resolved(schema, found["items"])} if "items" in found else found


def resolved(schema: Json, shape: Json) -> Json:
    """What a reference refers to, through `allOf` with one part, with what stands beside it."""
    if "$ref" in shape:
        named = shape["$ref"].rpartition("/")[2]
        return resolved(schema, {**schema["components"]["schemas"][named], **_besides(shape, "$ref")})
    if len(shape.get("allOf", ())) == 1:
        return resolved(schema, {**shape["allOf"][0], **_besides(shape, "allOf")})
    parts = [part for key in ("oneOf", "anyOf") for part in shape.get(key, ()) if part.get("type") != "null"]
    if parts and "type" not in shape:
        return {**resolved(schema, parts[0]), **_besides(shape, "oneOf", "anyOf")}
    return shape


def kind_of(shape: Json) -> str:
    """What a value is, in words.

    >>> kind_of({"type": "array", "items": {"type": "string", "format": "uuid"}}), kind_of({"enum": ["a", "b"]})
    ('list of string (uuid)', 'a, b')
    """
    if shape.get("enum"):
        values = [str(value) for value in shape["enum"] if value not in ("", None)]
        return ", ".join(values[:_LISTED]) + (", ..." if len(values) > _LISTED else "")
    kinds = shape.get("type", "object")
    kind = " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
    if "array" in kind:
        return f"list of {kind_of(shape.get('items', {}))}"
    return f"{kind} ({shape['format']})" if "format" in shape else kind


def _besides(shape: Json, *names: str) -> Json:
    return {name: value for name, value in shape.items() if name not in names}
