"""Every hook says when it is called, is typed, and has its place in the plugin guide."""

import inspect
import typing
from pathlib import Path

import pytest

from farfield import hookspecs

GUIDE = (Path(__file__).parents[2] / "docs" / "plugin-guide.md").read_text(encoding="utf-8")
HOOKS = {name: hook for name, hook in vars(hookspecs).items() if hasattr(hook, "farfield_spec")}


def test_the_hooks_are_the_ones_known() -> None:
    assert set(HOOKS) == {"farfield_methods", "farfield_method_named", "farfield_backbones"}


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_a_hook_says_when_it_is_called_and_is_in_the_guide(name: str) -> None:
    hook = HOOKS[name]
    assert name.startswith("farfield_")
    assert "Called " in (inspect.getdoc(hook) or "")
    assert "return" in typing.get_type_hints(hook)
    assert f"`{name}({', '.join(inspect.signature(hook).parameters)})`" in GUIDE
