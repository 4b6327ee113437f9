"""Taking in a file: bounded, inspected without running a byte of it, kept by its content."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from farfield.errors import PackageError
from farfield.packaging.apart import CannotLook
from farfield.packaging.intake import look_into_package
from farfield.packaging.plain import visible
from farfield_web import storable
from farfield_web.accounts.models import User
from farfield_web.errors import UploadError
from farfield_web.submissions import environments, handed_in, storage
from farfield_web.submissions.kinds import PACKAGES
from farfield_web.submissions.models import Content, Upload

# As long as the columns that hold them.
MAX_DISTRIBUTION, MAX_VERSION = 200, 100


class Sent(Protocol):
    """A file as Django hands it over."""

    name: str | None

    def chunks(self) -> Iterable[bytes]:
        """Its content, in pieces."""


def receive(person: User, file: Sent, wanted: str = "") -> Upload:
    """Keep a file that somebody sent; `wanted` is what it must be, told by its name when empty.

    The same content is one file, whoever sends it; what it is and is called is each sender's own. Sent again under
    the same name, even at once, it is the same Upload. Raises UploadError with a code, and then leaves nothing behind.
    """
    name = _safe_name(file.name)
    with storage.incoming(file.chunks()) as arrived:
        kind, facts = _looked_into(arrived.path, name, wanted)
        _check_room(person, arrived)
        arrived.keep()
    content_values = {"size": arrived.size, "owner": person}
    with transaction.atomic():
        content, _ = Content.objects.get_or_create(sha256=arrived.sha256, defaults=content_values)
        sent_now = {"facts": facts, "sent_at": timezone.now()}
        upload, _ = Upload.objects.update_or_create(
            owner=person, content=content, kind=kind, filename=name, defaults=sent_now
        )
    return upload


def held(person: User, sha256: str, kinds: Collection[str] = ()) -> Upload:
    """What this person sent last with this content, of one of these kinds if there is one, else of any.

    Raises UploadError `upload.unknown`.
    """
    sent = Upload.objects.filter(owner=person, content__sha256=sha256).select_related("content")
    found = sent.filter(kind__in=kinds).first() or sent.first()
    if found is None:
        text = "You have sent no file with this hash; send the file first, then submit it."
        raise UploadError("upload.unknown", text, "upload", "POST it to /api/v1/uploads, or choose it on the form.")
    return found


def _check_room(person: User, arrived: storage.Incoming) -> None:
    """What is kept already takes no more room, whoever sends it again."""
    kept = Content.objects.filter(owner=person).aggregate(total=Sum("size"))["total"] or 0
    if kept + arrived.size <= settings.MAX_STORED_BYTES or Content.objects.filter(sha256=arrived.sha256).exists():
        return
    limit = settings.MAX_STORED_BYTES // 1024**2
    text = f"Your uploads take {kept // 1024**2} MB, and with this one more than the {limit} MB a person may have."
    raise UploadError("upload.no_room", text, "file", "Ask the operator of this site for more room.")


def _looked_into(path: Path, name: str, wanted: str) -> tuple[str, dict[str, Any]]:
    try:
        return _inspect(path, name, wanted)
    except CannotLook as error:
        raise UploadError(error.code, _sentence(error), "file", "If it happens again, tell the operator.") from error


def _inspect(path: Path, name: str, wanted: str) -> tuple[str, dict[str, Any]]:
    form = handed_in.form_of(name, wanted)
    if form is not None:
        return form.kind, storable.json(handed_in.look_into(path, form))
    try:
        found = look_into_package(path, name, environments.interpreter())
    except PackageError as error:
        raise UploadError(error.code, _sentence(error), "file") from error
    if len(found.distribution) > MAX_DISTRIBUTION or len(found.version) > MAX_VERSION:
        text = f"A distribution's name may have {MAX_DISTRIBUTION} characters here, its version {MAX_VERSION}."
        raise UploadError("plugin.bad_metadata", text, "file")
    facts = {
        "distribution": found.distribution,
        "version": found.version,
        "requires": list(found.requires),
        "requires_python": found.requires_python,
        "plugins": list(found.plugins),
    }
    if found.kind not in PACKAGES:
        raise ValueError(f"the inspection found an unknown kind of package: {found.kind!r}")
    return found.kind, storable.json(facts)


def _sentence(error: Exception) -> str:
    text = visible(str(error), 2000, lines=True)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _safe_name(name: str | None) -> str:
    """The last part of a file's name, printable: it is shown, told to the worker, and never used as a path."""
    last = storable.text(name or "").replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in last if character.isprintable()).strip()[-255:]
    return shown if shown.strip(".") else "upload"
