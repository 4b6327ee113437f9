"""What must stand beside a result, so that it is not taken for more than it is."""

from collections.abc import Iterable, Mapping
from typing import Any

from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.models import Submission
from farfield_web.submissions.settings import is_from_scratch

NOT_RUN = "predictions, not run here"
BATCH = "depends on the test batch"
RANDOM = "not deterministic"
SCRATCH = "from scratch"
# What a probe found, what it is called on the board, and by which declaration a method owns up to it.
_PROBES = (("batch_independent", BATCH, "transductive"), ("deterministic", RANDOM, "stochastic"))


def labels_for(submission: Submission, probes: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The labels of a submission: what its settings say, and what the probes of its runs found.

    A run of a sweep is not probed, so there a method's own word about test batches stands.
    """
    found = labels_of(submission.kind, probes)
    own_word = bool(submission.tier and submission.method and submission.method.spec.get("transductive"))
    declared = (f"{BATCH} (declared)",) if own_word else ()
    scratch = (SCRATCH,) if is_from_scratch(submission) else ()
    return (*scratch, *found, *(label for label in declared if label not in found))


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
    declared = all(found.get("declared", {}).get(declaration) for found in against)
    return (f"{text} (declared)" if declared else text,)
