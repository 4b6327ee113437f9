"""Who may see a benchmark: everybody, or some people and the operators of a site in any case."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Audience:
    """`owners` are user names of the site, or `team:NAME` for all people of a team; with none only operators see it."""

    owners: tuple[str, ...] = ()
