"""A comparison as text: the same numbers as the API's, in the words and units of pages. Pure functions."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from farfield_evaluators.benchmark import Benchmark
from farfield_web.contrasts.asking import MADE, WAITING
from farfield_web.contrasts.chosen import Choice
from farfield_web.leaderboards.queries import Entry
from farfield_web.pages.boards.query import asked
from farfield_web.pages.runs.pictures import Pictures, PictureView, SampleView, of_submission
from farfield_web.pages.templatetags.figures import NONE, shown, shown_error
from farfield_web.submissions.written import setting_value

Json = Mapping[str, Any]
LEVEL = 0.05
MOST_DIVIDED, MOST_OF_DOMAIN = 12, 2
APART = 0.2  # of the share of in-distribution images that two OOD detectors place an image above
COSTS = (
    ("seconds", "Seconds of a run"),
    ("memory", "Peak memory of a run (GiB)"),
    ("warm", "Share of base models, features, texts and pixels from caches (0 cold, 1 warm)"),
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """An entry: the first is what others are compared with, and `first_href` puts this one there."""

    name: str
    href: str
    first_href: str
    verified: bool
    seen: str
    labels: tuple[str, ...]
    standing: Any


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A figure of an entry, and its difference from the first one's: with its interval, p-value, and what it means."""

    text: str
    error: str
    difference: str = ""
    interval: str = ""
    p_value: str = ""
    paired: bool = True
    verdict: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A figure of all entries."""

    title: str
    direction: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Where the first entry and another one are right, on a domain, as shares."""

    domain: str
    other: str
    examples: int
    shares: tuple[str, ...]
    only: tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Side:
    """A test image with what each entry detected there; None for one without."""

    number: int
    pictures: tuple[PictureView | None, ...]


@dataclass(frozen=True, kw_only=True)
class Divided:
    """A test image by itself of which entries said different things: (entry, what it said) of those that tell of it."""

    domain: str
    sample: SampleView
    said: tuple[tuple[str, SampleView], ...]


@dataclass(frozen=True, kw_only=True)
class CompareView:
    """Everything that the page of a comparison lays out."""

    body: Json
    columns: tuple[Column, ...]
    board_href: str
    data_href: str
    waiting: bool
    by_examples: bool
    verdicts: tuple[str, ...]
    rows: tuple[Row, ...]
    others: tuple[Row, ...]
    settings: tuple[tuple[str, tuple[str, ...], bool], ...]
    costs: tuple[tuple[str, tuple[str, ...]], ...]
    agreements: tuple[Agreement, ...]
    sides: tuple[Side, ...]
    divided: tuple[Divided, ...]
    credits: tuple[str, ...]


def view_of(choice: Choice, body: Json) -> CompareView:
    """The page's view of a comparison, against the first of its entries."""
    names = [entry["name"] for entry in body["entries"]]
    figures = body["figures"]
    pictures = [of_submission(entry.submission) for entry in choice.entries]
    return CompareView(
        body=body,
        columns=tuple(_column(choice, place, name) for place, name in enumerate(names)),
        board_href=asked(choice.benchmark, {"tier": choice.tier}).address,
        data_href=f"{reverse('api:compare')}?{_query(choice.entries)}",
        waiting=body["state"] == WAITING,
        by_examples=body["state"] == MADE and any(one["paired"] for each in figures for one in each["contrasts"]),
        verdicts=tuple(_verdict(one, names) for one in body["on_board"] if one["first"] == 0),
        rows=tuple(_row(one) for one in figures if one["column"]),
        others=tuple(_row(one) for one in figures if not one["column"]),
        settings=tuple(
            (one["name"], tuple(_setting(value) for value in one["values"]), one["differs"]) for one in body["settings"]
        ),
        costs=tuple((title, _costs(body["entries"], name)) for name, title in COSTS),
        agreements=tuple(_agreement(choice, one, names) for one in body["agreements"] if one["first"] == 0),
        sides=_sides(pictures),
        divided=tuple(_divided(choice.benchmark, names, pictures)),
        credits=next((each.credits for each in pictures if each), ()),
    )


def _query(entries: Sequence[Entry]) -> str:
    return urlencode([("entries", str(entry.submission.pk)) for entry in entries])


def _column(choice: Choice, place: int, name: str) -> Column:
    entry = choice.entries[place]
    others = [each for each in choice.entries if each is not entry]
    return Column(
        name=name,
        href=reverse("submission", args=[entry.submission.pk]),
        first_href=f"{reverse('compare')}?{_query([entry, *others])}",
        verified=entry.verified,
        seen=entry.seen.value,
        labels=entry.labels,
        standing=entry.standing,
    )


