"""A signed statement as it travels: a DSSE envelope (Dead Simple Signing Envelope, protocol v1)."""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import Signer

from farfield_evaluators.attestation.refused import NotBelieved
from farfield_evaluators.attestation.signing_keys import SigningKey
from farfield_evaluators.attestation.statement import PAYLOAD, PREDICATE, STATEMENT, canonical

Json = dict[str, Any]
MOST_BYTES = 8_000_000


def signed(statement: Mapping[str, Any], signer: Signer) -> Json:
    """The envelope of a statement, as JSON."""
    envelope = Envelope(canonical(statement), PAYLOAD, {})
    envelope.sign(signer)
    return envelope.to_dict()


def read_envelope(path: Path) -> Envelope:
    """The envelope in a file. Raises NotBelieved where there is none."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NotBelieved("not_a_result", f"{path} is larger than any signed result.")
    try:
        return Envelope.from_dict(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        told = f"{path} is no signed result: it is not a DSSE envelope in JSON. Download it again."
        raise NotBelieved("not_a_result", told) from error


def opened(envelope: Envelope, keys: tuple[SigningKey, ...]) -> Json:
    """The statement, once one of these keys signed it, at a time at which it could. Raises NotBelieved."""
    named = [key for key in keys if key.keyid in envelope.signatures]
    if not named:
        theirs = ", ".join(keyid[:12] for keyid in envelope.signatures) or "nobody"
        ours = ", ".join(key.keyid[:12] for key in keys) or "none"
        raise NotBelieved("other_key", f"It is signed with the key {theirs}, and the keys given are {ours}.")
    believed = [key for key in named if _fits(envelope, key)]
    if not believed:
        told = "The signature does not fit: the file was changed after it was signed. Download it again."
        raise NotBelieved("changed", told)
    statement = _statement(envelope)
    _check_times(statement, believed)
    return statement


def _fits(envelope: Envelope, key: SigningKey) -> bool:
    try:
        envelope.verify([key.verifier], 1)
    except VerificationError:
        return False
    return True


def _statement(envelope: Envelope) -> Json:
    """What was signed. To be called once the signature fits."""
    try:
        statement: Json = json.loads(envelope.payload)
        kinds = (envelope.payload_type, statement["_type"], statement["predicateType"])
    except (ValueError, KeyError, TypeError) as error:
        raise NotBelieved("other_kind", "What was signed is no in-toto statement.") from error
    if kinds != (PAYLOAD, STATEMENT, PREDICATE):
        raise NotBelieved("other_kind", f"What was signed is something else than a result: {' '.join(kinds)}.")
    return statement


def _check_times(statement: Json, keys: list[SigningKey]) -> None:
    try:
        moment = datetime.fromisoformat(statement["predicate"]["signedOn"])
        held = any(key.covers(moment) for key in keys)
    except (KeyError, TypeError, ValueError) as error:
        raise NotBelieved("other_kind", "The statement does not say when it was signed.") from error
    if not held:
        since, until = keys[0].valid_from or "the beginning", keys[0].valid_to or "now"
        told = f"It was signed at {moment}, and its key signs from {since} until {until}. Ask the site for it anew."
        raise NotBelieved("expired_key", told)
