"""Weight interpolation layer by layer, guided by how sharp the loss is along each layer.

Abdollahpoorrostam 2024, arXiv 2410.16476: on the path between the zero-shot and the fine-tuned model the sharpness of
a few layers, the stragglers, goes with how well the interpolated model generalises, and sparsity in them repairs
interpolations that fail.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

import torch
from torch import nn

from farfield_baselines.networks.fine_tuning import State, interpolate

Layers = Mapping[str, tuple[str, ...]]  # a layer's name -> the names of its parameters


def layers_of(names: Iterable[str]) -> Layers:
    """Parameters grouped into layers: by the first number in their path, as in blocks.3, else by their module.

    >>> layers_of(["stem.weight", "blocks.0.conv.weight", "blocks.0.norm.bias", "blocks.1.conv.weight"])
    {'stem': ('stem.weight',), 'blocks.0': ('blocks.0.conv.weight', 'blocks.0.norm.bias'), \
'blocks.1': ('blocks.1.conv.weight',)}
    """
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        layer = _layer(name)
        found[layer] = (*found.get(layer, ()), name)
    return found


@torch.no_grad()
def sharpness(
    network: nn.Module, names: Sequence[str], loss: Callable[[], float], radius: float, generators: Sequence[int]
) -> float:
    """How much the loss rises on average when these parameters alone are moved at random.

    A parameter w moves by radius |w| times a standard normal draw, so that a layer's sharpness does not depend on the
    scale of its weights (adaptive sharpness, Kwon et al. 2021, arXiv 2102.11600). One draw for each seed in
    `generators`; the parameters are put back exactly.
    """
    parameters = dict(network.named_parameters())
    kept = {name: parameters[name].detach().clone() for name in names}
    level, rises = loss(), []
    for seed in generators:
        generator = torch.Generator().manual_seed(seed)
        for name, value in kept.items():
            noise = torch.randn(value.shape, generator=generator).to(value)
            parameters[name].copy_(value + radius * value.abs() * noise)
        rises.append(loss() - level)
    for name, value in kept.items():
        parameters[name].copy_(value)
    return sum(rises) / len(rises)


def stragglers(sharp: Mapping[str, float], share: float) -> tuple[str, ...]:
    """The sharpest round(share n) of n layers, the sharpest first; equals stay in their order.

    >>> stragglers({"a": 0.1, "b": 0.9, "c": 0.5}, 0.7)
    ('b', 'c')
    """
    return tuple(sorted(sharp, key=lambda layer: -sharp[layer])[: round(share * len(sharp))])


def interpolate_sparsely(
    start: State, end: State, alpha: float, sparse: Iterable[str], keep: float
) -> dict[str, torch.Tensor]:
    """As `interpolate`, except that of each `sparse` tensor only the largest share `keep` of the change is made.

    At keep 1 it is WiSE-FT; at keep 0 the sparse tensors stay as they were at the start.
    """
    chosen = frozenset(sparse)
    pruned = {key: _pruned(start[key], value, keep) if key in chosen else value for key, value in end.items()}
    return interpolate(start, pruned, alpha)


def _pruned(start: torch.Tensor, end: torch.Tensor, keep: float) -> torch.Tensor:
    """`end` where it is farthest from `start`, for a share `keep` of the values, and `start` elsewhere."""
    change = (end - start).abs().flatten()
    kept = round(keep * change.numel())
    mask = torch.zeros_like(change, dtype=torch.bool)
    mask[change.topk(kept).indices] = True
    return torch.where(mask.view_as(start), end, start)


def _layer(name: str) -> str:
    parts = name.split(".")
    for place, part in enumerate(parts):
        if part.isdigit():
            return ".".join(parts[: place + 1])
    return ".".join(parts[:-1]) or name
