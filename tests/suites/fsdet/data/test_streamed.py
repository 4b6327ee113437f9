"""JSON read an element at a time gives what a parser gives of the whole, and refuses what one refuses."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from farfield_evaluators.data.errors import PackError
from farfield_evaluators.suites.fsdet.data.streamed import read_lists, read_text

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=4)
OBJECTS = st.dictionaries(st.text(max_size=3), LEAVES | st.lists(LEAVES, max_size=2), max_size=3)


@given(st.lists(OBJECTS, max_size=3), st.lists(OBJECTS, max_size=3), OBJECTS, st.sampled_from([None, 0, 2]))
def test_it_is_what_a_parser_gives(images: list[Any], annotations: list[Any], info: Any, indent: int | None) -> None:
    text = json.dumps({"info": info, "images": images, "more": [info], "annotations": annotations}, indent=indent)
    taken: dict[str, list[Any]] = {"images": [], "annotations": []}
    texts: list[Any] = []

    def taker(name: str) -> Any:
        def take(element: dict[str, Any], start: int, end: int) -> None:
            taken[name].append(element)
            texts.append(json.loads(text[start:end]))

        return take

    rest = read_lists("a.json", text, {name: taker(name) for name in taken})
    assert taken == {"images": images, "annotations": annotations}
    assert texts == [*images, *annotations]
    assert rest == {"info": info, "more": [info]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "there is no '{' at character 0"),
        ('{"images": [1]}', "a list holds what is no object, at character 12"),
        ('{"images": [{}', "there is no ',' at character 14"),
        ('{"images": []} x', "there is more after the object, at character 14"),
        ('{"images": [], "images": []}', "it has 'images' twice"),
        ('{"images": {}}', "must be an object with the lists images"),
        ("{}", "must be an object with the lists images"),
        ('{"images": [' + "[" * 100_000, "it is nested too deep"),
    ],
)
def test_what_it_is_not(text: str, says: str) -> None:
    with pytest.raises(PackError) as caught:
        read_lists("a.json", text, {"images": lambda *_: None})
    assert says in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b"\xff\xfe")
    with pytest.raises(PackError, match=r"a\.json cannot be read"):
        read_text(tmp_path / "a.json")
