"""Beginning a sentence with what somebody wrote, without changing the spelling of a name in it."""

import re

# A plain word, as sentences of ours begin: no dots, digits, underscores, brackets or colons, which names have.
_WORD = re.compile(r"[a-z]+(?=[ ,]|$)")


def capitalised(text: str) -> str:
    """With a capital, unless it begins with an identifier or a file, which would become another one.

    >>> capitalised("there is no entry point"), capitalised("text.txt is no image"), capitalised("predict: wrong shape")
    ('There is no entry point', 'text.txt is no image', 'predict: wrong shape')
    """
    return f"{text[0].upper()}{text[1:]}" if _WORD.match(text) else text
