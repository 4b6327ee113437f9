"""Which runs a worker can take."""

from dataclasses import dataclass

from django.db.models import Q

from farfield_web.submissions.kinds import NEEDED, Kind, Origin


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The kinds of submission a worker runs, and the names of its installed methods; None stands for any."""

    accepts: frozenset[str] = frozenset({Kind.CONFIGURATION.value})
    methods: frozenset[str] | None = None

    def covers(self) -> Q:
        """A condition on runs: entries of an accepted kind, and configurations of what is installed or brought."""
        found = Q(submission__kind__in=self.accepts - {Kind.CONFIGURATION.value})
        for origin, kind in NEEDED.items():
            if kind.value in self.accepts:
                found |= self._configurations(origin)
        return found

    def _configurations(self, origin: Origin) -> Q:
        chosen = Q(submission__kind=Kind.CONFIGURATION, submission__method__origin=origin)
        if origin is Origin.INSTALLED and self.methods is not None:
            chosen &= Q(submission__method__name__in=self.methods)
        return chosen


# What workers of before this question was asked can do.
ANYTHING_INSTALLED = Offer()
