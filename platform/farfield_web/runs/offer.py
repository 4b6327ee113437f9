"""Which runs a worker can take."""

from dataclasses import dataclass

from django.db.models import Q

from farfield_web.submissions.kinds import NEEDED, Kind, Origin


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The kinds of submission a worker runs, its installed methods, and the benchmarks whose data it has.

    Methods and benchmarks by their names; None stands for any. `foreign` are benchmarks that it has in another version
    than the site.
    """

    accepts: frozenset[str] = frozenset({Kind.CONFIGURATION.value})
    methods: frozenset[str] | None = None
    benchmarks: frozenset[str] | None = None
    foreign: frozenset[str] = frozenset()

    def covers(self) -> Q:
        """A condition on lines: entries of an accepted kind, and configurations of what is installed or brought.

        Where the worker lacks the data for a line, it would only lose attempts of it.
        """
        found = Q(kind__in=self.accepts - {Kind.CONFIGURATION.value})
        for origin, kind in NEEDED.items():
            if kind.value in self.accepts:
                found |= self._configurations(origin)
        found &= ~Q(benchmark__in=self.foreign)
        return found if self.benchmarks is None else found & Q(benchmark__in=self.benchmarks)

    def _configurations(self, origin: Origin) -> Q:
        chosen = Q(kind=Kind.CONFIGURATION, method__origin=origin)
        if origin is Origin.INSTALLED and self.methods is not None:
            chosen &= Q(method__name__in=self.methods)
        return chosen


# What workers of before these questions were asked can do.
ANYTHING_INSTALLED = Offer()
