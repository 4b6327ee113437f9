"""People and their API tokens."""

from typing import ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower


class User(AbstractUser):
    """Our own class from the first migration on, because a user model cannot be swapped later."""

    class Meta(AbstractUser.Meta):
        # Two names that differ only by case would let one person pass for another.
        constraints = [models.UniqueConstraint(Lower("username"), name="username_whatever_case")]


class ApiToken(models.Model):
    """A key to the API. Only its hash is kept; `prefix` lets its owner tell it from others."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
