"""The elements of a list in a JSON file, some at a time: memory is that of a part of the file."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

READ = 1 << 19  # bytes at a time
AHEAD = 1 << 16  # characters that are there before an element is looked at, so that most are whole at once
LONGEST = 1 << 20  # characters of one element
_SPACE = re.compile(r"[ \t\n\r]*")
_COMMA = re.compile(r"[ \t\n\r]*,[ \t\n\r]*")
_BETWEEN = re.compile(r"\}[ \t\n\r]*,[ \t\n\r]*\{")
SINGLY = 1000  # elements that are read one by one where several at once cannot be
_DECODER = json.JSONDecoder()


class NotAList(ValueError):
    """A file that is no JSON list, or breaks off: after how many elements, and why."""

    def __init__(self, index: int, says: str) -> None:
        super().__init__(says)
        self.index = index


class _Text:
    """What of the file is read and not yet used."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._decoder = stream, codecs.getincrementaldecoder("utf-8")()
        self.text, self.place, self.ended, self.singly = "", 0, False, 0

    def more(self, least: int) -> None:
        """Read on until so many characters are ahead, or the file ends. Raises UnicodeDecodeError."""
        parts, ahead = [self.text[self.place :]], len(self.text) - self.place
        while ahead < least and not self.ended:
            data = self._stream.read(READ)
            self.ended = not data
            parts.append(self._decoder.decode(data, final=self.ended))
            ahead += len(parts[-1])
        self.text, self.place = "".join(parts), 0

    def skip_space(self) -> str:
        """The next character that is no space, empty at the end."""
        while True:
            self.place = _SPACE.match(self.text, self.place).end()  # type: ignore[union-attr]
            if self.place < len(self.text) or self.ended:
                return self.text[self.place : self.place + 1]
            self.more(AHEAD)

    def take(self, mark: str) -> None:
        """Go past this character. Raises ValueError where another one comes."""
        if self.skip_space() != mark:
            raise ValueError(f"there is no {mark} where one belongs")
        self.place += 1

    def goes_on(self, *, first: bool) -> bool:
        """Whether another element follows; the comma before it is gone past."""
        comma = None if first else _COMMA.match(self.text, self.place)
        if comma is not None and comma.end() < len(self.text):  # as nearly always
            self.place = comma.end()
            return True
        if self.skip_space() == "]":
            return False
        if not first:
            self.take(",")
            self.skip_space()
        return True

    def several(self) -> list[Any]:
        """Elements from here on, at least one. Raises as `element` does.

        What lies before a brace that seems to be between two elements is a list's inside, or it is no JSON.
        """
        if not self.singly and len(self.text) - self.place < READ:
            self.more(READ)
        last = 0
        for between in () if self.singly else _BETWEEN.finditer(self.text, max(self.place, len(self.text) - AHEAD)):
            last = between.start() + 1
        if last:
            try:
                values: list[Any] = json.loads(f"[{self.text[self.place : last]}]")
            except (ValueError, RecursionError):
                self.singly = SINGLY
            else:
                self.place = last
                return values
        self.singly = max(0, self.singly - 1)
        return [self.element()]

    def element(self) -> Any:
        """The element that begins here. Raises ValueError, and RecursionError for one that is nested too deep."""
        least = AHEAD
        while True:
            if len(self.text) - self.place < least:
                self.more(least)
            try:
                value, end = _DECODER.raw_decode(self.text, self.place)
            except ValueError:
                if self.ended or least >= LONGEST:
                    raise
            else:
                if end < len(self.text) or self.ended:  # else a number may go on
                    self.place = end
                    return value
            least *= 4


def elements(stream: BinaryIO) -> Iterator[list[Any]]:
    """The elements of the list that the file is, some at a time. Raises NotAList, and OSError."""
    count, text = 0, _Text(stream)
    try:
        text.take("[")
        while text.goes_on(first=count == 0):
            values = text.several()
            count += len(values)
            yield values
        text.take("]")
        if text.skip_space():
            raise ValueError("something follows the list")
    except RecursionError as error:
        raise NotAList(count, "it is nested too deep") from error
    except ValueError as error:
        raise NotAList(count, f"it is no JSON list: {_reason(error)}") from error


def _reason(error: ValueError) -> str:
    """Without the place in the text, which is that in a part of the file."""
    if isinstance(error, UnicodeDecodeError):
        return "it holds bytes that are no UTF-8"
    return error.msg if isinstance(error, json.JSONDecodeError) else str(error)
