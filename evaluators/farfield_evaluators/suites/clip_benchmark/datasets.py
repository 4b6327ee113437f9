"""The data sets of CLIP_benchmark that have a board here: its list of webdatasets, Food-101 and CUB.

Numbers of test images: of each data set's test split as CLIP_benchmark takes it; SUN397 has none, so all its images are
tested. Every accuracy of CLIP_benchmark's results is a whole number of these images. Caltech-101 has one more in the
webdataset than had been tested there. ImageNet and its shifts have boards of their own, imagenet-ood/imagenet.
Source: Schuhmann et al., LAION-5B, NeurIPS 2022 Datasets and Benchmarks (arXiv 2210.08402), table of VTAB+;
LAION-AI/CLIP_benchmark 48de38c, benchmark/webdatasets.txt.
"""

from collections.abc import Sequence
from dataclasses import dataclass

SUITE = "clip-benchmark"
VTAB = "Zhai et al., A Large-scale Study of Representation Learning with VTAB, 2019 (arXiv 1910.04867)"


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """key: what CLIP_benchmark calls it. what: what is told apart. multilabel: an image may show several classes.

    tested: how many test images a copy has; several numbers where copies differ.
    folders: CLIP_benchmark reads it from a folder for each class, `<split>/<class>/<image>`.
    """

    key: str
    title: str
    what: str
    tested: tuple[int, ...]
    paper: str
    multilabel: bool = False
    folders: bool = False

    @property
    def short(self) -> str:
        """The name under which CLIP_benchmark's prompts and class names are listed."""
        return self.key.rpartition("/")[2]

    @property
    def name(self) -> str:
        """The board's and the pack's."""
        return f"{SUITE}/{self.short.replace('_', '-')}"


def _set(key: str, title: str, what: str, tested: int, paper: str, *also: int) -> DataSet:
    return DataSet(key=key, title=title, what=what, tested=(tested, *also), paper=paper)


def _in_folders(key: str, title: str, what: str, tested: int, paper: str) -> DataSet:
    return DataSet(key=key, title=title, what=what, tested=(tested,), paper=paper, folders=True)


_VOC = "Everingham et al., The PASCAL Visual Object Classes Challenge, IJCV 2010"
_CIFAR = "Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009"
_CLEVR = "Johnson et al., CLEVR, CVPR 2017 (arXiv 1612.06890)"
_DSPRITES = "Matthey et al., dSprites: Disentanglement testing Sprites dataset, 2017"
_NORB = "LeCun et al., Learning Methods for Generic Object Recognition, CVPR 2004"
_CLIP = "Radford et al., Learning Transferable Visual Models, ICML 2021 (arXiv 2103.00020)"

DATA_SETS: Sequence[DataSet] = (
    _in_folders("fer2013", "FER2013", "Facial expressions", 7_178, "Goodfellow et al., 2013 (arXiv 1307.0414)"),
    _set("voc2007", "VOC 2007, objects", "Objects, each cut out by its box", 14_976, _VOC),
    DataSet(
        key="voc2007_multilabel",
        title="VOC 2007, multi-label",
        what="All kinds of objects in a photograph",
        tested=(4_952,),
        paper=_VOC,
        multilabel=True,
    ),
    _set("food101", "Food-101", "Dishes", 25_250, "Bossard et al., Food-101, ECCV 2014"),
    _set("sun397", "SUN397", "Scenes", 108_754, "Xiao et al., SUN Database, CVPR 2010"),
    _set("cars", "Stanford Cars", "Models of cars", 8_041, "Krause et al., 3D Object Representations, 3DRR 2013"),
    _set("fgvc_aircraft", "FGVC Aircraft", "Variants of aircraft", 3_333, "Maji et al., 2013 (arXiv 1306.5151)"),
    _set("mnist", "MNIST", "Written digits", 10_000, "LeCun et al., Gradient-Based Learning, Proc. IEEE 1998"),
    _set("stl10", "STL-10", "Ten kinds of things", 8_000, "Coates et al., AISTATS 2011"),
    _set("gtsrb", "GTSRB", "Traffic signs", 12_630, "Stallkamp et al., Man vs. Computer, Neural Networks 2012"),
    _in_folders("country211", "Country211", "The country of a photograph", 21_100, _CLIP),
    _in_folders("renderedsst2", "Rendered SST2", "The sentiment of a sentence in a picture", 1_821, _CLIP),
    _set("vtab/caltech101", "Caltech-101", "Objects", 6_084, "Fei-Fei et al., CVPR Workshops 2004", 6_085),
    _set("vtab/cifar10", "CIFAR-10", "Ten kinds of things, at 32 pixels", 10_000, _CIFAR),
    _set("vtab/cifar100", "CIFAR-100", "A hundred kinds of things, at 32 pixels", 10_000, _CIFAR),
    _set("vtab/clevr_count_all", "CLEVR, count", "How many objects a scene has", 15_000, _CLEVR),
    _set("vtab/clevr_closest_object_distance", "CLEVR, distance", "How near the nearest object is", 15_000, _CLEVR),
    _set(
        "vtab/diabetic_retinopathy", "Diabetic retinopathy", "Stages of an eye disease", 42_670, "Kaggle, EyePACS 2015"
    ),
    _set("vtab/cub", "CUB-200-2011", "Birds", 5_794, "Wah et al., The Caltech-UCSD Birds-200-2011 Dataset, 2011"),
    _set("vtab/dmlab", "DMLab", "How far things in a maze are", 22_735, "Beattie et al., 2016 (arXiv 1612.03801)"),
    _set("vtab/dsprites_label_orientation", "dSprites, orientation", "How a shape is turned", 73_728, _DSPRITES),
    _set(
        "vtab/dsprites_label_x_position", "dSprites, x position", "Where a shape is, from the left", 73_728, _DSPRITES
    ),
    _set("vtab/dsprites_label_y_position", "dSprites, y position", "Where a shape is, from above", 73_728, _DSPRITES),
    _set("vtab/dtd", "DTD", "Textures", 1_880, "Cimpoi et al., CVPR 2014 (arXiv 1311.3618)"),
    _set("vtab/eurosat", "EuroSAT", "Land use, from a satellite", 5_400, "Helber et al., 2017 (arXiv 1709.00029)"),
    _set(
        "vtab/kitti_closest_vehicle_distance",
        "KITTI, distance",
        "How near the nearest car is",
        711,
        "Geiger et al., IJRR 2013",
    ),
    _set("vtab/flowers", "Flowers-102", "Flowers", 6_149, "Nilsback & Zisserman, ICVGIP 2008"),
    _set("vtab/pets", "Oxford Pets", "Breeds of cats and dogs", 3_669, "Parkhi et al., Cats and Dogs, CVPR 2012"),
    _set("vtab/pcam", "PatchCamelyon", "Tumour tissue", 32_768, "Veeling et al., 2018 (arXiv 1806.03962)"),
    _set("vtab/resisc45", "RESISC45", "Scenes, from above", 6_300, "Cheng et al., 2017 (arXiv 1703.00121)"),
    _set("vtab/smallnorb_label_azimuth", "SmallNORB, azimuth", "From which side a toy is seen", 12_150, _NORB),
    _set("vtab/smallnorb_label_elevation", "SmallNORB, elevation", "From which height a toy is seen", 12_150, _NORB),
    _set("vtab/svhn", "SVHN", "Digits of house numbers", 26_032, "Netzer et al., NIPS Workshops 2011"),
)
