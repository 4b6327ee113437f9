"""What the releases hold that are folders of classes: where, which classes, how many images, each with its source.

val and train: Russakovsky et al., IJCV 2015 (arXiv 1409.0575), table 2. V2: Recht et al., ICML 2019 (arXiv 1902.10811),
three variants, ten images a class each. R: Hendrycks et al., ICCV 2021 (arXiv 2006.16241). A: Hendrycks et al., CVPR
2021 (arXiv 1907.07174). Sketch: Wang et al., NeurIPS 2019 (arXiv 1905.13549) say 50 images a class; the archive that
circulates has 50,889, and both are accepted. Stylized: Geirhos et al., ICLR 2019 (arXiv 1811.12231), made of val.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from farfield_evaluators.data import imagenet_classes as classes

TERMS = "ImageNet's terms of access: non-commercial research and education; the images are their owners'"


@dataclass(frozen=True, kw_only=True)
class Release:
    """A release in its official layout, `<class folder>/<image>`.

    set: the name of its only set in the pack. wnids: its classes; numbered: its folders are 0..999, a class's number,
    in place of wnids. counts: images of all classes, in each known release; per_class: (fewest, most) of a class.
    unpacked_as: folders in which the class folders may lie; companions: files that may lie beside them.
    variants: what the folder is not called, for then it holds another variant of the same layout and counts.
    restricted: logits are restricted to the release's classes.
    """

    name: str
    title: str
    licence: str
    set: str
    wnids: Callable[[], tuple[str, ...]] = classes.wnids
    numbered: bool = False
    counts: tuple[int, ...]
    per_class: tuple[int, int]
    unpacked_as: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    restricted: bool = False
    notes: tuple[str, ...] = ()

    def labels(self) -> dict[str, int]:
        """The number of ImageNet's class that each official folder stands for."""
        numbers = classes.numbers()
        return {str(numbers[w]) if self.numbered else w: numbers[w] for w in self.wnids()}


VAL = Release(
    name="imagenet/val",
    title="ImageNet-1k, validation set",
    licence=TERMS,
    set="val",
    counts=(50_000,),
    per_class=(50, 50),
    unpacked_as=("val", "imagenet_1k/val", "ILSVRC/Data/CLS-LOC/val"),
)
TRAIN = Release(
    name="imagenet/train",
    title="ImageNet-1k, training set",
    licence=TERMS,
    set="train",
    counts=(1_281_167,),
    per_class=(732, 1300),
    unpacked_as=("train", "imagenet_1k/train", "ILSVRC/Data/CLS-LOC/train"),
)
V2 = Release(
    name="imagenet/v2",
    title="ImageNet-V2, matched frequency: new photographs, collected as ImageNet's were",
    licence="MIT for the collection; the images are their owners'",
    set="v2",
    numbered=True,
    counts=(10_000,),
    per_class=(10, 10),
    unpacked_as=("imagenetv2-matched-frequency-format-val", "imagenetv2-matched-frequency", "imagenet_v2"),
    variants=("threshold", "top-images"),
)
V2_THRESHOLD = replace(
    V2,
    name="imagenet/v2-threshold",
    title="ImageNet-V2, threshold 0.7: photographs that 7 of 10 people chose for their class",
    set="v2-threshold",
    unpacked_as=("imagenetv2-threshold0.7-format-val", "imagenetv2-threshold0.7"),
    variants=("matched", "top-images"),
)
V2_TOP = replace(
    V2,
    name="imagenet/v2-top-images",
    title="ImageNet-V2, top images: photographs that most people chose for their class",
    set="v2-top-images",
    unpacked_as=("imagenetv2-top-images-format-val", "imagenetv2-top-images"),
    variants=("matched", "threshold"),
)
R = Release(
    name="imagenet/r",
    title="ImageNet-R: renditions of 200 classes",
    licence="MIT for the collection; the images are their owners'",
    set="r",
    wnids=classes.imagenet_r,
    counts=(30_000,),
    per_class=(1, 1_000),
    unpacked_as=("imagenet-r",),
    companions=("README.txt",),
    restricted=True,
)
A = Release(
    name="imagenet/a",
    title="ImageNet-A: photographs of 200 classes that a ResNet-50 gets wrong",
    licence="MIT for the collection; the images are their owners'",
    set="a",
    wnids=classes.imagenet_a,
    counts=(7_500,),
    per_class=(1, 1_000),
    unpacked_as=("imagenet-a",),
    companions=("README.txt",),
    restricted=True,
)
SKETCH = Release(
    name="imagenet/sketch",
    title="ImageNet-Sketch: black-and-white sketches of the 1000 classes",
    licence="none stated; collected from the web, for research",
    set="sketch",
    counts=(50_889, 50_000),
    per_class=(1, 100),
    unpacked_as=("sketch", "imagenet-sketch"),
)
STYLIZED = Release(
    name="imagenet/stylized",
    title="Stylized-ImageNet: the validation set in the style of paintings",
    licence=TERMS,
    set="stylized",
    counts=(50_000,),
    per_class=(50, 50),
    unpacked_as=("val", "stylized-imagenet/val", "SIN/val"),
)
RELEASES: tuple[Release, ...] = (VAL, TRAIN, V2, V2_THRESHOLD, V2_TOP, R, A, SKETCH, STYLIZED)
