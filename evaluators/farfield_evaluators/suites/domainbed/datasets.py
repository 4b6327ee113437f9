"""The data sets: DomainBed's facts as data, and ours.

Facts of DomainBed as of its revisions 7b76666 and 22002ea (Gulrajani & Lopez-Paz, "In Search of Lost Domain
Generalization", ICLR 2021).
"""

from dataclasses import dataclass

from farfield.errors import UnknownName

STEPS = 5001
SMOKE_STEPS, SMOKE_CHECKPOINT_EVERY = 21, 10
HOLDOUT_FRACTION = 0.2
SMALL_BATCH, LARGE_BATCH = 64, 32  # an environment and step
SMALL_LR, LARGE_LR = 1e-3, 5e-5


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One data set: its names, its environments in index order, and how it is trained on.

    `name` is DomainBed's class name, which stands in records and in seeds; `benchmark` is ours. Index order is the
    sorted order of the official folders, which `folders` names below `root` ("" where there are no folders).
    `rule` makes the images for each trial, from the pack `made_from`; without one they lie in a pack of their own.
    `smoke_steps` and `smoke_checkpoint_every` are those of the tier for authors.
    """

    name: str
    benchmark: str
    environments: tuple[str, ...]
    checkpoint_every: int
    small_images: bool = False
    root: str = ""
    folders: tuple[str, ...] = ()
    steps: int = STEPS
    rule: str = ""
    made_from: str = ""
    smoke_steps: int = SMOKE_STEPS
    smoke_checkpoint_every: int = SMOKE_CHECKPOINT_EVERY

    @property
    def pack(self) -> str:
        """The name of the pack that it is made from."""
        return self.made_from or self.benchmark

    @property
    def batch_size(self) -> int:
        """Images of each training environment in a step, with default hyperparameters."""
        return SMALL_BATCH if self.small_images else LARGE_BATCH

    @property
    def lr(self) -> float:
        """The default learning rate."""
        return SMALL_LR if self.small_images else LARGE_LR


COLORED_MNIST = DataSet(
    name="ColoredMNIST",
    benchmark="domainbed/colored-mnist",
    environments=("+90%", "+80%", "-90%"),
    checkpoint_every=100,
    small_images=True,
    rule="colored",
    made_from="domainbed/mnist",
)
ROTATED_MNIST = DataSet(
    name="RotatedMNIST",
    benchmark="domainbed/rotated-mnist",
    environments=("0", "15", "30", "45", "60", "75"),
    checkpoint_every=100,
    small_images=True,
    rule="rotated",
    made_from="domainbed/mnist",
)
VLCS = DataSet(
    name="VLCS",
    benchmark="domainbed/vlcs",
    environments=("C", "L", "S", "V"),
    checkpoint_every=300,
    root="VLCS",
    folders=("Caltech101", "LabelMe", "SUN09", "VOC2007"),
)
PACS = DataSet(
    name="PACS",
    benchmark="domainbed/pacs",
    environments=("A", "C", "P", "S"),
    checkpoint_every=300,
    root="PACS",
    folders=("art_painting", "cartoon", "photo", "sketch"),
)
OFFICE_HOME = DataSet(
    name="OfficeHome",
    benchmark="domainbed/office-home",
    environments=("A", "C", "P", "R"),
    checkpoint_every=300,
    root="office_home",
    folders=("Art", "Clipart", "Product", "Real World"),
)
TERRA_INCOGNITA = DataSet(
    name="TerraIncognita",
    benchmark="domainbed/terra-incognita",
    environments=("L100", "L38", "L43", "L46"),
    checkpoint_every=300,
    root="terra_incognita",
    folders=("location_100", "location_38", "location_43", "location_46"),
)
DOMAIN_NET = DataSet(
    name="DomainNet",
    benchmark="domainbed/domain-net",
    environments=("clip", "info", "paint", "quick", "real", "sketch"),
    checkpoint_every=1000,
    root="domain_net",
    folders=("clipart", "infograph", "painting", "quickdraw", "real", "sketch"),
)
DOMAINBED = (COLORED_MNIST, ROTATED_MNIST, VLCS, PACS, OFFICE_HOME, TERRA_INCOGNITA, DOMAIN_NET)

COLORED_FASHION = DataSet(
    name="ColoredFashion",
    benchmark="domainbed/colored-fashion",
    environments=COLORED_MNIST.environments,
    checkpoint_every=100,
    small_images=True,
    rule="colored",
    made_from="domainbed/fashion-mnist",
)
ROTATED_FASHION = DataSet(
    name="RotatedFashion",
    benchmark="domainbed/rotated-fashion",
    environments=ROTATED_MNIST.environments,
    checkpoint_every=100,
    small_images=True,
    rule="rotated",
    made_from="domainbed/fashion-mnist",
)
STYLES = DataSet(
    name="Styles",
    benchmark="domainbed/styles",
    environments=("emojione", "fluent", "noto", "openmoji", "photographs", "symbola", "twemoji"),
    checkpoint_every=300,
    smoke_steps=301,
    smoke_checkpoint_every=100,
)
OURS = (COLORED_FASHION, ROTATED_FASHION, STYLES)

# Further data sets of DomainBed's: records are read, but there is no importer.
SVIRO = DataSet(
    name="SVIRO",
    benchmark="domainbed/sviro",
    environments=("aclass", "escape", "hilux", "i3", "lexus", "tesla", "tiguan", "tucson", "x5", "zoe"),
    checkpoint_every=300,
    root="sviro",
)
WILDS_CAMELYON = DataSet(
    name="WILDSCamelyon",
    benchmark="domainbed/wilds-camelyon",
    environments=tuple(f"hospital_{i}" for i in range(5)),
    checkpoint_every=100,
)
WILDS_FMOW = DataSet(
    name="WILDSFMoW",
    benchmark="domainbed/wilds-fmow",
    environments=tuple(f"region_{i}" for i in range(6)),
    checkpoint_every=100,
)
RECORDS_ONLY = (SVIRO, WILDS_CAMELYON, WILDS_FMOW)

DATASETS = (*DOMAINBED, *RECORDS_ONLY, *OURS)  # in the order of tables
IMPORTABLE = (*DOMAINBED, *OURS)  # those that a pack can be imported for, and that have a benchmark


def find(name: str) -> DataSet:
    """The data set of that DomainBed name or benchmark name. Raises UnknownName with the names there are."""
    for dataset in DATASETS:
        if name in {dataset.name, dataset.benchmark}:
            return dataset
    raise UnknownName("DomainBed data set", name, [d.name for d in DATASETS])


def known(name: str) -> bool:
    """Whether a record's data set is one of these."""
    return any(name == dataset.name for dataset in DATASETS)


def checkpoint_steps(steps: int, every: int) -> tuple[int, ...]:
    """Steps with a record: every `every`-th from 0, and the last. Both are positive.

    >>> checkpoint_steps(1001, 300)
    (0, 300, 600, 900, 1000)
    """
    return (*range(0, steps - 1, every), steps - 1)
