"""People and teams."""

from drf_spectacular.utils import extend_schema
from rest_framework.generics import get_object_or_404
from rest_framework.permissions import IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.request import Request
from rest_framework.response import Response

from farfield_web.accounts import scopes, throttle
from farfield_web.accounts.models import User
from farfield_web.api.people_serializers import MemberRole, NewMember, NewTeam, ProfileBody, TeamBody
from farfield_web.api.serializers import ErrorBody
from farfield_web.api.strict import PublicView
from farfield_web.api.views.accounts import caller
from farfield_web.people import teams
from farfield_web.people.models import Team

_REFUSED = {400: ErrorBody, 401: ErrorBody, 403: ErrorBody, 404: ErrorBody, 409: ErrorBody, 429: ErrorBody}


class Profile(PublicView):
    """A person."""

    @extend_schema(responses={200: ProfileBody, 404: ErrorBody}, operation_id="people_read")
    def get(self, request: Request, name: str) -> Response:
        """A person, their teams, and where else they are; their entries: `/submissions?owner=NAME`."""
        person = get_object_or_404(User.objects.filter(is_active=True), username=name)
        return Response(ProfileBody(person).data)


class Teams(PublicView):
    """The caller's teams."""

    scope = scopes.MANAGE
    permission_classes = [IsAuthenticated]

    @extend_schema(responses={200: TeamBody(many=True), 401: ErrorBody}, operation_id="teams_list")
    def get(self, request: Request) -> Response:
        """The teams that I am in."""
        mine = Team.objects.filter(memberships__user=caller(request)).prefetch_related("memberships__user")
        return Response(TeamBody(mine, many=True).data)

    @extend_schema(request=NewTeam, responses={201: TeamBody, **_REFUSED}, operation_id="teams_create")
    def post(self, request: Request) -> Response:
        """Make a team, with its name by the rule of people's names; I am its owner."""
        form = NewTeam(data=request.data)
        form.is_valid(raise_exception=True)
        _count(request)
        return Response(TeamBody(teams.create(caller(request), **form.validated_data)).data, status=201)


class OneTeam(PublicView):
    """A team."""

    scope = scopes.MANAGE
    permission_classes = [IsAuthenticatedOrReadOnly]

    @extend_schema(responses={200: TeamBody, 404: ErrorBody}, operation_id="teams_read")
    def get(self, request: Request, name: str) -> Response:
        """A team and who is in it."""
        return Response(TeamBody(get_object_or_404(Team, name=name)).data)

    @extend_schema(responses={204: None, **_REFUSED}, operation_id="teams_dissolve")
    def delete(self, request: Request, name: str) -> Response:
        """End a team that no entry was made for; by an owner."""
        _count(request)
        teams.dissolve(caller(request), get_object_or_404(Team, name=name))
        return Response(status=204)


class Members(PublicView):
    """Asking people in."""

    scope = scopes.MANAGE
    permission_classes = [IsAuthenticated]

    @extend_schema(request=NewMember, responses={204: None, **_REFUSED}, operation_id="teams_invite")
    def post(self, request: Request, name: str) -> Response:
        """Ask somebody in, by user name; they are in once they accept on the page of their teams."""
        form = NewMember(data=request.data)
        form.is_valid(raise_exception=True)
        _count(request)
        teams.invite(caller(request), get_object_or_404(Team, name=name), form.validated_data["username"])
        return Response(status=204)


class OneMember(PublicView):
    """A person in a team."""

    scope = scopes.MANAGE
    permission_classes = [IsAuthenticated]

    @extend_schema(request=MemberRole, responses={200: TeamBody, **_REFUSED}, operation_id="teams_role")
    def patch(self, request: Request, name: str, member: str) -> Response:
        """Make somebody an owner, or a member only; by an owner."""
        form = MemberRole(data=request.data)
        form.is_valid(raise_exception=True)
        _count(request)
        team = get_object_or_404(Team, name=name)
        teams.set_role(caller(request), team, member, form.validated_data["role"])
        return Response(TeamBody(team).data)

    @extend_schema(responses={204: None, **_REFUSED}, operation_id="teams_remove")
    def delete(self, request: Request, name: str, member: str) -> Response:
        """Take somebody out: an owner anybody, everybody themselves. The last owner stays."""
        _count(request)
        teams.remove(caller(request), get_object_or_404(Team, name=name), member)
        return Response(status=204)


def _count(request: Request) -> None:
    throttle.take("account changes", f"person {caller(request).pk}", "You have changed very much within the hour.")
