"""A method's and a benchmark's stored description, in the words of a page. Pure functions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from farfield import families
from farfield.choices import INPUT, described_for
from farfield.config import JsonObject
from farfield.config import settings_of as ordered_settings
from farfield.departures import BATCH_STATISTICS, SELECTS_ELSEWHERE, TEST_DATA, TRAINS_ON_VALIDATION
from farfield_evaluators.benchmark import Benchmark
from farfield_web.submissions.written import number, setting_value

PARTS = {"id": "In-distribution", "shift": "Shift", "near": "Near OOD", "far": "Far OOD"}
NOT_DONE = {
    TEST_DATA: "no use of test data",
    SELECTS_ELSEWHERE: "selection on the official validation split only",
    TRAINS_ON_VALIDATION: "no training on validation data",
    BATCH_STATISTICS: "no statistics of the test batch",
}
_TYPES = {"boolean": "on or off", "integer": "whole number", "number": "number", "string": "text"}
_ARXIV = re.compile(r"arxiv[:\s]*(\d{4}\.\d{4,5})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A row of the table of settings."""

    name: str
    help: str
    type: str
    allowed: str
    default: str


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A citation, and where it leads if it names an address or an arXiv number."""

    text: str
    link: str


Item = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Family:
    """The cards of a family of benchmarks."""

    title: str
    cards: tuple[Item, ...]


def family_title(family: str) -> str:
    """A family's name as pages write it."""
    try:
        return families.of(family).title
    except ValueError:  # of a method that a later release took in
        return family


def by_family(items: Iterable[Item]) -> list[Family]:
    """Cards of benchmarks, each with its `family`, in one group for each family, in the order of the first of each."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(str(item["family"]), []).append(item)
    return [Family(title=title, cards=tuple(members)) for title, members in groups.items()]


def settings_of(schema: JsonObject) -> list[Setting]:
    """The rows of a method's table of settings."""
    return [
        Setting(
            name=name,
            help=prop["description"],
            type=_TYPES[prop["type"]],
            allowed=_allowed(prop),
            default=setting_value(prop["default"]),
        )
        for name, prop in ordered_settings(schema)
    ]


def inputs_of(spec: Mapping[str, Any]) -> str:
    """What a method with one input is given, in one sentence; empty where nothing is known of it."""
    if "inputs" not in spec:
        return ""
    instead = "; a worker that has them gives the features of its frozen network instead" if spec.get("frozen") else ""
    return f"{_inputs(spec['inputs'])}{instead}"


def _inputs(inputs: Mapping[str, Any]) -> str:
    if inputs.get("kind") == "features":
        return f"{inputs['dim']} features of the frozen backbone {inputs['backbone']}"
    if inputs.get("crop") == "none":
        return "images as stored, one at a time"
    size, resize = inputs.get("size"), inputs.get("resize")
    how = "squashed to a square" if inputs.get("crop") == "squash" else "central crop"
    before = f", shorter side resized to {resize}" if resize else ""
    return f"images of {size} \N{MULTIPLICATION SIGN} {size} pixels ({how}{before}, {inputs.get('interpolation')})"


@dataclass(frozen=True, kw_only=True)
class Input:
    """One of several inputs of a method."""

    name: str
    takes: str
    backbone: str
    resources: str
    chosen: bool
    settings: list[Setting]


def inputs_by_name(spec: Mapping[str, Any], chosen: str = "") -> list[Input]:
    """Each input that a method can be set to take, the first one first; none where there is nothing to choose."""
    if "choices" not in spec:
        return []
    names = spec["config_schema"]["properties"][INPUT]["enum"]
    return [_input(name, described_for(spec, {INPUT: name}), chosen or names[0]) for name in names]


def _input(name: str, described: Mapping[str, Any], chosen: str) -> Input:
    return Input(
        name=name,
        takes=inputs_of(described),
        backbone=described["claims"]["backbone"],
        resources=resources_of(described["resources"]),
        chosen=name == chosen,
        settings=[each for each in settings_of(described["config_schema"]) if each.name != INPUT],
    )


def resources_of(resources: Mapping[str, Any]) -> str:
    """What one run needs, in one line."""
    device = "one GPU" if resources.get("gpu") else "CPU"
    return f"{device}, {number(resources.get('memory_gib'))} GiB, at most {number(resources.get('minutes'))} minutes"


def paper(text: str) -> Paper:
    """A citation with its link; only http and https addresses become links."""
    if web_address(text):
        return Paper(text=text, link=text)
    arxiv = _ARXIV.search(text)
    return Paper(text=text, link=f"https://arxiv.org/abs/{arxiv.group(1)}" if arxiv else "")


def web_address(text: str) -> str:
    """The text when it is an http or https address, otherwise nothing: a claim never becomes a script."""
    return text if re.fullmatch(r"https?://[^\s\"'<>]+", text) else ""


def rules_in_words(benchmark: Benchmark) -> list[str]:
    """What an entry must not have done to be standard, after "at least 3 replicates, no extra data"."""
    rules = benchmark.standing
    return [NOT_DONE[name] for name in NOT_DONE if rules and name in (*rules.forbids, *rules.refuses)]


def members_of(benchmark: Benchmark, aggregate: str) -> list[str]:
    """The names of the domains behind an aggregate; the domain itself when it is none."""
    roles = {domain.name: domain.role for domain in benchmark.domains}
    return next((one.members(roles) for one in benchmark.aggregates if one.name == aggregate), [aggregate])


def domain_title(benchmark: Benchmark, name: str) -> str:
    """A domain's or an aggregate's title."""
    titles = {domain.name: domain.title for domain in benchmark.domains}
    return (titles | {aggregate.name: aggregate.title for aggregate in benchmark.aggregates}).get(name, name)


def _allowed(prop: Mapping[str, Any]) -> str:
    if "enum" in prop:
        return ", ".join(setting_value(value) for value in prop["enum"])
    if prop["type"] == "boolean":
        return "on, off"
    low, high = prop.get("minimum"), prop.get("maximum")
    if low is not None and high is not None:
        return f"{number(low)} to {number(high)}"
    if low is not None or high is not None:
        return f"at least {number(low)}" if high is None else f"at most {number(high)}"
    return f"up to {prop['maxLength']} characters" if prop["type"] == "string" else "any"
