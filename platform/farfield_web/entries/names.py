"""Whose an entry is, as readers are told: one rule for pages, answers of the API, files and exports.

An entry may be anonymous, for a review: then its owner and the operators alone read the owner's name. A method that
somebody brought tells its owner's name too, so it is hidden with the first of that person's entries of it.
"""

from collections.abc import Collection

from django.contrib.auth.models import AnonymousUser
from django.db.models import F, Q

from farfield_web.hosting.hidden import operates
from farfield_web.people.entries import team_of
from farfield_web.submissions.models import Method, Submission
from farfield_web.submissions.visibility import Viewer

ANONYMOUS = "anonymous"
ANYBODY = AnonymousUser()


def shown_author(submission: Submission, viewer: Viewer = ANYBODY) -> str:
    """The author's name, or that it is not told. What is the same for all readers is made for ANYBODY."""
    return submission.owner.username if knows_author(submission, viewer) else ANONYMOUS


def shown_team(submission: Submission, viewer: Viewer = ANYBODY) -> str:
    """The team that the entry was made for; empty for none, and where its author is not told."""
    return team_of(submission) if knows_author(submission, viewer) else ""


def by_whom(submission: Submission, viewer: Viewer = ANYBODY) -> str:
    """Whose an entry is, and for which team."""
    name, team = shown_author(submission, viewer), shown_team(submission, viewer)
    return f"{name} for {team}" if team else name


def knows_author(submission: Submission, viewer: Viewer = ANYBODY) -> bool:
    """Whether this person may read whose the entry is."""
    return submission.anonymous_since is None or submission.owner_id == viewer.pk or operates(viewer)


def authored(name: str, viewer: Viewer = ANYBODY) -> Q:
    """Of a query of submissions, those that this person reads the name on."""
    if name == ANONYMOUS:
        return _hidden(viewer)
    return Q(owner__username=name) & ~_hidden(viewer)


def shown_holder(method: Method, viewer: Viewer = ANYBODY, hidden: Collection[int] | None = None) -> str | None:
    """Who brought a method; None for the operator's. `hidden` is what `hidden_methods` gave, where it was asked."""
    if method.owner is None:
        return None
    known = hidden_methods(viewer, method) if hidden is None else hidden
    return ANONYMOUS if method.pk in known else method.owner.username


def hidden_methods(viewer: Viewer = ANYBODY, only: Method | None = None) -> frozenset[int]:
    """The keys of methods of which this person may not read whose they are; of one method alone where it is given."""
    entries = Submission.objects.filter(_hidden(viewer), method__owner=F("owner"))
    wanted = entries.filter(method=only) if only is not None else entries
    return frozenset(key for key in wanted.order_by().values_list("method", flat=True).distinct() if key is not None)


def _hidden(viewer: Viewer) -> Q:
    if operates(viewer):
        return Q(pk__in=[])
    return Q(anonymous_since__isnull=False) & ~Q(owner=viewer.pk)
