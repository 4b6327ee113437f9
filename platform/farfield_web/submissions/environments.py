"""What packages find installed where they run: the base environments of the workers that take them."""

from collections.abc import Mapping
from typing import Any

from farfield.packaging.resolution.base import Base, BaseError
from farfield.packaging.versions import Interpreter
from farfield_web.submissions.kinds import Kind
from farfield_web.submissions.offered import workers_seen


def environments() -> list[dict[str, Any]]:
    """Each base environment that a worker which was heard of lately runs packages on, with the number of them."""
    found: dict[str, dict[str, Any]] = {}
    for base in _bases():
        known = found.setdefault(base["fingerprint"], {**base, "workers": 0})
        known["workers"] += 1
    return sorted(found.values(), key=lambda base: (-base["workers"], base["fingerprint"]))


def interpreter() -> Interpreter | None:
    """The one that a package would run on, of the worker that announced itself last; None where none is known."""
    for base in _bases():
        try:
            return Base.read(base).interpreter()
        except BaseError:  # kept by an earlier release of the site
            continue
    return None


def _bases() -> list[Mapping[str, Any]]:
    seen = workers_seen().filter(base__isnull=False).order_by("-announced_at").values_list("accepts", "base")
    return [base for accepts, base in seen if base and Kind.PLUGIN.value in accepts]
