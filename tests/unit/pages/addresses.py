"""Every address of the site, as Django's resolver knows it, with values of what it names."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from django.urls import URLPattern, URLResolver, get_resolver

WORKERS = "api/worker/"  # behind the workers' token
ADMIN = "operate/admin/"  # tests/unit/operations/test_rows.py goes through all of it


def patterns(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Each address as it is written in the lists of addresses, from the root on."""
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each, before + str(each.pattern))
        else:
            yield before + str(each.pattern), each


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Those of people, without the ones that catch what is left over."""
    for route, each in patterns(get_resolver()):
        if not route.startswith((WORKERS, ADMIN, "^")) and not route.endswith("api/v1/"):
            yield route, each


def kinds_of(pattern: URLPattern) -> dict[str, str]:
    """What an address names, and of which kind it is: benchmark, uuid, slug, path, int."""
    kinds = {
        name: type(converter).__name__.removesuffix("Converter").lower()
        for name, converter in pattern.pattern.converters.items()
    }
    return {name: {"benchmarkname": "benchmark"}.get(kind, kind) for name, kind in kinds.items()}


def filled(route: str, pattern: URLPattern, given: Mapping[str, Sequence[str]]) -> list[str]:
    """The address with all values of each kind."""
    made = []
    for values in itertools.product(*(given[kind] for kind in kinds_of(pattern).values())):
        address = route
        for value in values:
            address = address[: address.index("<")] + value + address[address.index(">") + 1 :]
        made.append(f"/{address}")
    return made
