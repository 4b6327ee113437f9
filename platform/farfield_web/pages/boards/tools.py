"""The tools above a board: what rows can be chosen by, what is chosen, its columns, and links to its pages. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from farfield_evaluators.run_plan import Selection
from farfield_web.leaderboards.facets import Facets
from farfield_web.leaderboards.selection import LISTS, SEEN
from farfield_web.leaderboards.trust import WORDS
from farfield_web.pages.boards.look import ABOUT
from farfield_web.pages.boards.query import Asked, column_name
from farfield_web.pages.boards.rows import Shown
from farfield_web.pages.boards.selections import tier_title
from farfield_web.pages.boards.table import title_of
from farfield_web.pages.submissions.view import track_title

TITLES = {
    "track": "Track",
    "kind": "Kind",
    "badge": "Badge",
    "phase": "Phase",
    "method": "Method",
    "backbone": "Backbone",
    "author": "Author",
    "set": "Settings that differ",
}
_BADGES = {f"{SEEN}{seen.value}": words for seen, words in WORDS.items()}
MOST_OPTIONS = 24
NEAR = 2  # pages beside the current one that have a link, as the first and the last


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A link of a filter."""

    title: str
    help: str
    href: str
    current: bool


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Links of which one is current, with what the current one means."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    help: str


@dataclass(frozen=True, kw_only=True)
class Option:
    """A value that can be ticked; `count` says how many entries have it, None where that says nothing."""

    name: str
    value: str
    title: str
    ticked: bool
    count: int | None = None
    fixed: bool = False


@dataclass(frozen=True, kw_only=True)
class Group:
    """Options of one kind. `more` says how many values of fewer entries are not offered."""

    name: str
    title: str
    options: tuple[Option, ...]
    more: int = 0


@dataclass(frozen=True, kw_only=True)
class Chip:
    """What is chosen, and the address without it."""

    title: str
    href: str


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Everything above the table. `pages` are links, None where some are left out between them."""

    filters: tuple[Filter, ...]
    groups: tuple[Group, ...]
    chips: tuple[Chip, ...]
    clear: str
    columns: tuple[Option, ...]
    orders: tuple[Option, ...]
    kept: tuple[tuple[str, str], ...]
    pages: tuple[Choice | None, ...]


def tools_of(shown: Shown, wanted: Asked) -> Tools:
    """The tools of a page of a board."""
    return Tools(
        filters=tuple(_links(wanted)),
        groups=tuple(_groups(wanted, shown.facets, shown.phases)),
        chips=tuple(_chips(wanted, shown.phases)),
        clear=wanted.filtered(type(wanted.filters)()).address,
        columns=tuple(_columns(wanted)),
        orders=tuple(_orders(wanted)),
        kept=tuple(pair for pair in wanted.kept if pair[0] not in ("by", "order")),
        pages=tuple(_pages(shown, wanted)) if shown.pages > 1 else (),
    )


def _links(wanted: Asked) -> Iterator[Filter]:
    """Which board it is: of a tier, and by a rule of selection."""
    if wanted.tier:
        yield _filter("tier", "Tier", [_tier_choice(wanted, tier.name) for tier in wanted.benchmark.plan.tiers])
    if wanted.rule:
        yield _filter("rule", "Selected by", [_rule_choice(wanted, rule) for rule in wanted.benchmark.plan.selections])


def _filter(name: str, label: str, choices: Sequence[Choice]) -> Filter:
    text = next((choice.help for choice in choices if choice.current), "")
    return Filter(name=name, label=label, choices=tuple(choices), help=text)


def _tier_choice(wanted: Asked, name: str) -> Choice:
    return Choice(
        title=tier_title(wanted.benchmark, name),
        help=wanted.benchmark.tier(name).description,
        href=wanted.in_tier(name).address,
        current=name == wanted.tier,
    )


def _rule_choice(wanted: Asked, rule: Selection) -> Choice:
    about = f"{rule.help} {rule.lacking.get(wanted.tier, '')}".strip()
    return Choice(title=rule.title, help=about, href=wanted.by_rule(rule).address, current=rule == wanted.rule)


def _groups(wanted: Asked, facets: Facets, phases: Mapping[str, str]) -> Iterator[Group]:
    """Of each filter the values of most entries, and those chosen, whether an entry has them or not."""
    for name in LISTS:
        chosen, counts = wanted.filters.values(name), dict(facets.get(name, ()))
        listed = list(counts)[:MOST_OPTIONS]
        names = [*listed, *(value for value in chosen if value not in listed)]
        options = tuple(_option(wanted, name, value, counts.get(value, 0), phases) for value in names)
        if options:
            yield Group(name=name, title=TITLES[name], options=options, more=max(0, len(counts) - MOST_OPTIONS))


def _option(wanted: Asked, name: str, value: str, count: int, phases: Mapping[str, str]) -> Option:
    ticked = value in wanted.filters.values(name)
    return Option(name=name, value=value, title=_title(wanted, name, value, phases), ticked=ticked, count=count)


def _title(wanted: Asked, name: str, value: str, phases: Mapping[str, str]) -> str:
    if name == "track":
        return track_title(wanted.benchmark, value)
    if name == "badge":
        return _BADGES.get(value, value)
    if name == "phase":
        return phases.get(value, value)
    return value.replace(":", " ", 1) if name == "set" else value


def _chips(wanted: Asked, phases: Mapping[str, str]) -> Iterator[Chip]:
    for name, value in wanted.filters.chosen:
        title = _title(wanted, name, value, phases)
        words = {"q": f"\N{LEFT DOUBLE QUOTATION MARK}{title}\N{RIGHT DOUBLE QUOTATION MARK}"}
        words |= {"since": f"since {title}", "until": f"until {title}"}
        yield Chip(title=words.get(name, title), href=wanted.filtered(wanted.filters.without(name, value)).address)


def _columns(wanted: Asked) -> Iterator[Option]:
    """What can be shown: facts of an entry, and figures, of which the headline and what ranks always are."""
    about, benchmark = wanted.look.about(), wanted.benchmark
    for name, title in ABOUT.items():
        yield Option(name="col", value=name, title=title, ticked=name in about)
    for index in wanted.columns:
        yield Option(
            name="col",
            value=column_name(benchmark, index),
            title=title_of(wanted, benchmark.columns[index]),
            ticked=index in wanted.shown,
            fixed=index == wanted.columns[0] or index == wanted.ranked_by,
        )


def _orders(wanted: Asked) -> Iterator[Option]:
    for index in wanted.columns:
        title = title_of(wanted, wanted.benchmark.columns[index])
        ticked, headline = index == wanted.ranked_by, index == wanted.columns[0]
        value = "" if headline else column_name(wanted.benchmark, index)
        yield Option(name="by", value=value, title=title, ticked=ticked)


def _pages(shown: Shown, wanted: Asked) -> Iterator[Choice | None]:
    last = 0
    for number in range(1, shown.pages + 1):
        if number in (1, shown.pages) or abs(number - shown.page) <= NEAR:
            if number != last + 1:
                yield None
            last = number
            yield Choice(title=str(number), help="", href=wanted.on_page(number).address, current=number == shown.page)
