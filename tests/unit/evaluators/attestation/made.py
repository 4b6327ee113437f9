"""Signed results, their keys, and files of both, as a site gives them out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner

from farfield_evaluators.attestation.envelope import signed
from farfield_evaluators.attestation.signing_keys import SigningKey
from farfield_evaluators.attestation.statement import statement_of

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
PREDICTIONS = b"predictions of one method"
SCORES = [{"metric": "accuracy", "domain": "id", "value": 0.9123, "stderr": 0.0101, "n": 20}]


def predicate(**changes: Any) -> dict[str, Any]:
    return {
        "benchmark": {"name": "imagenet-ood/mini", "version": "1", "key": "k" * 8},
        "method": {"name": "erm", "version": "1.0"},
        "run": {"id": "7", "cell": {"trial": 0}},
        "entry": {"state": "stands", "reason": ""},
        "builder": {"id": "https://site.example", "worker": "w1"},
        "verified": True,
        "scores": SCORES,
        "signedOn": NOON.isoformat(),
        **changes,
    }


@dataclass(frozen=True, kw_only=True)
class Signing:
    """A site's key, and what it signs into a folder."""

    folder: Path
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def public(self) -> SigningKey:
        return SigningKey(public=self.private.public_key())

    def sign(self, statement: Mapping[str, Any]) -> Path:
        return self.write("result.json", json.dumps(signed(statement, CryptoSigner(self.private))))

    def result(self, files: Mapping[str, str] | None = None, **changes: Any) -> Path:
        return self.sign(statement_of(predicate(**changes), files or {}))

    def key(self) -> Path:
        return self.write("key.pem", self.public.pem)

    def listed(self, **bounds: datetime) -> Path:
        key = SigningKey(public=self.private.public_key(), **bounds)
        return self.write("keys.json", json.dumps({"keys": [key.as_json()]}))

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path
