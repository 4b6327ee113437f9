"""People and their API tokens."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from farfield_web.accounts import names

# Stands between a skeleton and an account's number where two accounts looked alike before that was refused.
_TWIN = "#"


class User(AbstractUser):
    """Our own class from the first migration on, because a user model cannot be swapped later.

    `skeleton` is what a reader sees of the name. Whichever way an account is made or renamed, `save` holds its name to
    the rule of `names`; a name from before that rule stays as it is.
    """

    # Set before a new password is saved, by who has asked: otherwise it ends all tokens, as it ends other sessions.
    keeps_tokens = False

    skeleton = models.CharField(max_length=700, unique=True, editable=False)

    class Meta(AbstractUser.Meta):
        # Two names that differ only by case would let one person pass for another.
        constraints = [models.UniqueConstraint(Lower("username"), name="username_whatever_case")]

    def save(self, *args: Any, **options: Any) -> None:
        """Raises NameRefused, a ValidationError, for a name that nobody can have, or that looks like another's."""
        if _names_are_saved(options) and names.skeleton(self.username) != self.skeleton.partition(_TWIN)[0]:
            self._name_anew()
            if options.get("update_fields") is not None:
                options["update_fields"] = {*options["update_fields"], "skeleton"}
        # None unless set_password was called; storing the same password under a stronger hash resets it.
        fresh = getattr(self, "_password", None)
        has_new_password = fresh is not None and not self._state.adding
        super().save(*args, **options)
        if has_new_password and not self.keeps_tokens:
            self.tokens.filter(revoked_at=None).update(revoked_at=timezone.now())

    def _name_anew(self) -> None:
        self.username = names.checked(self.username, may_be_reserved=self.is_staff or self.is_superuser)
        self.skeleton = names.skeleton(self.username)
        same = Q(skeleton=self.skeleton) | Q(lower=Lower(Value(self.username)))
        # Said here as a sentence; of two at once the constraints stop the second.
        if User.objects.alias(lower=Lower("username")).filter(same).exclude(pk=self.pk).exists():
            raise names.taken(self.username)


def _names_are_saved(options: dict[str, Any]) -> bool:
    fields = options.get("update_fields")
    return fields is None or "username" in fields


class ApiToken(models.Model):
    """A key to the API. Only its hash is kept; `prefix` lets its owner tell it from others.

    `scopes` are what it may do; null, in tokens from before there were scopes, is all that its owner may.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    scopes = models.JSONField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Allowance(models.Model):
    """How far a limit of somebody is used up; see `throttle`. In the database, so that all web processes count alike.

    `key` is a hash: neither addresses nor names are kept. Once `until` has passed, the row says nothing any more.
    """

    key = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:12]} until {self.until:%H:%M:%S}"


class Letter(models.Model):
    """A letter on its way; see `letters`. Once sent it is deleted, for it may hold a link that opens an account."""

    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    text = models.TextField()
    headers = models.JSONField(default=dict)
    failures = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.subject} ({self.failures} failures)"