def _verdict(one: Json, names: Sequence[str]) -> str:
    if one["better"] is None:
        return f"Nothing beyond chance tells {names[one['first']]} and {names[one['second']]} apart."
    worse = one["second"] if one["better"] == one["first"] else one["first"]
    return f"{names[one['better']]} is better than {names[worse]} beyond chance."


def _row(one: Json) -> Row:
    against = {each["second"]: each for each in one["contrasts"] if each["first"] == 0}
    cells = tuple(_cell(value, against.get(place), one) for place, value in enumerate(one["values"]))
    return Row(title=one["title"], direction="higher" if one["higher_is_better"] else "lower", cells=cells)


def _cell(value: Json | None, contrast: Json | None, one: Json) -> Cell:
    unit = one["unit"]
    if value is None:
        return Cell(text=NONE, error="")
    text, error = shown(value["value"], unit), shown_error(value["stderr"], unit)
    if contrast is None:
        return Cell(text=text, error=error)
    # What is told is this entry less the first; the API has the first less this one.
    difference, low, high = (-contrast[name] for name in ("difference", "high", "low"))
    sure = contrast["p_value"] <= LEVEL
    better = (difference > 0) is one["higher_is_better"]
    return Cell(
        text=text,
        error=error,
        difference=_signed(difference, unit),
        interval=f"{_signed(low, unit)} to {_signed(high, unit)}",
        p_value=f"{contrast['p_value']:.2g}",
        paired=contrast["paired"],
        verdict=("better" if better else "worse") if sure and difference else "",
    )


def _signed(value: float, unit: str) -> str:
    text = shown(abs(value), unit, 2 if unit == "%" else None)
    sign = "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
    return f"{sign}{text}"


def _setting(value: Any) -> str:
    return NONE if value is None or value == "" else setting_value(value)


def _costs(entries: Sequence[Json], name: str) -> tuple[str, ...]:
    values = [entry["costs"][name] for entry in entries]
    return tuple(NONE if value is None else f"{value:.4g}" for value in values)


def _agreement(choice: Choice, one: Json, names: Sequence[str]) -> Agreement:
    titles: dict[str, str] = {domain.name: domain.title for domain in choice.benchmark.domains}
    name: str = one["domain"]
    digits = 1 if choice.benchmark.public_labels else 0
    shares = tuple(f"{100 * one[name]:.{digits}f}" for name in ("both", "only_first", "only_second", "neither"))
    first, second = one["only"] or ((), ())
    return Agreement(
        domain=titles.get(name, name),
        other=names[one["second"]],
        examples=one["examples"],
        shares=shares,
        only=(", ".join(map(str, first)), ", ".join(map(str, second))),
    )


def _sides(pictures: Sequence[Pictures | None]) -> tuple[Side, ...]:
    """Pictures that workers drew, where the benchmark lets everybody see its test images."""
    by_number = [{one.number: one for one in each.layered} if each else {} for each in pictures]
    numbers = sorted({number for each in by_number for number in each})
    return tuple(Side(number=number, pictures=tuple(each.get(number) for each in by_number)) for number in numbers)


def _divided(benchmark: Benchmark, names: Sequence[str], pictures: Sequence[Pictures | None]) -> Iterator[Divided]:
    """Some test images of each domain that divide the entries, of those that at least two of them tell of."""
    titles = {domain.name: domain.title for domain in benchmark.domains}
    said: dict[tuple[str, int], list[tuple[str, SampleView]]] = defaultdict(list)
    for name, each in zip(names, pictures, strict=True):
        for sample in (sample for domain in (each.samples if each else ()) for sample in domain.listed):
            said[sample.about.domain, sample.about.example].append((name, sample))
    listed: Counter[str] = Counter()
    for (domain, _), told in sorted(said.items(), key=lambda item: list(titles).index(item[0][0])):
        if listed[domain] < MOST_OF_DOMAIN and listed.total() < MOST_DIVIDED and _are_divided([s for _, s in told]):
            listed[domain] += 1
            yield Divided(domain=titles[domain], sample=told[0][1], said=tuple(told))


def _are_divided(samples: Sequence[SampleView]) -> bool:
    if any(one.about.right is not None for one in samples):
        return len({one.about.right for one in samples}) > 1
    values = [one.about.value for one in samples if one.about.value is not None]
    return len(values) > 1 and max(values) - min(values) >= APART
