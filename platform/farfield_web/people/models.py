"""Teams and who is in them; what people want to be told of, and where."""

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

OWNER, MEMBER = "owner", "member"
TEAM, ORGANISATION = "team", "organisation"
KINDS = [(TEAM, TEAM), (ORGANISATION, ORGANISATION)]
ROLES = [(OWNER, OWNER), (MEMBER, MEMBER)]


class Team(models.Model):
    """People under one name, which is held to the rule of people's names; `skeleton` is what a reader sees of it."""

    name = models.CharField(max_length=60, unique=True)
    skeleton = models.CharField(max_length=700, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=KINDS, default=TEAM)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in a team. A team has an owner as long as it has anybody."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=ROLES, default=MEMBER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["joined_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "user"], name="in_a_team_once")]

    def __str__(self) -> str:
        return f"{self.user.get_username()} in {self.team}"


class Invitation(models.Model):
    """Somebody is asked into a team; gone once they have answered."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="invitations")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="invitations")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["made_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "user"], name="asked_into_a_team_once")]

    def __str__(self) -> str:
        return f"{self.user.get_username()} into {self.team}"


class TeamEntry(models.Model):
    """An entry that its author made for a team that they were in."""

    submission = models.OneToOneField(
        "submissions.Submission", models.CASCADE, related_name="team_entry", primary_key=True
    )
    team = models.ForeignKey(Team, models.PROTECT, related_name="entries")

    def __str__(self) -> str:
        return f"{self.submission_id} for {self.team}"


def new_secret() -> str:
    """What signs, or lets in whoever has it."""
    return secrets.token_urlsafe(32)


class Choice(models.Model):
    """What somebody wants to be told by mail: a list of kinds. `key` stands in the links by which letters are ended."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notice_choice", primary_key=True
    )
    kinds = models.JSONField(default=list)
    key = models.CharField(max_length=64, unique=True, default=new_secret, editable=False)

    def __str__(self) -> str:
        return f"{self.user_id}: {', '.join(self.kinds)}"


class Webhook(models.Model):
    """An address of somebody's own that is told. The secret signs what is sent; it is shown once.

    `disabled_because` says why nothing is sent any more; empty while it is.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=500)
    secret = models.CharField(max_length=64, default=new_secret, editable=False)
    kinds = models.JSONField(default=list)
    failures = models.PositiveSmallIntegerField(default=0)
    disabled_because = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["created_at", "id"]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One message on its way to a webhook; deleted once it was taken. Its id lets the receiver see a repeat."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    body = models.TextField()
    failures = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.id} to {self.webhook_id}"


class EntryTold(models.Model):
    """What an author was told last: when the runs were at their end, and how many entries of others stood above."""

    submission = models.OneToOneField("submissions.Submission", models.CASCADE, related_name="told", primary_key=True)
    ended_at = models.DateTimeField(null=True)
    above = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return str(self.submission_id)
