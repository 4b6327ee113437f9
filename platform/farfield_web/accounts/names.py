"""What an account may be called: one rule for every door, so that nobody passes for somebody else.

A name is kept as NFKC writes it, of letters and digits of one script, and of `. + - _ @`. Its skeleton is what a reader
sees: names with one skeleton look alike (Unicode Technical Standard 39), and the database keeps skeletons unique.
"""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from django.core.exceptions import ValidationError

MAX_LENGTH = 60
PUNCTUATION = frozenset(".+-_@")
LETTERS = frozenset({"Lu", "Ll", "Lt", "Lo", "Nd"})
# Written among letters of Japanese, though Unicode calls them modifiers.
JAPANESE_MARKS = frozenset("\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}\N{IDEOGRAPHIC ITERATION MARK}")
# Letters by their category that show nothing at all: the Hangul fillers.
INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0")
WRITTEN_TOGETHER = (
    frozenset({"HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"HAN", "BOPOMOFO"}),
    frozenset({"HAN", "HANGUL"}),
)
# Taken for one another by readers, and not in Unicode's tables.
ALSO_ALIKE = (("\N{LATIN SMALL LETTER KRA}", "k"), ("vv", "w"))
# What a reader would take for the people who run the site, or for the site itself.
RESERVED = frozenset(
    """
    abuse admin administrator administrators anonymous anyone api bot contact daemon deleted everybody everyone
    farfield farfieldbot farfieldteam guest help hostmaster info mail me mod moderator moderators nobody none null
    official operator operators owner postmaster reviewer reviewers root security server site somebody staff status
    superuser support sysadmin system team undefined unknown user users webmaster worker workers www
    """.split()  # noqa: SIM905 - a list of words is read as one
)


class NameRefused(ValidationError):
    """Why a name cannot be had; `code` is `bad_username`, `reserved` or `taken`."""


def checked(name: str, *, may_be_reserved: bool = False) -> str:
    """The name as it is kept. Raises NameRefused with a sentence that says what to change."""
    normal = unicodedata.normalize("NFKC", name.strip())
    problem = _problem(normal)
    if problem:
        raise NameRefused(problem, code="bad_username")
    if not may_be_reserved and is_reserved(normal):
        raise NameRefused(f"The name {normal!r} is kept for the people who run this site.", code="reserved")
    return normal


def taken(name: str) -> NameRefused:
    """That somebody has this name, or one that a reader takes for it."""
    return NameRefused(f"The name {name!r} is taken, or looks like one that is; choose another.", code="taken")


def is_reserved(name: str) -> bool:
    """Whether a reader would take it for one of RESERVED, however it is written."""
    plain = "".join(character for character in name if character not in PUNCTUATION)
    return any(skeleton(form) in _reserved() for form in (name, name.casefold(), plain, plain.casefold()))


def skeleton(name: str) -> str:
    """What a reader sees. Equal for names that look alike.

    >>> skeleton("ada") == skeleton("\\u0430d\\u0430")  # with the Cyrillic letter
    True
    >>> skeleton("paul") == skeleton("pauI")
    True
    """
    shown = _prototypes(unicodedata.normalize("NFKC", name))
    plain = _prototypes(shown.casefold()).casefold()
    for written, seen in ALSO_ALIKE:
        plain = plain.replace(written, seen)
    return plain


def _problem(name: str) -> str:
    if not name or not any(character.isalnum() for character in name):
        return "A user name needs at least one letter or digit."
    if len(name) > MAX_LENGTH:
        return f"A user name may have {MAX_LENGTH} characters; this one has {len(name)}."
    if not all(_is_allowed(character) for character in name):
        return "Enter a valid username: letters and digits that can be seen, and . + - _ @; no spaces."
    scripts = _scripts(name)
    if len(scripts) > 1 and not any(scripts <= together for together in WRITTEN_TOGETHER):
        return f"A user name is written in one script; this one mixes {', '.join(sorted(scripts)).lower()}."
    return ""


def _is_allowed(character: str) -> bool:
    if character in INVISIBLE:
        return False
    return character in PUNCTUATION or character in JAPANESE_MARKS or unicodedata.category(character) in LETTERS


def _scripts(name: str) -> frozenset[str]:
    from confusable_homoglyphs.categories import unique_aliases  # its tables are large, and names are rarely made

    return frozenset(unique_aliases(name)) - {"COMMON", "INHERITED"}


@lru_cache(maxsize=1)
def _reserved() -> frozenset[str]:
    return frozenset(skeleton(name) for name in RESERVED)


def _prototypes(text: str) -> str:
    return "".join(_prototype(character) for character in text)


@lru_cache(maxsize=4096)
def _prototype(character: str) -> str:
    """What stands for all characters that look like this one: the plainest of them."""
    alike, waiting, spelt = {character}, [character], ""
    while waiting:
        for other in _look_alikes(waiting.pop()):
            if len(other) > 1 and other.isascii() and other.isalpha():
                spelt = spelt or other  # m is taken for rn
            elif len(other) == 1 and other not in alike:
                alike.add(other)
                waiting.append(other)
    plainest = min(alike, key=lambda c: (not c.isascii(), not c.isalpha(), not c.islower(), c))
    return spelt if spelt and not _spells(plainest) else plainest


def _spells(character: str) -> bool:
    """A letter that stands for itself, though two others together can be taken for it."""
    return character.isascii() and character.isalpha() and character not in "mM"


def _look_alikes(character: str) -> Iterable[str]:
    from confusable_homoglyphs.confusables import confusables_data

    return [str(found["c"]).strip("\u200e") for found in confusables_data.get(character, ())]
