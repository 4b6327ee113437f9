"""Any CLIP model that open_clip can build, and its zero-shot classifier.

CLIP: Radford et al. 2021, arXiv 2103.00020. open_clip: Ilharco et al. 2021, doi 10.5281/zenodo.5143773.
"""

import difflib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import open_clip
import torch
from torch import nn
from torch.nn import functional

from farfield import Images
from farfield.errors import ConfigError
from farfield_baselines.networks.checkpoints import OF_CLIP, plain_file, refusal
from farfield_baselines.networks.frozen import looking
from farfield_baselines.networks.pixels import Normalise
from farfield_baselines.prompts import fill, shared_names

WEIGHTS = Path(__file__).parent.parent / "weights"
MINI, MINI_CONFIG = "mini-clip", "mini_clip"  # as settings say it, as open_clip knows it
TOGETHER = 256  # prompts that are embedded at a time
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which model: `model` is a name of open_clip's, or mini-clip, whose weights are shipped.

    `pretrained` is one of open_clip's tags for it, `checkpoint` a file. With both the weights are the file's, and the
    tag says how its images are prepared. open_clip fetches a tag's weights unless they lie in its cache.
    """

    model: str
    pretrained: str = ""
    checkpoint: str = ""


class Clip:
    """Both towers on one device, in float32 and evaluation mode.

    `scale` is the exponential of the learned logit scale; `size` the side of an input image; `pixels` makes the
    image tower's input [B, 3, size, size] of uint8 images [B, H, W, 3]; `model` is open_clip's.
    """

    def __init__(self, model: Any, tokenize: Any, device: str = "cpu") -> None:
        self.model, self.device = model.eval(), device
        self.size = side_of(model)
        self.pixels = Pixels(normalise_of(model, device), self.size)
        self.scale = float(model.logit_scale.detach().exp())
        self._tokenize = tokenize

    @property
    def image_tower(self) -> Any:
        """The module from pixels [B, 3, size, size] to embeddings [B, D], not normalised."""
        visual = self.model.visual
        return FirstOutput(visual) if getattr(visual, "output_tokens", False) else visual

    def tokens(self, prompts: Sequence[str]) -> torch.Tensor:
        """Token numbers [P, context length] on the device."""
        tokens: torch.Tensor = self._tokenize(list(prompts)).to(self.device)
        return tokens

    def embed_images(self, images: npt.NDArray[Any]) -> Floats:
        """uint8 [B, H, W, 3], or the embeddings that the platform has of them -> unit embeddings float32 [B, D]."""
        if images.ndim == 2:
            return images
        with looking(self.device):
            embeddings = self.model.encode_image(self.pixels(images))
            return np.asarray(functional.normalize(embeddings.float(), dim=-1).cpu().numpy())

    @torch.inference_mode()
    def embed_prompts(self, prompts: Sequence[str]) -> Floats:
        """Unit embeddings float32 [P, D], TOGETHER at a time."""
        parts = [prompts[start : start + TOGETHER] for start in range(0, len(prompts), TOGETHER)]
        rows = [self.model.encode_text(self.tokens(part), normalize=True).cpu().numpy() for part in parts]
        return np.concatenate(rows)

    @torch.inference_mode()
    def embed_classes(self, names: Sequence[str], templates: Sequence[str]) -> Floats:
        """Unit embeddings float32 [C, D]; see `class_embedding`. Names that classes share are noted in the log."""
        remark = shared_names(names)
        if remark:
            print(f"class names: {remark}", flush=True)
        return np.stack([self.class_embedding(name, templates).cpu().numpy() for name in names])

    def class_embedding(self, name: str, templates: Sequence[str]) -> torch.Tensor:
        """One class [D]: each prompt's embedding normalised, their mean normalised again (CLIP, section 3.1.4)."""
        tokens = self.tokens([fill(template, name) for template in templates])
        mean = self.model.encode_text(tokens, normalize=True).mean(dim=0)
        return functional.normalize(mean, dim=0)

    def classifier(self, names: Sequence[str], templates: Sequence[str]) -> Floats:
        """Zero-shot weight float32 [C, D] on unit image embeddings: `embed_classes` times `scale`."""
        return np.float32(self.scale) * self.embed_classes(names, templates)


class Pixels:
    """uint8 [B, H, W, 3] -> float32 [B, 3, size, size], normalised; images of another size are resized, bicubic."""

    def __init__(self, normalise: Normalise, size: int) -> None:
        self.normalise, self._size = normalise, size

    def __call__(self, images: npt.NDArray[Any]) -> torch.Tensor:
        pixels = self.normalise(images)
        side = (self._size, self._size)
        if tuple(pixels.shape[2:]) == side:
            return pixels
        return functional.interpolate(pixels, side, mode="bicubic", antialias=True)


class FirstOutput(nn.Module):
    """A tower that also returns its tokens, without them."""

    def __init__(self, tower: nn.Module) -> None:
        super().__init__()
        self.tower = tower

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        pooled: torch.Tensor = self.tower(pixels)[0]
        return pooled


