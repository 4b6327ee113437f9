"""Bounds on what a request may send, while it is still arriving."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

FLAG = "farfield_upload_too_large"


class LimitedUpload(FileUploadHandler):
    """Passes on at most settings.MAX_UPLOAD_BYTES of all files of a request together, and drops the file beyond.

    The rest is read and forgotten, so that the sender gets a sentence instead of a broken connection.
    """

    received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.MAX_UPLOAD_BYTES and self.request is not None:
            setattr(self.request, FLAG, True)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        return None


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file of this request was dropped; known once its body has been read."""
    return bool(getattr(request, FLAG, False))
