"""PNG without compression (ISO/IEC 15948, and RFC 1951 section 3.2.4): the same bytes whatever library would write it.

Libraries compress as they like, and a pack's fingerprint covers the bytes that it stores.
"""

import struct
import zlib

import numpy as np
import numpy.typing as npt

MOST = 0xFFFF  # bytes of a stored block
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def stored_png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """The file of an image uint8 [H, W, 3]. Raises ValueError for another array.

    >>> stored_png(np.zeros((1, 1, 3), np.uint8)).hex()[:16], len(stored_png(np.zeros((1, 1, 3), np.uint8)))
    ('89504e470d0a1a0a', 72)
    """
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or not pixels.size:
        raise ValueError(f"pixels are uint8 [H, W, 3], not {pixels.dtype} {pixels.shape}")
    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a row begins with its filter, which is none
    rows[:, 1:] = pixels.reshape(height, -1)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", _zlib(rows.tobytes())) + _chunk(b"IEND", b"")


def _zlib(data: bytes) -> bytes:
    blocks = [data[start : start + MOST] for start in range(0, len(data), MOST)]
    stored = [
        struct.pack("<BHH", number == len(blocks), len(block), MOST - len(block)) + block
        for number, block in enumerate(blocks, 1)
    ]
    return b"\x78\x01" + b"".join(stored) + struct.pack(">I", zlib.adler32(data))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
