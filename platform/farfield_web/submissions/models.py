"""Methods that workers offer, and what people enter."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from farfield import Benchmark
from farfield.errors import UnknownName
from farfield_evaluators.catalog import find


class Method(models.Model):
    """A method as a worker last announced it. `spec` is `MethodSpec.describe()`; the site never imports its code."""

    name = models.CharField(max_length=60, unique=True)
    family = models.CharField(max_length=40)
    plugin = models.CharField(max_length=200)
    distribution = models.CharField(max_length=200)
    version = models.CharField(max_length=100)
    spec = models.JSONField(default=dict)
    worker = models.CharField(max_length=200)
    announced_at = models.DateTimeField()
    available = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["family", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def summary(self) -> str:
        return str(self.spec.get("summary", ""))

    @property
    def config_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = self.spec["config_schema"]
        return schema

    @property
    def resource(self) -> str:
        """The queue of workers it needs: `cpu` or `gpu`."""
        return "gpu" if self.spec.get("resources", {}).get("gpu") else "cpu"


class Submission(models.Model):
    """A method version entered in a track of a benchmark. Its status is computed from its runs, never stored.

    `quota_at` is when it last counted against its owner's quota; null once the quota was given back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="submissions")
    method = models.ForeignKey(Method, models.PROTECT, related_name="submissions")
    method_version = models.CharField(max_length=100)
    benchmark = models.CharField(max_length=100)
    benchmark_version = models.CharField(max_length=40)
    track = models.CharField(max_length=60)
    config = models.JSONField(default=dict, blank=True)
    identity = models.CharField(max_length=64)
    title = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField()
    idempotency_digest = models.CharField(max_length=64, blank=True)
    body_digest = models.CharField(max_length=64)
    quota_at = models.DateTimeField(null=True)
    quota_returned_because = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "idempotency_digest"],
                condition=~Q(idempotency_digest=""),
                name="one_submission_per_idempotency_key",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["owner", "benchmark", "quota_at"], name="quota_lookup"),
            models.Index(fields=["benchmark", "-created_at"], name="submissions_of_benchmark"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.method.name} on {self.benchmark}"

    @property
    def known_benchmark(self) -> Benchmark | None:
        """The benchmark, or None when it was withdrawn from the catalog."""
        try:
            return find(self.benchmark)
        except UnknownName:
            return None
