"""Files of weights, read without running code from them."""

import argparse
import contextlib
import pickle
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch

from farfield.errors import ConfigError, reason
from farfield.packaging.files import START_BYTES, impostor, open_regular
from farfield_baselines.networks.state_dicts import Tensors, choose

__all__ = ["OF_CLIP", "Tensors", "no_program", "plain_file", "read_tensors", "refusal"]
OF_CLIP = ("logit_scale",)  # a tensor by which a file of CLIP's weights is known
ADVICE = "save the tensors alone, with safetensors.torch.save_file or torch.save(model.state_dict(), ...)"
ZIP, PROTOCOL, OBJECT = b"PK", 0x80, b"{"
NUMPYS = (".npz", ".npy")  # open_clip reads Big Vision's
TAR = 257  # where archives of the oldest torch are recognised
REFUSED = ("global", "unsupported operand", "can only build", "trying to call reduce", "can only create new object")
HEADER_BYTES = 100_000_000  # the most that safetensors itself takes


@dataclass(frozen=True, kw_only=True)
class Named:
    """A file of weights, and the part of it that was named behind a #."""

    file: Path
    part: str = ""


def read_tensors(path: str, setting: str, wanted: Collection[str] = ()) -> Tensors:
    """The tensors of a .safetensors file, or of one that torch saved and that holds nothing else.

    `path` may name a part, as in `best.pth.tar#state_dict`. Without it a training checkpoint's averaged weights are
    taken, else its plain ones, which is said in the log; prefixes of compilers and trainers come off (see
    `state_dicts`). wanted: some names of the model's own. Raises ConfigError, naming the setting, for a file that is
    missing, damaged, something else, or a pickle of anything but tensors.
    """
    named = _named(path)
    no_program(str(named.file), setting)
    try:
        chosen = choose(_stored(named.file), named.part, wanted)
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise ConfigError([refusal(str(named.file), setting, error)]) from error
    for note in chosen.notes:
        print(f"{setting}: {named.file.name}: {note}", flush=True)
    return chosen.tensors


@contextlib.contextmanager
def plain_file(path: str, setting: str, folder: Path, wanted: Collection[str]) -> Iterator[Path]:
    """The file as a library can read it that takes a path: the file itself, or its tensors alone, put into `folder`.

    Raises ConfigError as `read_tensors`.
    """
    from safetensors.torch import save_file

    named = _named(path)
    if named.file.suffix in NUMPYS:
        yield no_program(path, setting)
        return
    if not named.part and _names(no_program(path, setting)) & {*wanted}:
        yield named.file
        return
    tensors = read_tensors(path, setting, wanted)
    save_file({name: tensor.contiguous().clone() for name, tensor in tensors.items()}, folder / "plain.safetensors")
    yield folder / "plain.safetensors"


def no_program(path: str, setting: str) -> Path:
    """The file, which is there, whole as far as its first bytes tell, and no TorchScript archive. Raises ConfigError.

    A pickle is found out by torch itself, when it is asked for tensors alone.
    """
    file = _named(path).file
    try:
        with open_regular(file) as opened:
            what = _what_else(opened.read(START_BYTES), file)
    except FileNotFoundError:
        says = f"{setting}: there is no file {path!r}; give the path of a file that the run can read"
        raise ConfigError([says]) from None
    except OSError as error:
        raise ConfigError([f"{setting}: {path!r} cannot be read: {reason(error)}"]) from error
    if what:
        raise ConfigError([f"{setting}: {file.name} is {what}"])
    return file


def refusal(path: str, setting: str, error: BaseException) -> str:
    """The sentence for a file that could not be read."""
    name = Path(path).name
    says = str(error).lower()
    if isinstance(error, pickle.UnpicklingError) and any(word in says for word in REFUSED):
        return f"{setting}: {name} is a pickle of more than tensors, which could run code, and is refused; {ADVICE}"
    if isinstance(error, pickle.UnpicklingError | EOFError):
        return f"{setting}: {name} is damaged or cut short; fetch or save it again"
    first, *rest = str(error).splitlines() or [type(error).__name__]
    if isinstance(error, AssertionError) or "state_dict for" in first:
        return f"{setting}: {name} does not fit the model: {next(iter(rest), first).strip()[:200]}"
    return f"{setting}: {name} cannot be read as weights ({first[:200]}); {ADVICE}"


def _named(path: str) -> Named:
    """A # that belongs to the file's own name names no part."""
    file, mark, part = path.rpartition("#")
    return Named(file=Path(file), part=part) if mark and not Path(path).exists() else Named(file=Path(path))


def _what_else(start: bytes, file: Path) -> str:
    """What a file is that holds no weights or not all; empty if it may be one."""
    what = impostor(start)
    if what or file.suffix in NUMPYS:
        return what
    if start.startswith(ZIP):
        return _of_zip(file)
    if _is_safetensors(start):
        length = int.from_bytes(start[:8], "little")
        return "cut short inside its header; fetch it again" if file.stat().st_size < 8 + length else ""
    is_pickle = start[0] == PROTOCOL or start[TAR : TAR + 5] == b"ustar"
    return "" if is_pickle else f"no file of weights: it begins with {start[:8]!r}; {ADVICE}"


def _of_zip(file: Path) -> str:
    if not zipfile.is_zipfile(file):
        return "cut short: the end of its archive is missing; fetch it again"
    with zipfile.ZipFile(file) as opened:
        names = opened.namelist()
    if any(name.endswith("constants.pkl") for name in names):
        return f"a TorchScript archive, which is a program and is refused; {ADVICE}"
    if not any(name.endswith("data.pkl") for name in names):
        return f"a zip without weights of torch's; unpack it, or {ADVICE}"
    return ""


def _is_safetensors(start: bytes) -> bool:
    return len(start) > 8 and int.from_bytes(start[:8], "little") <= HEADER_BYTES and start[8:9] == OBJECT


def _stored(file: Path) -> object:
    """All that the file holds, by its contents and not by its name."""
    with open_regular(file) as opened:
        start = opened.read(START_BYTES)
    return _safetensors(file) if _is_safetensors(start) else _torch(file)


def _names(file: Path) -> set[str]:
    """The names at the top of a file. Empty where that cannot be read."""
    try:
        stored = _stored(file)
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, OSError):
        return set()
    return {name for name in stored if isinstance(name, str)} if isinstance(stored, dict) else set()


def _safetensors(file: Path) -> object:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _torch(file: Path) -> object:
    """Opened here, for torch goes by the name. timm's checkpoints hold their arguments as a Namespace, plain data."""
    with open_regular(file) as opened, torch.serialization.safe_globals([argparse.Namespace]):
        return torch.load(opened, map_location="cpu", weights_only=True)
