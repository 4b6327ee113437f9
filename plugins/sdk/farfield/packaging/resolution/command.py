"""The command of the installer uv that resolves, and what it says: the same for a worker and for `farfield check`."""

import re
import shutil
from pathlib import Path

ONLY_WHEELS = ("--only-binary", ":all:")
STUBS, REQUIREMENTS, LOCK = "stubs", "requirements.txt", "pylock.toml"
# uv's exit status when what is asked for cannot be met; 2 says that something else went wrong.
CANNOT_BE_MET = 1
MESSAGE_LENGTH = 1500
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_INTERPRETER = re.compile(r"^Using .* interpreter at: .*\n", re.MULTILINE)


def compile_arguments(inputs: str, outputs: str) -> tuple[str, ...]:
    """Arguments of uv that lock the requirements in the folder `inputs`, on top of the stubs there, into `outputs`.

    The stubs are the first index, and uv takes a distribution from the first that has it: so the base stays as it is.
    """
    return (
        *("pip", "compile", f"{inputs}/{REQUIREMENTS}", *ONLY_WHEELS, "--no-header", "--no-sources", "--quiet"),
        *("--index", f"{inputs}/{STUBS}", "--output-file", f"{outputs}/{LOCK}"),
    )


def find_uv() -> Path | None:
    """The installer's program: of the Python package `uv`, or else on the path."""
    try:
        import uv

        return Path(uv.find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    return Path(found) if found else None


def masked(text: str) -> str:
    """The text without user names and passwords of addresses, and without the place of the interpreter."""
    return _INTERPRETER.sub("", _CREDENTIALS.sub("", text))


def refusal(printed: str) -> str:
    """Why there is no solution, as the author of the package reads it."""
    return f"what the package needs cannot be had: {explanation(printed)}"


def explanation(printed: str) -> str:
    """What uv says about a request that cannot be met, without its hints, in words about the package."""
    told = printed.partition("\nhint:")[0].strip()
    told = re.sub(r"^error: .*?\n\s*cause: ", "", told, count=1)
    # uv breaks its lines where the terminal or a path ends them, so they are joined before any word is looked for.
    line = " ".join(told.split()).replace("you require", "the package requires")
    return line.replace("your requirements", "its requirements")[:MESSAGE_LENGTH]
