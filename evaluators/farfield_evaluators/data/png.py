"""PNG files down to what a decoder needs: header, palette and coded pixels (ISO/IEC 15948)."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"\0\0\0\0IEND\xaeB`\x82"
_PALETTE = 3  # a colour type
_SAMPLES = {0: 1, 2: 3, _PALETTE: 1, 4: 2, 6: 4}  # of a pixel, by colour type
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


@dataclass(frozen=True, kw_only=True)
class _Chunk:
    kind: bytes
    data: bytes
    whole: bytes


def strip_png(encoded: bytes) -> bytes | None:
    """The same pixels without anything else; None for a file whose parts are not as the standard has them.

    Transparency by colour goes too, because alpha is not read. The coded pixels stay as they are, byte by byte: one
    zlib stream, with no byte more than the pixels take.
    """
    chunks = list(_chunks(encoded))
    if not chunks or chunks[0].kind != b"IHDR" or len(chunks[0].data) != 13:
        return None
    header = chunks[0].data
    palettes = [chunk for chunk in chunks if chunk.kind == b"PLTE"]
    pixels = _first_run(chunks)
    once = sum(chunk.kind == b"IHDR" for chunk in chunks) == 1 and len(palettes) <= 1
    if not once or not _is_exact(b"".join(chunk.data for chunk in pixels), _length(header)):
        return None
    kept = [chunks[0], *(palettes if header[9] == _PALETTE else ()), *pixels]
    return b"".join([_SIGNATURE, *(chunk.whole for chunk in kept), _END])


def _chunks(encoded: bytes) -> Iterator[_Chunk]:
    """Those before the end chunk."""
    position = len(_SIGNATURE)
    while position + 12 <= len(encoded):
        end = position + 12 + int.from_bytes(encoded[position : position + 4], "big")
        kind = encoded[position + 4 : position + 8]
        if kind == b"IEND":
            return
        yield _Chunk(kind=kind, data=encoded[position + 8 : end - 4], whole=encoded[position:end])
        position = end


def _first_run(chunks: list[_Chunk]) -> list[_Chunk]:
    """The image data, which is not interrupted; decoders read no other."""
    start = next((i for i, chunk in enumerate(chunks) if chunk.kind == b"IDAT"), len(chunks))
    end = next((i for i, chunk in enumerate(chunks[start:], start) if chunk.kind != b"IDAT"), len(chunks))
    return [chunk for chunk in chunks[start:end] if chunk.data]


def _is_exact(stream: bytes, length: int) -> bool:
    inflater = zlib.decompressobj()
    try:
        inflated = inflater.decompress(stream, length + 1)
    except zlib.error:
        return False
    return inflater.eof and len(inflated) == length and not inflater.unused_data


def _length(header: bytes) -> int:
    """Bytes of the filtered rows, each with a byte for its filter; 0 for a header that has no meaning."""
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    bits = header[8] * _SAMPLES.get(header[9], 0)
    if header[12] == 0:
        return _rows(width, height, bits)
    passes = ((-(-(width - x) // dx), -(-(height - y) // dy)) for x, y, dx, dy in _ADAM7)
    return sum(_rows(across, down, bits) for across, down in passes)


def _rows(width: int, height: int, bits: int) -> int:
    return height * (1 + -(-width * bits // 8)) if width > 0 and height > 0 else 0
