"""OpenOOD's data folder with a few tiny images, in the layout of the release."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from tests.suites.imagenet.data.trees import picture

from farfield_evaluators.data.image_lists import Lists
from farfield_evaluators.suites.openood.data.small_images import CIFAR10, OF_CIFAR10

Lines = list[tuple[str, int]]

CIFAR: Mapping[str, Lines] = MappingProxyType(
    {
        "train_cifar10.txt": [(f"cifar10/train/{name}/0001.png", n) for n, name in enumerate(CIFAR10)],
        "test_cifar10.txt": [(f"cifar10/test/{name}/0298.png", n) for n, name in enumerate(CIFAR10)],
        "val_cifar10.txt": [(f"cifar10/test/{name}/0187.png", n) for n, name in enumerate(CIFAR10)],
        "test_cifar100.txt": [("cifar100/test/streetcar/0065.png", -1), ("cifar100/test/possum/0083.png", -1)],
        "test_tin.txt": [("tin/val/images/val_0.JPEG", -1)],
        "test_mnist.txt": [("mnist/test/8_8486.jpg", -1), ("mnist/train/9_30085.jpg", -1)],
        "test_svhn.txt": [("svhn/test/022008_2.jpg", -1)],
        "test_texture.txt": [("texture/gauzy/gauzy_0138.jpg", -1)],
        "test_places365.txt": [("places365/museum-indoor/Places365_val_00017261.jpg", -1)],
        "val_tin.txt": [("tin/val/images/val_2.JPEG", -1)],
    }
)
"""As lines of the released lists: paths, labels and their forms."""


def small(spec: Lists = OF_CIFAR10, lines: Mapping[str, Lines] = CIFAR, per_class: int = 2) -> Lists:
    """The lists as if they had these lines."""
    sets = {name: replace(one, count=len(lines[one.file])) for name, one in spec.sets.items()}
    return replace(spec, sets=sets, per_class=per_class)


def write(root: Path, folder: str, lines: Mapping[str, Lines], images: str = "images_classic") -> Path:
    """The lists below `root`, and an image wherever a line says one lies."""
    for file, rows in lines.items():
        where = root / "benchmark_imglist" / folder / file
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text("".join(f"{path} {label}\n" for path, label in rows))
        for path, _ in rows:
            if not (root / images / path).exists():
                picture(root / images / path)
    return root
