"""Reading what the broker was told, and telling it again."""

import json

import pytest
from chaos.doubles import double, pushed


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@pytest.mark.parametrize("text", ['{"a": "b"}', '{"a": "line\\nline", "b": "\\"quoted\\" \\\\ back"}', "a\nb"])
def test_a_message_is_read_as_it_was_sent(text: str) -> None:
    line = f'+1700000000.123456 [0 unix:/tmp/redis.sock] "LPUSH" "site" {quoted(text)}'
    assert pushed(line.encode()) == ("site", text)


@pytest.mark.parametrize("words", ['"BRPOP" "site" "1"', '"LPUSH" "unacked" "x"', '"LPUSH" "site"', "OK"])
def test_other_commands_are_no_message(words: str) -> None:
    assert pushed(f"+1.5 [0 unix:/s] {words}".encode()) is None


def test_a_double_differs_by_its_delivery_tag_alone() -> None:
    message = {"body": "e30=", "headers": {"id": "7"}, "properties": {"delivery_tag": "first", "priority": 0}}
    own, copy = double(json.dumps(message))
    read = json.loads(copy)
    assert own == "first"
    assert read["properties"].pop("delivery_tag") != "first"
    del message["properties"]["delivery_tag"]  # type: ignore[attr-defined]
    assert read == message
