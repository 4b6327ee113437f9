"""What workers offer, and what people enter."""

import uuid
from collections.abc import Mapping
from copy import copy
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from farfield.choices import called, described_for, input_of
from farfield.errors import UnknownName
from farfield_evaluators.benchmark import Benchmark
from farfield_evaluators.catalog import find
from farfield_web.submissions.kinds import Kind, Origin


class Content(models.Model):
    """The bytes of a file: the same bytes, whoever sends them under whatever name, are one row and one file on disk.

    `owner` sent them first, and it is that person's room they take. What the bytes are is an Upload's to say.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="contents")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256


class Upload(models.Model):
    """A content as `owner` sent it: under which name, and as what. Nobody else's upload says anything about it.

    `kind` is wheel, sdist, or that of a form in which results are handed in; `facts` is what the static inspection
    found. Only who sent a content may submit it: its hash alone is no key to another person's work.
    """

    content = models.ForeignKey(Content, models.PROTECT, related_name="uploads")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="uploads")
    kind = models.CharField(max_length=20)
    filename = models.CharField(max_length=255)
    facts = models.JSONField(default=dict)
    sent_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-sent_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["owner", "content", "kind", "filename"], name="one_upload_per_content_and_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filename} ({self.sha256[:12]})"

    @property
    def sha256(self) -> str:
        return self.content.sha256

    @property
    def size(self) -> int:
        return self.content.size

    @property
    def distribution(self) -> str:
        return str(self.facts.get("distribution", ""))

    @property
    def version(self) -> str:
        return str(self.facts.get("version", ""))

    @property
    def plugins(self) -> list[str]:
        return list(self.facts.get("plugins", ()))


class Method(models.Model):
    """A method as its worker or its package last described it. `spec` is `MethodSpec.describe()`.

    The site never imports its code. `owner` is null for the operator's methods. Whose a name is: `submissions.names`.
    `available` says that it was not withdrawn; whether it can be submitted now is `submissions.offered`'s to tell.
    `former` says that it gave up the name it was entered under, and holds neither a name nor a distribution.
    """

    name = models.CharField(max_length=60, unique=True)
    family = models.CharField(max_length=40)
    plugin = models.CharField(max_length=200)
    distribution = models.CharField(max_length=200)
    version = models.CharField(max_length=100)
    spec = models.JSONField(default=dict)
    worker = models.CharField(max_length=200, blank=True)
    announced_at = models.DateTimeField()
    available = models.BooleanField(default=True)
    former = models.BooleanField(default=False)
    origin = models.CharField(
        max_length=20, choices=[(o.value, o.value) for o in Origin], default=Origin.INSTALLED.value
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="methods")
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="methods")
    image = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["family", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def summary(self) -> str:
        return str(self.spec.get("summary", ""))

    @property
    def description(self) -> dict[str, Any]:
        """As its author declares it, under the name it has here."""
        return {**self.spec, "name": self.name}

    @property
    def config_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = self.spec["config_schema"]
        return schema

    def chosen(self, config: Mapping[str, Any]) -> "Method":
        """The same, described as a method with the one input that the settings choose. It is not to be saved."""
        if "choices" not in self.spec:
            return self
        found = copy(self)
        found.spec = described_for(self.spec, config)
        return found

    def called(self, config: Mapping[str, Any]) -> str:
        """The one word for the method with the input that the settings choose: seeds and records go by it."""
        return called({"name": self.name, **self.spec}, config)

    @property
    def resource(self) -> str:
        """The queue of workers it needs: `cpu` or `gpu`."""
        return "gpu" if self.spec.get("resources", {}).get("gpu") else "cpu"


class Worker(models.Model):
    """An evaluation worker as it last announced itself. `seen_at` is when it was last heard of in any way.

    `accepts` holds the kinds of submission that it runs, `methods` the names that are installed on it and its own.
    `base` is what packages find installed on it, as the SDK's `Base.published` says it; null where none are run.
    `benchmarks` are those whose data it has and the site takes from it. `suites` are those installed on it, each with
    its identity, the names of its benchmarks, and why the site or the worker refuses it ("" where neither does).
    """

    name = models.CharField(max_length=200, unique=True)
    resource = models.CharField(max_length=20)
    sandbox = models.JSONField(default=dict)
    accepts = models.JSONField(default=list)
    methods = models.JSONField(default=list)
    base = models.JSONField(null=True)
    benchmarks = models.JSONField(default=list)
    suites = models.JSONField(default=list)
    announced_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)
    called_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class BenchmarkData(models.Model):
    """One state of a benchmark's data. Results belong on one board exactly when their `key` is equal.

    `groups` are those of which there is a figure each, as the evaluators' `GroupSize` has them, empty ones too.
    """

    benchmark = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=128)
    key = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    classes = models.JSONField(default=list)
    groups = models.JSONField(default=list)
    announced_at = models.DateTimeField()
    current = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["benchmark", "key"], name="one_row_per_key"),
            models.UniqueConstraint(fields=["benchmark"], condition=Q(current=True), name="one_current_key"),
        ]

    def __str__(self) -> str:
        return f"{self.benchmark} {self.key}"


class NameRule(models.Model):
    """The operator's word about a method's name: it is `holder`'s, or, with none, disputed and nobody's for now."""

    name = models.CharField(max_length=60, unique=True)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="name_rules")
    reason = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return f"{self.name}: {self.holder.username if self.holder else 'disputed'}"


class Submission(models.Model):
    """A method version entered in a track of a benchmark. Its status is computed from its runs, never stored.

    `method` is null until a worker has introduced what a package or an image brings; `method_name` is as entered
    until then, and may be empty. `upload` and `image` are the very content that is run, whatever its method becomes.
    `tier` names how much of the benchmark's plan is run; it is empty on a benchmark without tiers.
    `claims` is what the method claimed when it was entered, {} until it is known and for entries older than this.
    `quota_at` is when it last counted against its owner's quota; null once the quota was given back.
    `anonymous_since` is since when its author's name is not told; null where it is: ask `entries.names`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="submissions")
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in Kind], default=Kind.CONFIGURATION.value)
    method = models.ForeignKey(Method, models.PROTECT, null=True, related_name="submissions")
    method_name = models.CharField(max_length=60, blank=True)
    method_version = models.CharField(max_length=100, blank=True)
    upload = models.ForeignKey(Upload, models.PROTECT, null=True, related_name="submissions")
    image = models.CharField(max_length=300, blank=True)
    benchmark = models.CharField(max_length=100)
    benchmark_version = models.CharField(max_length=40)
    track = models.CharField(max_length=60)
    tier = models.CharField(max_length=20, blank=True, default="")
    answers = models.JSONField(default=dict, blank=True)
    phase = models.ForeignKey("hosting.Phase", models.PROTECT, null=True, related_name="submissions")
    config = models.JSONField(default=dict, blank=True)
    claims = models.JSONField(default=dict, blank=True)
    identity = models.CharField(max_length=64)
    title = models.CharField(max_length=100, blank=True)
    note = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField()
    idempotency_digest = models.CharField(max_length=64, blank=True)
    body_digest = models.CharField(max_length=64)
    quota_at = models.DateTimeField(null=True)
    quota_returned_because = models.CharField(max_length=200, blank=True)
    anonymous_since = models.DateTimeField(null=True)

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
            models.Index(fields=["-created_at", "-id"], name="submissions_newest"),
            models.Index(fields=["benchmark", "-created_at"], name="submissions_of_benchmark"),
            models.Index(fields=["method", "benchmark", "-created_at"], name="submissions_of_method"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.display_name} on {self.benchmark}"

    @property
    def is_introduced(self) -> bool:
        """Whether it is known which method this is."""
        return self.method_id is not None

    @property
    def called(self) -> str:
        """The one word for its method with its input, by which seeds are hashed and records go."""
        return self.method.called(self.config) if self.method else self.method_name

    @property
    def input(self) -> str:
        """Which of its inputs the method took, by its name; empty for its first, and where there is no choice."""
        return input_of(self.method.spec, self.config) if self.method else ""

    @property
    def display_name(self) -> str:
        """The method's name, with its input if that is not its first; before it is introduced the name as entered.

        Where none was, the file's or the image's.
        """
        if self.method is not None:
            return f"{self.method.name} on {self.input}" if self.input else self.method.name
        return self.method_name or (self.upload.filename if self.upload else "") or self.image or "unnamed"

    @property
    def heading(self) -> str:
        """The name, saying so when nobody has looked inside yet."""
        return self.display_name if self.is_introduced else f"{self.display_name}, not inspected yet"

    @property
    def content(self) -> str:
        """The hash of what is run: of the upload, or of the image; empty for an installed method."""
        return self.upload.sha256 if self.upload else self.image

    @property
    def known_benchmark(self) -> Benchmark | None:
        """The benchmark, or None when it was withdrawn from the catalog."""
        try:
            return find(self.benchmark)
        except UnknownName:
            return None

    @property
    def is_noted(self) -> bool:
        """Whether an operator left a note of it."""
        return any(ruling.verb == "note" for ruling in self.rulings.all())

    @property
    def taken_off(self) -> "Ruling | None":
        """The ruling by which it is off the boards now; None when it is not."""
        rulings = (ruling for ruling in self.rulings.all() if ruling.verb != "note")
        last = max(rulings, key=lambda ruling: ruling.pk, default=None)
        return last if last is not None and last.verb == "invalidate" else None


class Ruling(models.Model):
    """A correction of a board by who runs it: `invalidate` takes an entry off, `restore` puts it back.

    Rows are only ever added, by a trigger too; of the first two the last one of an entry holds.
    `note` adds words. `role` is as whom it
    was done; the reason is public.
    """

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="rulings")
    verb = models.CharField(max_length=20, choices=[(verb, verb) for verb in ("invalidate", "restore", "note")])
    role = models.CharField(max_length=60)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.verb}: {self.reason}"

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("a ruling is never changed; add another")
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("a ruling is never deleted; add another")
