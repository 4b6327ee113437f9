"""JPEG files down to what a decoder needs: tables, frame and scans (ITU-T T.81, annex B).

Walks the segments as libjpeg does: what is between them, and what follows the end, is passed over. The coded pixels
stay as they are, byte by byte.
"""

import re

_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_END_OF_SCAN = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")  # neither a stuffed zero nor a restart marker
_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_ALONE = {0x01, *range(0xD0, 0xD8)}  # have no length
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_KEPT = {*_FRAMES, 0xC4, 0xCC, 0xDB, 0xDD}  # and Huffman, arithmetic and quantisation tables, restart interval
_DROPPED = {0xDC, *range(0xE0, 0xF0), 0xFE}  # number of lines, which libjpeg passes over; application data; comment
_JFIF = b"\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"  # as Pillow writes it: no density, no thumbnail
_ADOBE = b"\x00\x0eAdobe\x00\x64\x00\x00\x00\x00"  # and a byte that says how the colours are coded


def strip_jpeg(encoded: bytes) -> bytes | None:
    """The same pixels without anything else; None for a file that is not as the standard has it.

    Kept of application data is what tells how colours are coded: that there is a JFIF header, and Adobe's transform.
    """
    pieces, position, scanned = [b"\xff\xd8"], 2, False
    while (match := _MARKER.search(encoded, position)) is not None:
        marker, position = match[1][0], match.end()
        if marker == _END:
            break
        if marker in _ALONE:
            continue
        length = int.from_bytes(encoded[position : position + 2], "big")
        segment = encoded[position : position + length]
        position += length
        if marker == _START or length < 2 or len(segment) < length:
            return None
        if marker == _SCAN:
            end = _END_OF_SCAN.search(encoded, position)
            segment += encoded[position : end.start() if end else len(encoded)]
            position, scanned = (end.start() if end else len(encoded)), True
        elif marker not in _KEPT | _DROPPED:
            return None
        needed = segment if marker == _SCAN or marker in _KEPT else b"" if scanned else _colours(marker, segment)
        pieces += [bytes((0xFF, marker)), needed] if needed else []
    return b"".join([*pieces, b"\xff\xd9"]) if scanned else None


def _colours(marker: int, segment: bytes) -> bytes:
    """What an application segment says of the colours, in its plainest form; empty for any other."""
    if marker == 0xE0 and segment[2:7] == b"JFIF\0" and len(segment) >= len(_JFIF):
        return _JFIF
    if marker == 0xEE and segment[2:7] == b"Adobe" and len(segment) > len(_ADOBE):
        return _ADOBE + segment[len(_ADOBE) : len(_ADOBE) + 1]
    return b""
