"""The data sets: DomainBed's facts as data, and ours.

Facts of DomainBed's paper as of its revisions 7b76666 and 22002ea (Gulrajani & Lopez-Paz, "In Search of Lost Domain
Generalization", ICLR 2021).
"""

from farfield.errors import UnknownName
from farfield_evaluators.suites.domainbed.dataset import DataSet
from farfield_evaluators.suites.domainbed.further import FURTHER

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

DATASETS = (*DOMAINBED, *FURTHER, *OURS)  # in the order of tables


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
