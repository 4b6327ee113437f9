"""Who sees which benchmark, and with it its board and all that was entered there: one rule for pages, API and lists.

Where a host hides scores until a date, what was entered is seen by its author, the hosts and the operators meanwhile.
A benchmark with an audience is seen by the people and teams that it names, and by the operators of the site. One of a
TOML file that is not here any more is seen by operators alone: what was entered there stays as hidden as it was.
"""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import benchmarks
from farfield_web.accounts.models import User
from farfield_web.hosting.hidden import hidden_from, names_hidden_from, operates
from farfield_web.people.teams import in_audience

OWN = "own/"  # what names of benchmarks begin with that TOML files describe
Viewer = User | AnonymousUser


def visible(viewer: Viewer) -> tuple[Benchmark, ...]:
    """The benchmarks that this person may know of, in the catalog's order."""
    return tuple(benchmark for benchmark in benchmarks() if _is_for(viewer, benchmark))


def find_for(viewer: Viewer, name: str) -> Benchmark:
    """The benchmark of that name. Raises UnknownName with the names that this person may know of."""
    seen = {benchmark.name: benchmark for benchmark in visible(viewer)}
    if name not in seen:
        raise UnknownName("benchmark", name, list(seen))
    return seen[name]


def may_see(viewer: Viewer, name: str) -> bool:
    """Whether what was entered for a benchmark of that name, in the catalog or not any more, is shown."""
    known = {benchmark.name: benchmark for benchmark in benchmarks()}
    if name in known:
        return _is_for(viewer, known[name])
    return operates(viewer) or not name.startswith(OWN)


def entered_where_seen(viewer: Viewer) -> Q:
    """Of a query of submissions, those whose figures this person may see."""
    if operates(viewer):
        return Q()
    hidden = hidden_from(viewer)
    own = Q(owner=viewer.pk, benchmark__in=hidden.filter(authors_see=True).values("benchmark"))
    return entered_where_known(viewer) & (~Q(benchmark__in=hidden.values("benchmark")) | own)


def entered_where_known(viewer: Viewer) -> Q:
    """Of a query of submissions, those to benchmarks that this person may know of, whether or not scores are hidden."""
    if operates(viewer):
        return Q()
    private = [each.name for each in benchmarks() if not _is_for(viewer, each)]
    seen_own = [each.name for each in benchmarks() if each.name.startswith(OWN) and _is_for(viewer, each)]
    others = ~Q(benchmark__startswith=OWN) & ~Q(benchmark__in=private)
    return others | Q(benchmark__in=seen_own)


def with_scores(viewer: Viewer) -> tuple[Benchmark, ...]:
    """The benchmarks whose boards this person may see, in the catalog's order."""
    hidden = names_hidden_from(viewer)
    return tuple(benchmark for benchmark in visible(viewer) if benchmark.name not in hidden)


def _is_for(viewer: Viewer, benchmark: Benchmark) -> bool:
    audience = benchmark.audience
    return audience is None or operates(viewer) or (viewer.is_active and in_audience(viewer, audience.owners))
