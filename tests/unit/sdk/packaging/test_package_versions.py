"""The SDK's version rules agree with the library `packaging`, which it does not depend on."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from farfield.packaging.versions import Interpreter, is_name, normal_name, normal_version, python_is_in

NUMBERS = st.integers(0, 30).map(str)
RELEASES = st.lists(NUMBERS, min_size=1, max_size=4).map(".".join)
PARTS = st.sampled_from(["", "a1", "-alpha.2", "_b", "rc3", ".post4", "-5", ".dev6", "+local.7", "v", "x", ".", "!"])
VERSIONS = st.builds(
    "{}{}{}{}{}".format, st.sampled_from(["", "v", "1!", "0!"]), RELEASES, PARTS, PARTS, st.sampled_from(["", "+l-1"])
)
CLAUSES = st.builds(
    "{}{}{}".format,
    st.sampled_from([">=", "<=", "<", ">", "==", "!=", "~="]),
    st.sampled_from(["3.9", "3.11", "3.11.4", "3.12", "3.11.0", "2.7", "4.0"]),
    st.just(""),
)


def reference(text: str) -> Version | None:
    try:
        return Version(text)
    except InvalidVersion:
        return None


@given(VERSIONS, VERSIONS)
def test_versions_are_the_same_for_both(one: str, other: str) -> None:
    assert (normal_version(one) is None) == (reference(one) is None)
    if normal_version(one) and normal_version(other):
        assert (normal_version(one) == normal_version(other)) == (reference(one) == reference(other))


@given(st.text("1.0a!+-_ v\n", max_size=8))
def test_what_is_no_version_is_none_for_both(text: str) -> None:
    assert (normal_version(text) is None) == (reference(text) is None)


@given(st.lists(CLAUSES, max_size=3), st.sampled_from([(3, 9, 0), (3, 11, 4), (3, 12, 1), (3, 11, 0)]))
def test_requires_python_is_the_same_for_both(clauses: list[str], python: tuple[int, int, int]) -> None:
    text = ", ".join(clauses)
    assert python_is_in(text, python) is SpecifierSet(text).contains(".".join(map(str, python)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        (">=3.8,<4", True),
        ("==3.11.*", True),
        ("!=3.11.*", False),
        (">=3.8.*", True),  # not valid any more, but still met with
        (">=3.12a1", False),
        ("three", None),
        (">=3.9 <4", None),
        ("^3.9", None),
    ],
)
def test_requires_python(text: str, expected: bool | None) -> None:
    assert python_is_in(text, (3, 11, 4)) is expected


@given(st.text("aZ0-_.", min_size=1, max_size=8))
def test_names_are_normalised_as_everybody_does(name: str) -> None:
    assert normal_name(name) == canonicalize_name(name)
    assert is_name(name) == (name[0].isalnum() and name[-1].isalnum())


def test_every_tag_that_installers_take_here_is_taken() -> None:
    here = Interpreter.current()
    major, minor = sys.version_info[:2]
    known = {f"cp{major}{minor}", "abi3", "none"}
    refused = [str(tag) for tag in sys_tags() if tag.abi in known and not here.accepts(str(tag))]
    assert refused == []
