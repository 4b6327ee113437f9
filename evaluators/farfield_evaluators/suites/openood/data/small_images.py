"""OpenOOD v1.5's image lists whose ID images are of CIFAR-10 or CIFAR-100.

Zhang et al. 2023 (arXiv 2306.09301), section 3 and appendix. CIFAR's official test images are cut into a test list of
nine tenths and an ID validation list of one; images that show an ID class are taken out of the OOD sets, so that Tiny
ImageNet and Places365 have other lengths against CIFAR-10 than against CIFAR-100. All of MNIST counts, its training
images too. Numbers of lines were read in lists that others published beside their code.
"""

from collections.abc import Mapping
from types import MappingProxyType

from farfield_evaluators.data.image_lists import CLASSIC, ImageList, Lists
from farfield_evaluators.data.packs import PackClass

_CIFAR10 = "airplane automobile bird cat deer dog frog horse ship truck"
_CIFAR100 = (
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle "
    "caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant "
    "flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man "
    "maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree "
    "plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper "
    "snail snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train "
    "trout tulip turtle wardrobe whale willow_tree wolf woman worm"
)
CIFAR10, CIFAR100 = tuple(_CIFAR10.split()), tuple(_CIFAR100.split())
"""Folders of the release; a class's number is its place among them, sorted."""


def classes_of(folders: tuple[str, ...]) -> tuple[PackClass, ...]:
    """Classes by the names of their folders, as prompts have them: `aquarium fish`."""
    return tuple(PackClass(name=folder.replace("_", " ")) for folder in folders)


def _known(file: str, count: int, folders: tuple[str, ...]) -> ImageList:
    numbers = {folder: number for number, folder in enumerate(folders)}
    return ImageList(file=file, images=CLASSIC, count=count, id=True, folders=lambda: numbers)


def _other(file: str, count: int) -> ImageList:
    return ImageList(file=file, images=CLASSIC, count=count)


def _far(places: int) -> Mapping[str, ImageList]:
    return {
        "far/mnist": _other("test_mnist.txt", 70_000),
        "far/svhn": _other("test_svhn.txt", 26_032),
        "far/texture": _other("test_texture.txt", 5_640),
        "far/places365": _other("test_places365.txt", places),
    }


OF_CIFAR10 = Lists(
    name="openood/cifar10",
    title="OpenOOD v1.5, CIFAR-10: training and ID, near and far OOD, and OOD validation",
    folder="cifar10",
    classes=lambda: classes_of(CIFAR10),
    per_class=1000,
    sets=MappingProxyType(
        {
            "train": _known("train_cifar10.txt", 50_000, CIFAR10),
            "id/test": _known("test_cifar10.txt", 9_000, CIFAR10),
            "id/val": _known("val_cifar10.txt", 1_000, CIFAR10),
            "near/cifar100": _other("test_cifar100.txt", 9_000),
            "near/tin": _other("test_tin.txt", 7_793),
            **_far(places=35_195),
            "val/tin": _other("val_tin.txt", 1_000),
        }
    ),
)
OF_CIFAR100 = Lists(
    name="openood/cifar100",
    title="OpenOOD v1.5, CIFAR-100: training and ID, near and far OOD, and OOD validation",
    folder="cifar100",
    classes=lambda: classes_of(CIFAR100),
    per_class=100,
    sets=MappingProxyType(
        {
            "train": _known("train_cifar100.txt", 50_000, CIFAR100),
            "id/test": _known("test_cifar100.txt", 9_000, CIFAR100),
            "id/val": _known("val_cifar100.txt", 1_000, CIFAR100),
            "near/cifar10": _other("test_cifar10.txt", 10_000),
            "near/tin": _other("test_tin.txt", 6_526),
            **_far(places=33_773),
            "val/tin": _other("val_tin.txt", 972),
        }
    ),
)
