"""Public keys of a site with the times in which they sign: Ed25519, as a PEM file or as the site's published list."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from securesystemslib.signer import SSlibKey

from farfield_evaluators.attestation.refused import NotBelieved

MOST_BYTES = 1_000_000
WHERE = "A site publishes its keys at /.well-known/farfield-keys.json."


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A public key; what it signed holds from `valid_from` on and before `valid_to`, None where there is no bound."""

    public: Ed25519PublicKey
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    @property
    def verifier(self) -> SSlibKey:
        return SSlibKey.from_crypto(self.public)

    @property
    def keyid(self) -> str:
        """A hash of the key, by which a signature names it."""
        return str(self.verifier.keyid)

    @property
    def pem(self) -> str:
        return self.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def covers(self, moment: datetime) -> bool:
        """Whether it signed at this moment."""
        begun = self.valid_from is None or self.valid_from <= moment
        return begun and (self.valid_to is None or moment < self.valid_to)

    def as_json(self) -> dict[str, Any]:
        """As a site publishes it; times in ISO 8601, with their zone."""
        return {
            "keyid": self.keyid,
            "scheme": "ed25519",
            "public": self.pem,
            "valid_from": self.valid_from.isoformat() if self.valid_from else None,
            "valid_to": self.valid_to.isoformat() if self.valid_to else None,
        }


def read_keys(path: Path) -> tuple[SigningKey, ...]:
    """The keys of a file: a PEM file has one without bounds. Raises NotBelieved for anything else."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise NotBelieved("bad_key", f"{path} is larger than any list of keys. {WHERE}")
    return (from_pem(content, path.name),) if content.lstrip().startswith(b"-----") else _listed(content, path.name)


def from_pem(content: bytes, called: str) -> SigningKey:
    """A public key as PEM. Raises NotBelieved, for a private one too."""
    try:
        public = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise NotBelieved("bad_key", f"{called} holds no public key in PEM. {WHERE}") from error
    if not isinstance(public, Ed25519PublicKey):
        raise NotBelieved("bad_key", f"{called} holds a public key of another kind than Ed25519. {WHERE}")
    return SigningKey(public=public)


def keys_from(entries: Sequence[Mapping[str, Any]], called: str) -> tuple[SigningKey, ...]:
    """The keys of a site's published list. Raises NotBelieved for one that is not of its form."""
    try:
        return tuple(_key(entry, called) for entry in entries)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotBelieved("bad_key", f"{called} is no list of keys: {error!r}. {WHERE}") from error


def _listed(content: bytes, called: str) -> tuple[SigningKey, ...]:
    try:
        entries = json.loads(content)["keys"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise NotBelieved("bad_key", f"{called} is neither a PEM file nor a list of keys. {WHERE}") from error
    return keys_from(entries, called)


def _key(entry: Mapping[str, Any], called: str) -> SigningKey:
    bounds = {name: _moment(entry.get(name)) for name in ("valid_from", "valid_to")}
    return SigningKey(public=from_pem(entry["public"].encode(), called).public, **bounds)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"the time {text} has no zone")
    return moment
