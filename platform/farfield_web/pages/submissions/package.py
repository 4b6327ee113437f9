"""What was run, as a submission's page shows it: the file, its dependencies, the interpreter, the probes.

A run's record comes from a worker and quotes a stranger's package: whatever is missing or odd in it is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from farfield_web.runs.models import Run
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission

KINDS = {
    Kind.CONFIGURATION: "A configuration of a listed method",
    Kind.PLUGIN: "An uploaded package",
    Kind.PREDICTIONS: "Uploaded predictions, not run here",
    Kind.CONTAINER: "A container image",
}
HASH_SHOWN = 12
MAX_DEPENDENCIES = 500


@dataclass(frozen=True, kw_only=True)
class Dependency:
    """A distribution that was there. `base` is true for one of the platform's own; its hash is then empty."""

    name: str
    version: str
    sha256: str
    base: bool


@dataclass(frozen=True, kw_only=True)
class PackageView:
    """The content of a submission. Hashes are whole; `short` is what is shown of the content's."""

    filename: str
    distribution: str
    version: str
    content: str
    interpreter: str
    wheel: str
    dependencies: tuple[Dependency, ...]

    @property
    def short(self) -> str:
        return self.content.rpartition(":")[2][:HASH_SHOWN]


def package_of(submission: Submission, runs: Iterable[Run]) -> PackageView | None:
    """What was sent, with what the newest record of its runs adds; None for an installed method."""
    if not submission.content:
        return None
    record = next((found for run in runs if (found := _object(_object(run.environment).get("package")))), {})
    metadata, upload = _object(record.get("metadata")), submission.upload
    return PackageView(
        filename=upload.filename if upload else "",
        distribution=(upload.distribution if upload else "") or _text(metadata.get("name")),
        version=(upload.version if upload else "") or _text(metadata.get("version")),
        content=submission.content,
        interpreter=_interpreter(_object(record.get("interpreter"))),
        wheel=_text(_object(record.get("wheel")).get("filename")),
        dependencies=tuple(_dependencies(record.get("dependencies"))),
    )


EARLY = "Test images were predicted while training went on: the method could not be kept as it was at its checkpoints."


def probe_sentences(probes: Mapping[str, Any]) -> list[str]:
    """What the probes found, in words; nothing for a run that was not probed."""
    if not probes:
        return []
    if "after_training" in probes:
        return [EARLY] if probes["after_training"] is False else []
    declared = _object(probes.get("declared"))
    count = f"{probes.get('examples', 0)} images were predicted again."
    same = "Repeated, the predictions were the same."
    differed = f"Repeated, the predictions differed{_declared(declared.get('stochastic'))}."
    alone = "In other batches and another order, they were the same."
    depended = f"In other batches or another order, they differed{_declared(declared.get('transductive'))}."
    found = [
        count,
        same if probes.get("deterministic") else differed,
        alone if probes.get("batch_independent") else depended,
    ]
    return [*found, f"The largest difference was {probes.get('largest_difference', 0):.3g}."]


def _declared(flag: object) -> str:
    return ", which the method declares" if flag else ", which the method does not declare"


def _dependencies(listed: object) -> Iterable[Dependency]:
    for item in (listed if isinstance(listed, list) else [])[:MAX_DEPENDENCIES]:
        values = _object(item)
        if values.get("name"):
            names = ("name", "version", "sha256")
            yield Dependency(base=bool(values.get("base")), **{name: _text(values.get(name)) for name in names})


def _interpreter(values: Mapping[str, Any]) -> str:
    parts = (values.get("implementation"), values.get("version"), values.get("platform"))
    return " ".join(_text(part) for part in parts if part)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return str(value)[:300] if isinstance(value, str | int | float) else ""
