"""Files of weights, read without running code from them."""

import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch

from farfield.errors import ConfigError

Tensors = Mapping[str, torch.Tensor]
ADVICE = "save the tensors alone, with safetensors.torch.save_file or torch.save(model.state_dict(), ...)"


def read_tensors(path: str, setting: str) -> Tensors:
    """The tensors of a .safetensors file, or of one that torch saved and that holds nothing else.

    A training checkpoint's own `state_dict` or `model` is taken out of it, and the prefix `module.` of distributed
    training off its names. Raises ConfigError, naming the setting, for a file that is missing, damaged, or a pickle
    of anything but tensors.
    """
    file = no_program(path, setting)
    try:
        stored = _safetensors(file) if file.suffix == ".safetensors" else _torch(file)
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, OSError) as error:
        raise ConfigError([refusal(path, setting, error)]) from error
    return _unprefixed(_state_of(stored, path, setting))


def no_program(path: str, setting: str) -> Path:
    """The file, which is there and is no TorchScript archive. Raises ConfigError otherwise.

    A pickle is found out by torch itself, when it is asked for tensors alone.
    """
    if not Path(path).is_file():
        raise ConfigError([f"{setting}: there is no file {path!r}; give the path of a file that the run can read"])
    if _is_torchscript(path):
        what = f"{Path(path).name} is a TorchScript archive, which is a program and is refused"
        raise ConfigError([f"{setting}: {what}; {ADVICE}"])
    return Path(path)


def refusal(path: str, setting: str, error: BaseException) -> str:
    """The sentence for a file that could not be read."""
    name = Path(path).name
    if isinstance(error, pickle.UnpicklingError):
        return f"{setting}: {name} is a pickle of more than tensors, which could run code, and is refused; {ADVICE}"
    first, *rest = str(error).splitlines() or [type(error).__name__]
    if isinstance(error, AssertionError) or "state_dict" in first:
        return f"{setting}: {name} does not fit the model: {next(iter(rest), first).strip()[:200]}"
    return f"{setting}: {name} cannot be read as weights ({first[:200]}); {ADVICE}"


def _is_torchscript(path: str) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as opened:
        return any(name.endswith("constants.pkl") for name in opened.namelist())


def _safetensors(file: Path) -> object:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(file)
    except SafetensorError as error:
        raise ValueError(str(error)) from error


def _torch(file: Path) -> object:
    return torch.load(file, map_location="cpu", weights_only=True)


def _state_of(stored: object, path: str, setting: str) -> Tensors:
    for key in ("state_dict", "model"):
        if isinstance(stored, Mapping) and isinstance(stored.get(key), Mapping):
            stored = stored[key]
    if not isinstance(stored, Mapping) or not stored or not all(map(_is_entry, stored.items())):
        raise ConfigError([f"{setting}: {Path(path).name} holds no mapping of names to tensors; save a state_dict"])
    return stored


def _is_entry(entry: tuple[object, object]) -> bool:
    return isinstance(entry[0], str) and isinstance(entry[1], torch.Tensor)


def _unprefixed(tensors: Tensors) -> Tensors:
    if not all(name.startswith("module.") for name in tensors):
        return tensors
    return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}
