"""The one door of private boards and hidden scores: whatever an address names that its caller may not see is not there.

Addresses name a benchmark, a submission or a run; every view is behind this, so that none has to think of it. An entry
that was made for a team is there for the people of that team, whether or not they see its board.

While the scores of a benchmark are hidden, an address that names it is refused unless it is one of WITHOUT_SCORES, and
one that names an entry unless its author asks, where authors see theirs. A new address is refused until it is added.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery, UUIDField, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse

from farfield.errors import UnknownName
from farfield_web.accounts.models import User
from farfield_web.hosting.hidden import hidden_from, sentence
from farfield_web.people.teams import shares_entry
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import Viewer, find_for, may_see

API = "/api/"
# Names of addresses that show no score, rank or order of entries, whoever asks.
WITHOUT_SCORES = frozenset(
    {
        "benchmark",
        "benchmark-card",
        "croissant",
        "hosting",
        "submit-benchmark",
        "submit-kind",
        "submit-method",
        "api:benchmark",
        "api:phase",
        "api:phases",
        "api:rules",
    }
)
# Of an entry: what its author may do though its scores are hidden from them, too.
OF_AUTHORS = frozenset(
    {
        "submission-author",
        "submission-bibtex",
        "submission-cancel",
        "submission-edit",
        "submission-retry",
        "submission-take-back",
        "submission-withdraw",
    }
)
RANKS = frozenset({"badge"})


class ScoresHidden(PermissionDenied):
    """Scores that are not told to this person now."""

    code = "scores.hidden"


def check(viewer: Viewer, named: Mapping[str, object], address: str) -> None:
    """Raises Http404 for what this person may not see, with the words for what there never was.

    Raises ScoresHidden for scores that are hidden from them; `address` is the name of what is asked for.
    """
    for value in named.values():
        if isinstance(value, uuid.UUID):
            _check_entered(viewer, value, address)
        elif isinstance(value, str) and not may_see(viewer, value):
            try:
                find_for(viewer, value)
            except UnknownName as error:
                raise Http404(str(error)) from error
        elif isinstance(value, str) and "/" in value and address not in WITHOUT_SCORES:
            _check_scores(viewer, value)


def private_boards(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Checks pages; the views of the API, whose callers are known later, do it themselves."""

    def handle(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: object, args: object, named: Mapping[str, object]) -> None:
        if not request.path.startswith(API) and named:
            check(viewer_of(request), named, called(request))

    handle.process_view = process_view  # type: ignore[attr-defined] # where Django looks for it
    return handle


def called(request: HttpRequest) -> str:
    """What the address is called that is asked for."""
    match = request.resolver_match
    return match.view_name if match else ""


def viewer_of(request: HttpRequest) -> Viewer:
    """Who asks."""
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else AnonymousUser()


def viewer_in(context: Mapping[str, Any]) -> Viewer:
    """Who asks, of a serializer's context; anybody where it was made without a request."""
    request = context.get("request")
    return viewer_of(request) if request is not None else AnonymousUser()


def _check_entered(viewer: Viewer, key: uuid.UUID, address: str) -> None:
    hiding = hidden_from(viewer).filter(benchmark=OuterRef("benchmark")).values("hidden_until")
    seeing = hidden_from(viewer).filter(benchmark=OuterRef("benchmark")).values("authors_see")
    # By its own key: with a run's as an alternative the server would look at every entry and run that there is.
    of_run = Submission.objects.filter(runs=key).values("pk")
    named = Submission.objects.filter(pk=Coalesce(Subquery(of_run), Value(key, UUIDField()))).order_by()
    told = named.annotate(until=Subquery(hiding), seen=Subquery(seeing))
    of = told.values_list("pk", "benchmark", "owner", "until", "seen").first()
    if of is None:
        return
    entry, benchmark, owner, until, seen = of
    if not may_see(viewer, benchmark) and not shares_entry(viewer, entry):
        raise Http404("There is no such submission.")
    if until is None:
        return
    own = owner == viewer.pk or shares_entry(viewer, entry)
    if not own or address in RANKS or not (seen or address in OF_AUTHORS):
        raise ScoresHidden(sentence(benchmark, until))


def _check_scores(viewer: Viewer, name: str) -> None:
    hiding = hidden_from(viewer).filter(benchmark=name).first()
    if hiding is not None:
        raise ScoresHidden(sentence(name, hiding.hidden_until))
