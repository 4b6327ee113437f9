"""A log as plain text: without the codes that colour a terminal, and with lines as a terminal would leave them.

What is stored, and what the API gives out, is as the program wrote it: there offsets count characters.
"""

import re

_CODES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # CSI: colours, moves of the cursor
    r"|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC and its like: titles, links
    r"|[ -/]*[0-~])"  # two characters, and a few with a letter more
)
# From the beginning of a line, so that a long line without a return is looked at once, not from each of its characters.
_OVERWRITTEN = re.compile(r"^[^\n]*\r(?!\n)", re.MULTILINE)
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# An escape that may go on in what comes next, or a return of which only that decides whether it ends a line.
_UNFINISHED = re.compile(r"(?:\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]{0,500}\x1b?|[ -/]*)?|\r)\Z")


def plain(text: str, *, continues: bool = False) -> str:
    """The text without terminal codes; of a line that was written several times over, the last.

    With `continues` its first line goes on after text that is shown already, which cannot be taken back.

    >>> plain("\\x1b[31mbad\\x1b[0m\\nstep 1\\rstep 2\\n")
    'bad\\nstep 2\\n'
    """
    text = _CODES.sub("", text)
    if continues:
        text = _kept(text)
    text = _OVERWRITTEN.sub("", text)
    return _CONTROLS.sub("", text)


def finished(text: str) -> str:
    """The part before an escape or a return that is not complete yet."""
    return _UNFINISHED.sub("", text)


def _kept(text: str) -> str:
    """With a line's end where the first line would be overwritten."""
    first, end, rest = text.partition("\n")
    before, again, after = first.rstrip("\r").partition("\r")
    return f"{before}\n{after}{end}{rest}" if again else text
