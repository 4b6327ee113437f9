"""Logs as pages show them: no terminal codes, whole lines, whatever the pieces they come in."""

import pytest

from farfield_web.runs.plain import finished, plain

ESC = "\x1b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("as it is\n", "as it is\n"),
        (f"{ESC}[1;31mERROR{ESC}[0m x\n", "ERROR x\n"),
        (f"{ESC}[38;5;196mred{ESC}[m", "red"),
        (f"{ESC}[2K{ESC}[1Gprogress", "progress"),
        (f"{ESC}]0;a title\x07text", "text"),
        (f"{ESC}]8;;https://example.org{ESC}\\link{ESC}]8;;{ESC}\\", "link"),
        (f"{ESC}(Bplain{ESC}=", "plain"),
        ("1%\r50%\r100%\ndone\n", "100%\ndone\n"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("bell\x07 nul\x00 back\x08\n", "bell nul back\n"),
        ("\ttab and ümlaut \U0001f600", "\ttab and ümlaut \U0001f600"),
        (f"lone {ESC}", "lone "),
    ],
)
def test_terminal_codes_are_gone(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert ESC not in plain(text)


def test_a_line_that_is_shown_is_not_taken_back() -> None:
    assert plain("50%\r100%\n", continues=True) == "50%\n100%\n"
    assert plain("\r100%\n", continues=True) == "\n100%\n"
    assert plain("rest of it\r\nnext\n", continues=True) == "rest of it\nnext\n"


@pytest.mark.parametrize("cut", range(1, 30))
def test_pieces_give_the_same_as_the_whole(cut: int) -> None:
    """However a log is cut, no half of a code is ever shown."""
    text = f"{ESC}[1;31mERROR{ESC}[0m {ESC}]0;t\x07x\r\nend\n"
    first = finished(text[:cut])
    assert plain(first) + plain(text[len(first) :], continues=True) == plain(text)


def test_a_hostile_log_takes_no_time() -> None:
    for text in (ESC * 500_000, f"{ESC}]" * 250_000, "\r" * 500_000, f"{ESC}[" + "1;" * 250_000):
        assert len(plain(finished(text))) <= len(text)
