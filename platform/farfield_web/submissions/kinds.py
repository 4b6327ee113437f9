"""What a submission may be, and where a method may come from."""

from enum import StrEnum


class Kind(StrEnum):
    """What a person enters; a worker says which of these it accepts."""

    CONFIGURATION = "configuration"
    PLUGIN = "plugin"
    PREDICTIONS = "predictions"
    CONTAINER = "container"


CHOICES = [(kind.value, kind.value) for kind in Kind]


class Origin(StrEnum):
    """Where a method comes from; only installed ones are the operator's."""

    INSTALLED = "installed"
    PACKAGE = "package"
    CONTAINER = "container"
    PREDICTIONS = "predictions"


# What a worker must accept in order to run a configuration of a method of this origin.
NEEDED = {Origin.INSTALLED: Kind.CONFIGURATION, Origin.PACKAGE: Kind.PLUGIN, Origin.CONTAINER: Kind.CONTAINER}
PACKAGES = ("wheel", "sdist")
