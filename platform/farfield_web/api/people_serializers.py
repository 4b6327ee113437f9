"""The JSON of people, their tokens and their teams."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from farfield_web.accounts import scopes
from farfield_web.accounts.models import ApiToken, User
from farfield_web.api.links import PageField
from farfield_web.api.strict import StrictSerializer
from farfield_web.entries.names import shown_team
from farfield_web.people.links import links_of
from farfield_web.people.models import KINDS, MEMBER, OWNER, TEAM, Team
from farfield_web.submissions.models import Submission


class TeamField(serializers.CharField):
    """The team that a submission was made for."""

    def __init__(self, **options: Any) -> None:
        super().__init__(source="*", read_only=True, **options)

    def to_representation(self, value: Submission) -> str:  # type: ignore[override] # the stubs say text
        """Empty for an anonymous entry too: a team tells who."""
        return shown_team(value)


class NewAccount(StrictSerializer):
    """A sign-up."""

    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=200, trim_whitespace=False)
    email = serializers.EmailField(required=False, allow_blank=True, default="")


class Person(serializers.Serializer[Any]):
    """A person, as others see them."""

    username = serializers.CharField()


class Me(Person):
    """The caller."""

    email = serializers.EmailField(allow_blank=True, help_text="Empty where none was given.")
    date_joined = serializers.DateTimeField()


class NewToken(StrictSerializer):
    """A request for a token."""

    name = serializers.CharField(max_length=100)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(scopes.SCOPES), required=False, default=list(scopes.USUAL), allow_empty=False
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class Token(serializers.ModelSerializer[ApiToken]):
    """A token, without its text."""

    scopes = serializers.SerializerMethodField()

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = (
            "id", "name", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at",
        )  # fmt: skip

    def get_scopes(self, token: ApiToken) -> list[str]:
        return [name for name in scopes.SCOPES if name in scopes.of(token)]


class TokenWithText(Token):
    """A new token; its text is shown this once."""

    token = serializers.CharField()

    class Meta(Token.Meta):
        fields: tuple[str, ...] = (*Token.Meta.fields, "token")


class MemberBody(serializers.Serializer[Any]):
    """A person in a team."""

    username = serializers.CharField(source="user.username")
    role = serializers.ChoiceField(choices=[OWNER, MEMBER])
    joined_at = serializers.DateTimeField()


class TeamBody(serializers.ModelSerializer[Team]):
    """A team."""

    page = PageField("team", "name")
    members = MemberBody(source="memberships", many=True)

    class Meta:
        model = Team
        fields = ("name", "page", "kind", "created_at", "members")


class NewTeam(StrictSerializer):
    """A team of the caller's."""

    name = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(choices=KINDS, required=False, default=TEAM)


class NewMember(StrictSerializer):
    """Whom to ask in."""

    username = serializers.CharField(max_length=150)


class MemberRole(StrictSerializer):
    """What somebody is in a team."""

    role = serializers.ChoiceField(choices=[OWNER, MEMBER])


class LinkBody(serializers.Serializer[Any]):
    """Where else somebody is."""

    title = serializers.CharField()
    href = serializers.URLField()


class ProfileBody(serializers.Serializer[Any]):
    """A person, for anyone."""

    username = serializers.CharField()
    page = PageField("profile", "username")
    teams = serializers.SerializerMethodField()
    links = serializers.SerializerMethodField()

    def get_teams(self, person: User) -> list[str]:
        return list(person.memberships.values_list("team__name", flat=True))

    @extend_schema_field(LinkBody(many=True))
    def get_links(self, person: User) -> list[dict[str, str]]:
        return [{"title": link.title, "href": link.href} for link in links_of(person)]
