"""The hooks a plugin may implement. Each says when, and in which process, it is called."""

from collections.abc import Sequence

from farfield.hooks import hookspec
from farfield.method import BackboneSpec, MethodSpec


@hookspec
def farfield_methods() -> Sequence[MethodSpec]:  # type: ignore[empty-body]
    """The plugin's methods. Called once per process, only inside the sandbox or on the author's machine."""


@hookspec
def farfield_method_named(name: str) -> MethodSpec | None:
    """One of the plugin's methods, or None for a name that it does not know.

    Called once in a run, for its method. What it gives must be what `farfield_methods` gives under this name, which is
    then not called: a plugin with many methods imports only this one.
    """


@hookspec
def farfield_backbones() -> Sequence[BackboneSpec]:  # type: ignore[empty-body]
    """Frozen backbones that methods may ask features of. Called in the runner, for operator-installed plugins."""
