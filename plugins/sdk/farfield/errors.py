"""Errors an author or operator can act on. Each message says what is wrong, where, and what to do."""

import difflib
from collections.abc import Iterable, Sequence


class FarfieldError(Exception):
    """Base of every error that Farfield raises on purpose."""

    code = "platform.error"


class UsageError(FarfieldError):
    """What was typed cannot be done as it stands; nothing is wrong with a method or with the platform."""

    code = "usage.invalid"


class PluginLoadError(FarfieldError):
    """A plugin could not be imported or registered; names the plugin and its distribution."""

    code = "plugin.broken_import"

    def __init__(self, plugin: str, distribution: str, reason: str) -> None:
        super().__init__(f"plugin {plugin!r} of distribution {distribution!r}: {reason}")
        self.plugin = plugin
        self.distribution = distribution


class UnknownName(FarfieldError):
    """A method, benchmark or backbone that is not installed; names those that are, and why others are not used."""

    code = "plugin.unknown_name"

    def __init__(self, kind: str, name: str, available: Sequence[str], unused: Sequence[str] = ()) -> None:
        listed = ", ".join(sorted(available)) or "none are installed"
        why = "".join(f"; not used: {each}" for each in unused)
        super().__init__(f"no {kind} is called {name!r}{did_you_mean(name, available)}; available: {listed}{why}")
        self.name = name


class ConfigError(FarfieldError):
    """A configuration does not fit its method; lists every problem, a setting each."""

    code = "plugin.bad_config"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


class SpecError(FarfieldError):
    """A method's specification is not usable as written."""

    code = "plugin.bad_spec"


class ProtocolError(FarfieldError):
    """A method misses a member of its protocol, or returned something the protocol does not allow."""

    code = "plugin.protocol"


class JobError(FarfieldError):
    """A job folder is incomplete or not of this runner's format."""

    code = "platform.bad_job"


class PredictionsError(FarfieldError):
    """Predictions that cannot be scored: wrong files, shapes, types or values. `code` may say which."""

    code = "predictions.invalid"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class PackageError(FarfieldError):
    """A submitted package that is refused before any of it runs; the code says why, one of `plugin.*`."""

    code = "plugin.not_a_package"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def did_you_mean(name: object, available: Iterable[str]) -> str:
    """The names nearest to a mistyped one, as the rest of a sentence; empty when none is near.

    >>> did_you_mean("lit0-energy", ["lite0-energy", "constant"])
    ', did you mean lite0-energy?'
    """
    if not isinstance(name, str) or len(name) > 200:
        return ""
    folded = {known.lower(): known for known in available}
    near = difflib.get_close_matches(name.lower(), folded, n=3, cutoff=0.7)
    return f", did you mean {' or '.join(folded[each] for each in near)}?" if near else ""


def reason(error: Exception) -> str:
    """What went wrong without the path, which says nothing on another machine."""
    if isinstance(error, UnicodeDecodeError):
        return error.reason
    return (isinstance(error, OSError) and error.strerror) or str(error)
