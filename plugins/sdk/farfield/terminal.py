"""The edge between a command and the machine it runs on: what the system refuses becomes a sentence, not a traceback.

    with at_the_edge() as edge:
        edge.status = run(args)
    return edge.status

Exit statuses are 0 when it went well, 1 when something was refused or failed, 2 for wrong words on the command line.
"""

import codecs
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from farfield.errors import FarfieldError

DONE, REFUSED, INTERRUPTED = 0, 1, 130
FILE, MEMORY = "system.file", "system.memory"
# Figures must stay readable on a terminal that has only ASCII.
_LOOKS_LIKE = {
    "\N{PLUS-MINUS SIGN}": "+-",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{MIDDLE DOT}": "*",
    "\N{LESS-THAN OR EQUAL TO}": "<=",
    "\N{GREATER-THAN OR EQUAL TO}": ">=",
}
_HANDLER = "farfield"


@dataclass(kw_only=True)
class Edge:
    """What a command came to."""

    status: int = REFUSED


@contextmanager
def at_the_edge() -> Iterator[Edge]:
    """Run a command; what it cannot help is told on standard error, and is in the status."""
    speak_any_encoding()
    edge = Edge()
    try:
        yield edge
        sys.stdout.flush()
    except FarfieldError as error:
        edge.status = complain(f"{error} [{error.code}]")
    except KeyboardInterrupt:
        edge.status = INTERRUPTED
    except BrokenPipeError:
        edge.status = _reader_left()
    except OSError as error:
        edge.status = complain(f"{sentence(error)} [{FILE}]")
    except MemoryError:
        edge.status = complain(f"this machine has not enough memory for that [{MEMORY}]")


def complain(text: str) -> int:
    """Say on standard error what is wrong; returns the status for it."""
    with suppress(OSError):
        print(f"farfield: {text}", file=sys.stderr, flush=True)
    return REFUSED


def publish(text: str) -> None:
    """Write a result on standard output. Where that cannot be written, it goes to standard error rather than nowhere.

    Raises what writing raised, once the text is safe; BrokenPipeError at once, for then nobody wants it.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError:
        sys.stderr.write(text)
        _give_up(sys.stdout.fileno())
        raise


def sentence(error: OSError) -> str:
    """What the system said, with the file that it was about."""
    said = error.strerror or str(error) or type(error).__name__
    names = " and ".join(str(name) for name in (error.filename, error.filename2) if name is not None)
    advice = _ADVICE.get(error.errno or 0, "")
    return f"{names}: {said}{advice}" if names else f"{said}{advice}"


_ADVICE = {
    errno.ENOENT: "; check how it is written",
    errno.EISDIR: "; name a file, not a folder",
    errno.ENOTDIR: "; a part of that path is a file, not a folder",
    errno.EACCES: "; change who may use it, or choose another place",
    errno.EROFS: "; choose another place",
    errno.ENOSPC: "; make room, or choose another place",
    errno.EDQUOT: "; make room, or choose another place",
}


def speak_any_encoding() -> None:
    """From here on, what a terminal has no character for is written in those that it has."""
    codecs.register_error(_HANDLER, _written_otherwise)
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):  # replaced by a test or a notebook, or closed
            stream.reconfigure(errors=_HANDLER)  # type: ignore[union-attr]


def _written_otherwise(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    # A character in place of another: escaping is for those that look like nothing in ASCII.
    plain = (_LOOKS_LIKE.get(c) or c.encode("ascii", "backslashreplace").decode("ascii") for c in missing)
    return "".join(plain), error.end


def _reader_left() -> int:
    """As in `farfield methods | head`: what is still buffered goes nowhere, without a complaint."""
    _give_up(1)
    return REFUSED


def _give_up(descriptor: int) -> None:
    """What a stream still holds would be written once more when Python ends, and fail once more."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
