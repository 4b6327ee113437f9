"""What must stand beside a result, so that it is not taken for more than it is."""

from collections.abc import Iterable, Mapping
from typing import Any

from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission

NOT_RUN = "predictions, not run here"
BATCH = "depends on the test batch"
RANDOM = "not deterministic"
EARLY = "saw test images while training"
NOTED = "has an operator's note"
# What a probe found, what it is called on the board, and by which declaration a method owns up to it, if by any.
_PROBES = (
    ("batch_independent", BATCH, "transductive"),
    ("deterministic", RANDOM, "stochastic"),
    ("after_training", EARLY, ""),
)


def labels_for(submission: Submission, probes: Iterable[Mapping[str, Any]], *, noted: bool) -> tuple[str, ...]:
    """The labels of a submission: what its benchmark's plan says of its settings, and what probes of its runs found.

    noted: whether an operator said something of it, which its page tells.
    """
    said, probed = _of_plan(submission), labels_of(submission.kind, probes)
    first = tuple(label for label in said if label not in probed)
    return (*first, *probed, *((NOTED,) if noted else ()))


def _of_plan(submission: Submission) -> tuple[str, ...]:
    benchmark, method = submission.known_benchmark, submission.method
    if benchmark is None or method is None:
        return ()
    return benchmark.plan.labels(method.chosen(submission.config).description, submission.config)


def labels_of(kind: str, probes: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The labels of an entry, from the probes of all its runs; a run that was not probed says nothing.

    >>> found = {"deterministic": False, "batch_independent": True, "declared": {"stochastic": True}}
    >>> labels_of("plugin", [found])
    ('not deterministic (declared)',)
    """
    runs = [found for found in probes if found]
    first = () if is_verified(kind) else (NOT_RUN,)
    return first + tuple(label for probe in _PROBES for label in _label(*probe, runs))


def is_verified(kind: str) -> bool:
    """Whether entries of this kind are run here, so that what they are is known; predictions only are scored here."""
    return kind != Kind.PREDICTIONS


def _label(probe: str, text: str, declaration: str, runs: list[Mapping[str, Any]]) -> tuple[str, ...]:
    against = [found for found in runs if found.get(probe) is False]
    if not against:
        return ()
    declared = bool(declaration) and all(found.get("declared", {}).get(declaration) for found in against)
    return (f"{text} (declared)" if declared else text,)
