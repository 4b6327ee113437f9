"""WebP files down to what a decoder needs: the one chunk with the coded pixels (RFC 9649)."""

from collections.abc import Iterator

_PIXELS = (b"VP8 ", b"VP8L")


def strip_webp(encoded: bytes) -> bytes | None:
    """A simple file of the only image, which has no place for metadata; None where there is not exactly one.

    The coded pixels stay as they are. Alpha that has a chunk of its own is dropped, for it is not read.
    """
    chunks = [(kind, data) for kind, data in _chunks(encoded) if kind in _PIXELS]
    if len(chunks) != 1:
        return None
    [(kind, data)] = chunks
    padded = data + b"\0" * (len(data) % 2)
    size = 4 + 8 + len(padded)
    return b"".join([b"RIFF", size.to_bytes(4, "little"), b"WEBP", kind, len(data).to_bytes(4, "little"), padded])


def _chunks(encoded: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Those within the size that the file states."""
    position, end = 12, min(len(encoded), 8 + int.from_bytes(encoded[4:8], "little"))
    while position + 8 <= end:
        size = int.from_bytes(encoded[position + 4 : position + 8], "little")
        yield encoded[position : position + 4], encoded[position + 8 : position + 8 + size]
        position += 8 + size + size % 2
