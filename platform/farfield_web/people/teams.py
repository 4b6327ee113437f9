"""What people do with teams, and what follows from being in one. Pages and API share it."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction

from farfield_web.accounts import names
from farfield_web.accounts.models import User
from farfield_web.errors import UserError
from farfield_web.people.models import MEMBER, OWNER, Invitation, Membership, Team

MOST_MEMBERS, MOST_TEAMS = 200, 50
AUDIENCE = "team:"  # what names of teams begin with among those who may see a benchmark


class TeamError(UserError):
    """Why something cannot be done with a team."""


def create(person: User, name: str, kind: str) -> Team:
    """A team of one, its owner. Raises TeamError."""
    if person.memberships.count() >= MOST_TEAMS:
        raise TeamError("team.limit", f"You are in {MOST_TEAMS} teams; leave one that you no longer need.")
    try:
        normal = names.checked(name)
    except names.NameRefused as error:
        sentence = " ".join(error.messages).replace("user name", "team's name").replace("username", "name")
        raise TeamError("team.bad_name", sentence, "name") from error
    look = names.skeleton(normal)
    if User.objects.filter(skeleton=look).exists() or Team.objects.filter(skeleton=look).exists():
        raise _taken(normal)
    try:
        with transaction.atomic():
            team = Team.objects.create(name=normal, skeleton=look, kind=kind)
            Membership.objects.create(team=team, user=person, role=OWNER)
    except IntegrityError:
        raise _taken(normal) from None
    return team


def invite(owner: User, team: Team, name: str) -> Invitation:
    """Ask somebody in; asking twice is asking once. Raises TeamError."""
    _require_owner(owner, team)
    person = User.objects.filter(username=name.strip(), is_active=True).first()
    if person is None:
        raise TeamError("team.no_person", f"There is no person called {name.strip()[:60]!r}.", "name")
    if team.memberships.filter(user=person).exists():
        raise TeamError("team.in_already", f"{person.username} is in the team already.", "name")
    if team.memberships.count() + team.invitations.count() >= MOST_MEMBERS:
        raise TeamError("team.limit", f"A team has at most {MOST_MEMBERS} people.")
    return Invitation.objects.get_or_create(team=team, user=person)[0]


def accept(person: User, team: Team) -> Membership:
    """Come in. Raises TeamError without an invitation."""
    with transaction.atomic():
        _answer(person, team)
        return Membership.objects.get_or_create(team=team, user=person)[0]


def decline(person: User, team: Team) -> None:
    """Stay out. Raises TeamError without an invitation."""
    _answer(person, team)


def set_role(owner: User, team: Team, name: str, role: str) -> None:
    """Make somebody an owner, or a member only. Raises TeamError; the last owner stays one."""
    _require_owner(owner, team)
    with transaction.atomic():
        held = _locked(team, owner, name)
        if role == MEMBER:
            _require_another_owner(team, held)
        held.role = role
        held.save(update_fields=["role"])


def remove(person: User, team: Team, name: str) -> None:
    """Take somebody out: an owner anybody, everybody themselves. Raises TeamError; the last owner cannot go.

    An invitation is taken back the same way. Entries that were made for the team stay its entries.
    """
    with transaction.atomic():
        if role_of(person, team) == OWNER and team.invitations.filter(user__username=name).delete()[0]:
            return
        held = _locked(team, person, name)
        _require_another_owner(team, held)
        held.delete()


def dissolve(owner: User, team: Team) -> None:
    """End a team without entries. Raises TeamError where it has some: they say whose they are."""
    _require_owner(owner, team)
    if team.entries.exists():
        raise TeamError("team.has_entries", "Entries were made for this team, so it stays.")
    team.delete()


def role_of(person: User | AnonymousUser, team: Team) -> str:
    """owner, member, or empty."""
    held = team.memberships.filter(user=person.pk).first() if person.is_authenticated else None
    return held.role if held else ""


def team_with(person: User, name: str) -> Team | None:
    """The team of that name, if this person is in it."""
    return Team.objects.filter(name=name, memberships__user=person).first()


def in_audience(viewer: User | AnonymousUser, audience: Iterable[str]) -> bool:
    """Whether an audience names this person, or a team that they are in."""
    named = set(audience)
    if viewer.get_username() in named:
        return True
    teams = {name.removeprefix(AUDIENCE) for name in named if name.startswith(AUDIENCE)}
    return bool(teams) and _is_in(viewer, teams)


def shares_entry(viewer: User | AnonymousUser, key: UUID) -> bool:
    """Whether a submission was made for a team of this person."""
    of = Membership.objects.filter(team__entries__submission=key)
    return viewer.is_authenticated and of.filter(user=viewer).exists()


def _is_in(viewer: User | AnonymousUser, teams: Collection[str]) -> bool:
    return viewer.is_authenticated and Membership.objects.filter(user=viewer, team__name__in=teams).exists()


def _answer(person: User, team: Team) -> None:
    if not Invitation.objects.filter(team=team, user=person).delete()[0]:
        raise TeamError("team.not_asked", "You are not asked into this team, or not any more.")


def _locked(team: Team, person: User, name: str) -> Membership:
    """Somebody's place, which this person may change; all places of the team are held, so that an owner is left."""
    held = {
        each.user.username: each for each in team.memberships.select_for_update(of=("self",)).select_related("user")
    }
    if name != person.username:
        _require_owner(person, team)
    if name not in held:
        raise TeamError("team.no_person", f"{name[:60]!r} is not in this team.", "name")
    return held[name]


def _require_owner(person: User, team: Team) -> None:
    if role_of(person, team) != OWNER:
        raise TeamError("team.not_owner", "Only an owner of the team may do this.")


def _require_another_owner(team: Team, held: Membership) -> None:
    if held.role == OWNER and not team.memberships.filter(role=OWNER).exclude(pk=held.pk).exists():
        raise TeamError("team.last_owner", "A team needs an owner: make somebody else one first.")


def _taken(name: str) -> TeamError:
    return TeamError("team.taken", f"The name {name!r} is taken, or looks like one that is; choose another.", "name")