def load(wanted: Wanted, device: str = "cpu") -> Clip:
    """Build it with its weights. Raises ConfigError for a name, a tag or a file that is not to be had."""
    name = config_name(wanted.model)
    model = _with_weights(name, _completed(wanted), device)
    return Clip(model.to(memory_format=torch.channels_last), tokenizer_of(name), device)


@cache
def tokenizer_of(name: str) -> Any:
    """open_clip's tokenizer for a configuration, whose vocabulary is unpacked once in a process."""
    return open_clip.get_tokenizer(name)


def config_name(model: str) -> str:
    """The name under which open_clip has the configuration. Raises ConfigError that offers the near ones."""
    name = MINI_CONFIG if model == MINI else model.replace("/", "-")
    if name == MINI_CONFIG and name not in open_clip.list_models():
        open_clip.add_model_config(WEIGHTS / f"{name}.json")
    known = open_clip.list_models()
    if name not in known:
        raise ConfigError([f"model: open_clip has no model called {model!r}; {_near(model, [MINI, *known])}"])
    return name


def inputs_of(wanted: Wanted) -> Images:
    """How this model's images are prepared before `pixels`: its size, and its tag's interpolation and cropping.

    Raises ConfigError for an unknown name or tag, and for images that are not square.
    """
    name = config_name(wanted.model)
    config: Any = open_clip.get_model_config(name)
    tag = _tag(name, wanted.pretrained) if wanted.pretrained else {}
    side = config["vision_cfg"].get("image_size", 224)
    if not isinstance(side, int):
        raise ConfigError([f"model: {wanted.model} takes images of {side} pixels; only square ones are supported"])
    squashed = tag.get("resize_mode") == "squash"
    return Images(size=side, interpolation=tag.get("interpolation", "bicubic"), crop="squash" if squashed else "center")


def side_of(model: Any) -> int:
    """The side of a model's images in pixels. Raises ConfigError when they are not square."""
    sides = {*np.atleast_1d(model.visual.preprocess_cfg["size"]).tolist()}
    if len(sides) != 1:
        raise ConfigError([f"model: it takes images of {sorted(sides)} pixels; only square ones are supported"])
    return int(sides.pop())


def normalise_of(model: Any, device: str) -> Normalise:
    """open_clip's own normalisation for this model."""
    how = model.visual.preprocess_cfg
    return Normalise([255 * value for value in how["mean"]], [255 * value for value in how["std"]], device)


def _completed(wanted: Wanted) -> Wanted:
    if wanted.pretrained or wanted.checkpoint:
        return wanted
    if config_name(wanted.model) == MINI_CONFIG:
        return Wanted(model=wanted.model, checkpoint=str(WEIGHTS / f"{MINI_CONFIG}.safetensors"))
    tags = ", ".join(open_clip.list_pretrained_tags_by_model(config_name(wanted.model))) or "none"
    raise ConfigError([f"model: {wanted.model} needs weights: give checkpoint, a file, or pretrained, one of {tags}"])


def _with_weights(name: str, wanted: Wanted, device: str) -> Any:
    if not wanted.checkpoint:
        _tag(name, wanted.pretrained)
        return _fetched(name, wanted, device)
    tag = _tag(name, wanted.pretrained) if wanted.pretrained else {}
    how = {key: tag[key] for key in ("mean", "std", "interpolation", "resize_mode") if key in tag}
    with (
        tempfile.TemporaryDirectory() as folder,
        plain_file(wanted.checkpoint, "checkpoint", Path(folder), wanted=OF_CLIP) as file,
    ):
        try:
            return open_clip.create_model(name, pretrained=str(file), device=device, force_preprocess_cfg=how or None)
        except Exception as error:  # open_clip's own, torch's and safetensors' alike: the file is at fault
            raise ConfigError([refusal(wanted.checkpoint, "checkpoint", error)]) from error


def _fetched(name: str, wanted: Wanted, device: str) -> Any:
    try:
        return open_clip.create_model(name, pretrained=wanted.pretrained, device=device)
    except RuntimeError as error:
        lacks = f"pretrained: the weights {wanted.pretrained} of {wanted.model} could not be fetched"
        advice = "download them where there is a network, and give the file as checkpoint"
        raise ConfigError([f"{lacks}; {advice}"]) from error


def _tag(name: str, tag: str) -> dict[str, Any]:
    known = open_clip.list_pretrained_tags_by_model(name)
    if tag.lower().replace("-", "_") not in known and tag not in known:
        raise ConfigError([f"pretrained: {name} has no weights called {tag!r}; {_near(tag, known)}"])
    found: dict[str, Any] = open_clip.get_pretrained_cfg(name, tag)
    return found


def _near(name: str, known: Sequence[str]) -> str:
    """What to write instead: the likeliest few, or all there are."""
    lower = {k.lower(): k for k in known}
    near = [lower[match] for match in difflib.get_close_matches(name.lower(), lower, n=5, cutoff=0.5)]
    if near:
        return f"near ones are {', '.join(near)}"
    return f"there are {', '.join(known[:8]) or 'none'}{' and others' if len(known) > 8 else ''}"
