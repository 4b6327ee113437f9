"""What a site says of a run: an in-toto Statement v1 whose predicate is the evaluation, and whose subjects are files.

in-toto Attestation Framework, spec v1.0. Digests of JSON are of its canonical form (RFC 8785), so that whoever reads
and writes the statement anew gets the same ones.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

Json = dict[str, Any]
STATEMENT = "https://in-toto.io/Statement/v1"
PAYLOAD = "application/vnd.in-toto+json"
PREDICATE = "https://farfield.example/attestation/evaluation/v1"
SCORES = "scores.json"


def statement_of(predicate: Mapping[str, Any], files: Mapping[str, str]) -> Json:
    """The statement with this predicate; its subjects are the scores, and files by their names and SHA-256."""
    digests = {SCORES: digest_of(predicate["scores"]), **files}
    return {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": digest}} for name, digest in digests.items()],
        "predicateType": PREDICATE,
        "predicate": dict(predicate),
    }


def subjects_of(statement: Mapping[str, Any]) -> dict[str, str]:
    """SHA-256 of each subject by its name."""
    return {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}


def digest_of(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """SHA-256 of a JSON value in its canonical form, in hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def canonical(value: Any) -> bytes:
    """JSON in the one form that RFC 8785 gives it. Raises ValueError for numbers that JSON has not."""
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError as error:
        raise ValueError(str(error)) from error
