"""The site's keys: private ones as files that their owner alone reads, beside the list of public ones with their times.

They lie outside of the database, so that whoever reads or writes that cannot sign. The newest key that is valid signs;
an older one is kept in the list, for what it signed.
"""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings
from securesystemslib.signer import CryptoSigner, SSlibKey

from farfield_evaluators.attestation.signing_keys import SigningKey, read_keys
from farfield_evaluators.locks import alone
from farfield_web.errors import ExportError

LIST = "keys.json"
FOLDER_MODE, FILE_MODE = 0o700, 0o600


def public_keys(folder: Path | None = None) -> tuple[SigningKey, ...]:
    """All keys that ever signed here, oldest first; none before the operator made one."""
    listed = _folder(folder) / LIST
    return read_keys(listed) if listed.exists() else ()


def signer_at(moment: datetime, folder: Path | None = None) -> CryptoSigner:
    """What signs at this moment. Raises ExportError where the site has no key for it."""
    valid = [key for key in public_keys(folder) if key.covers(moment)]
    if not valid:
        told = "This site does not sign results: it has no key."
        hint = "Its operator makes one with `manage.py signing_key`."
        raise ExportError("platform.no_signing_key", told, hint=hint)
    private = load_pem_private_key((_folder(folder) / f"{valid[-1].keyid}.pem").read_bytes(), password=None)
    return CryptoSigner(private, SSlibKey.from_crypto(valid[-1].public))


def ensure_key(now: datetime, folder: Path | None = None, *, rotate: bool = False) -> tuple[SigningKey, bool]:
    """The key that signs, and whether it was made now: where there is none, and to `rotate`, which ends the others."""
    place = _folder(folder)
    place.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    with alone(place):
        known = public_keys(place)
        valid = [key for key in known if key.covers(now)]
        if valid and not rotate:
            return valid[-1], False
        private = Ed25519PrivateKey.generate()
        made = SigningKey(public=private.public_key(), valid_from=now)
        _write(place / f"{made.keyid}.pem", private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _write(place / LIST, json.dumps({"keys": [key.as_json() for key in (*_ended(known, now), made)]}).encode())
        return made, True


def _ended(keys: tuple[SigningKey, ...], now: datetime) -> Iterator[SigningKey]:
    for key in keys:
        yield key if not key.covers(now) else SigningKey(public=key.public, valid_from=key.valid_from, valid_to=now)


def _folder(folder: Path | None) -> Path:
    if folder is not None:
        return folder
    return Path(settings.SIGNING_KEYS) if settings.SIGNING_KEYS else Path(settings.VAR) / "signing"


def _write(path: Path, content: bytes) -> None:
    """Put it in place whole, readable by its owner alone."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
