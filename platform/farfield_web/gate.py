"""The one door of private boards: whatever an address names that its caller may not see is not there.

Addresses name a benchmark, a submission or a run; every view is behind this, so that none has to think of it. An entry
that was made for a team is there for the people of that team, whether or not they see its board.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse

from farfield.errors import UnknownName
from farfield_web.accounts.models import User
from farfield_web.people.teams import shares_entry
from farfield_web.submissions.models import Submission
from farfield_web.submissions.visibility import Viewer, find_for, may_see

API = "/api/"


def check(viewer: Viewer, named: Mapping[str, object]) -> None:
    """Raises Http404 for what this person may not see, with the words for what there never was."""
    for value in named.values():
        if isinstance(value, uuid.UUID):
            _check_entered(viewer, value)
        elif isinstance(value, str) and not may_see(viewer, value):
            try:
                find_for(viewer, value)
            except UnknownName as error:
                raise Http404(str(error)) from error


def private_boards(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Checks pages; the views of the API, whose callers are known later, do it themselves."""

    def handle(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: object, args: object, named: Mapping[str, object]) -> None:
        if not request.path.startswith(API) and named:
            check(viewer_of(request), named)

    handle.process_view = process_view  # type: ignore[attr-defined] # where Django looks for it
    return handle


def viewer_of(request: HttpRequest) -> Viewer:
    """Who asks."""
    user = getattr(request, "user", None)
    return user if isinstance(user, User) else AnonymousUser()


def viewer_in(context: Mapping[str, Any]) -> Viewer:
    """Who asks, of a serializer's context; anybody where it was made without a request."""
    request = context.get("request")
    return viewer_of(request) if request is not None else AnonymousUser()


def _check_entered(viewer: Viewer, key: uuid.UUID) -> None:
    of = Submission.objects.filter(Q(pk=key) | Q(runs=key)).order_by().values_list("benchmark", flat=True).first()
    if of is not None and not may_see(viewer, of) and not shares_entry(viewer, key):
        raise Http404("There is no such submission.")
