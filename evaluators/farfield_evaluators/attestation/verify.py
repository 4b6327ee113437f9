"""Whether a signed result holds: its signature, the digest of its scores, and that of a file of predictions."""

import hashlib
from pathlib import Path
from typing import Any

from farfield_evaluators.attestation.envelope import opened, read_envelope
from farfield_evaluators.attestation.refused import NotBelieved
from farfield_evaluators.attestation.signing_keys import read_keys
from farfield_evaluators.attestation.statement import SCORES, digest_of, subjects_of

Json = dict[str, Any]
PARTS = ("benchmark", "method", "run", "scores", "entry", "builder", "verified", "signedOn")


def verified(result: Path, keys: Path, predictions: Path | None = None) -> Json:
    """The statement of a signed result that holds, without asking anybody. Raises NotBelieved, OSError."""
    statement = opened(read_envelope(result), read_keys(keys))
    try:
        subjects, told = subjects_of(statement), statement["predicate"]
        fits = subjects.get(SCORES) == digest_of(told["scores"])
        lacking = [name for name in PARTS if name not in told]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotBelieved("other_kind", f"The statement has no scores, or no files: {error!r}.") from error
    if lacking:
        raise NotBelieved("other_kind", f"The statement lacks: {', '.join(lacking)}.")
    if not fits:
        raise NotBelieved("scores", "The scores in it are not those that it names by their hash.")
    if predictions is not None:
        _check_file(predictions, subjects)
    return statement


def _check_file(path: Path, subjects: dict[str, str]) -> None:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest not in subjects.values():
        files = ", ".join(f"{name} ({digest[:12]})" for name, digest in subjects.items() if name != SCORES)
        told = f"{path} ({digest[:12]}) is not what was scored; it names: {files or 'no file'}."
        raise NotBelieved("other_predictions", told)
