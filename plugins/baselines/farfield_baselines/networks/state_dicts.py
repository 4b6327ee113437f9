"""Which tensors of a training checkpoint are the model's, and what they are called without what trainers put before."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

Tensors = Mapping[str, torch.Tensor]
AVERAGED = ("state_dict_ema", "model_ema", "ema_state_dict", "params_ema")  # the first two and their order: timm's
PLAIN = ("state_dict", "model", "model_state_dict", "model_state", "network", "net", "params")
RIVALS = ("teacher", "student")  # of self-distillation the first is wanted, of other distillation the second
COMPILED = "_orig_mod."  # torch.compile, of the whole or of parts
DISTRIBUTED = "module."
COUNTERS = frozenset({"n_averaged", "num_updates", "decay"})  # beside averaged weights
# Lightning's and other trainers' attribute for the network, after which all its tensors are called.
TRAINERS = ("model.", "network.", "net.", "backbone.", "encoder.", "teacher.", "student.")
DEEPEST = 3
ANOTHER = "name another part behind the path, such as FILE#"


class Ambiguous(ValueError):
    """Two parts of a checkpoint could be meant; the message names them."""


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """Tensors, and a sentence for each choice that was made on the way to them."""

    tensors: Tensors
    notes: tuple[str, ...] = ()


def choose(stored: object, part: str = "", wanted: Collection[str] = ()) -> Chosen:
    """The model's tensors among what a file holds, by the names that the model gives them.

    part: the entry, or what names begin with, that somebody asked for. wanted: some names of the model's own, by which
    what belongs to it is known. Averaged weights go before plain ones, as in timm. Raises ValueError when there are no
    tensors or not that part, and Ambiguous.
    """
    notes: list[str] = []
    if part:
        stored = _part(stored, part)
    for _ in range(DEEPEST):
        key = _entry(stored)
        if key is None:
            break
        assert isinstance(stored, Mapping)  # noqa: S101 - for mypy: it has the entry
        others = [name for name in (*AVERAGED, *PLAIN) if name != key and _is_part(stored.get(name))]
        if others:
            averaged = ", the averaged weights, as timm does" if key in AVERAGED else ""
            notes.append(f"took {key}{averaged}; {ANOTHER}{others[0]}")
        stored = stored[key]
    if not isinstance(stored, Mapping) or not stored or not all(map(_is_tensor, stored.items())):
        raise ValueError("it holds no mapping of names to tensors; save a state_dict")
    return Chosen(tensors=unwrapped(stored, wanted), notes=tuple(notes))


def unwrapped(tensors: Tensors, wanted: Collection[str] = ()) -> Tensors:
    """The tensors without the prefixes of torch.compile, of distributed training, and of trainers.

    What a trainer puts before a name is taken off where all names have it, or where only without it a name is one of
    `wanted`; never where a name is wanted as it is. Raises Ambiguous where two groups of names would do.
    """
    plain = {name.replace(COMPILED, ""): tensor for name, tensor in tensors.items()}
    found = list(_views(plain, DEEPEST))
    fitting = [view for view in found if any(name in view for name in wanted)]
    if fitting:
        best = max(sum(name in view for name in wanted) for view in fitting)
        fitting = [view for view in fitting if sum(name in view for name in wanted) == best]
        if fitting[0] is not found[0] and len(fitting) > 1:
            raise Ambiguous(f"{' and '.join(RIVALS)} would both do; {ANOTHER}{RIVALS[0]}")
        return fitting[0]
    whole = [view for view in found if len(view) >= len(plain.keys() - COUNTERS)]
    return whole[-1]


def _views(tensors: Tensors, depth: int) -> Iterator[Tensors]:
    """The tensors as they are called, and those behind each prefix, without it, and so on."""
    yield tensors
    if depth:
        for prefix in (DISTRIBUTED, *TRAINERS):
            behind = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
            if behind:
                yield from _views(behind, depth - 1)


def _entry(stored: object) -> str | None:
    """The entry with the model's tensors, where there are entries. Raises Ambiguous for a teacher and a student."""
    if not isinstance(stored, Mapping):
        return None
    parts: Sequence[str] = [name for name in (*AVERAGED, *PLAIN) if _is_part(stored.get(name))]
    rivals = [name for name in RIVALS if _is_part(stored.get(name))]
    if not parts and len(rivals) > 1:
        raise Ambiguous(f"it holds {' and '.join(rivals)}; {ANOTHER}{rivals[0]}")
    return next(iter([*parts, *rivals]), None)


def _part(stored: object, part: str) -> object:
    """An entry of that name, or the tensors whose names begin with it."""
    if isinstance(stored, Mapping) and _is_part(stored.get(part)):
        return stored[part]
    inner = stored
    while (key := _entry(inner) if isinstance(inner, Mapping) else None) is not None:
        inner = inner[key]  # type: ignore[index]
        if isinstance(inner, Mapping) and _is_part(inner.get(part)):
            return inner[part]
    names = [name for name in inner if isinstance(name, str)] if isinstance(inner, Mapping) else []
    behind = {n.removeprefix(f"{part}."): inner[n] for n in names if n.startswith(f"{part}.")}  # type: ignore[index]
    if not behind:
        keys = sorted(map(str, stored))[:8] if isinstance(stored, Mapping) else []
        raise ValueError(f"it has no part {part!r}; it holds {', '.join(keys) or 'none'}")
    return behind


def _is_part(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value)


def _is_tensor(entry: tuple[object, object]) -> bool:
    return isinstance(entry[0], str) and isinstance(entry[1], torch.Tensor)
