"""What can go wrong on one machine. Each message says what to do."""

from farfield import FarfieldError


class LocalError(FarfieldError):
    """Something on this machine keeps the site from running."""

    code = "local.error"


class ServiceError(LocalError):
    """An embedded service cannot be started."""

    code = "local.service"


class DiskFull(LocalError):
    """Too little room is left on a disk."""

    code = "local.disk_full"


class AlreadyRunning(LocalError):
    """This checkout's site is running already."""

    code = "local.already_running"


class PortTaken(LocalError):
    """The wanted port is in use."""

    code = "local.port_taken"


class ChildFailed(LocalError):
    """A process of the site keeps dying, or does not become ready."""

    code = "local.process"


class DemoFailed(LocalError):
    """The demo did not reach its end."""

    code = "local.demo"
