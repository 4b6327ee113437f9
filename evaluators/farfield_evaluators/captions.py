"""Captions of images: as a pack holds them, hidden, and as a run is told them, in an order that says nothing.

Of each example a pack's column `captions` has a JSON array of texts, the first of which may be special to a benchmark.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from farfield import families
from farfield.families import Size
from farfield.families.retrieval import TEXTS
from farfield.texts import LONGEST_PROMPT, MOST_PROMPTS
from farfield_evaluators.data.columns import ROWS, Array, Ints, PackColumn
from farfield_evaluators.data.errors import PackError

if TYPE_CHECKING:
    from farfield_evaluators.data.pack import Pack

CAPTIONS = "captions"
COLUMN = PackColumn(name=CAPTIONS, kind="rows", dtype="uint8")
MOST_CHARACTERS = 2_000_000  # of all captions of a run; as JSON they take up to six bytes each, in a job of 16 MiB
FIRST_OF_TWO = "\U00010000"  # from here on JSON has a character as two


@dataclass(frozen=True, kw_only=True)
class Captions:
    """The captions of a run. told [M]: in the order in which a method is told them, each text once.

    places int64 [sum of counts]: where in `told` the captions of the first image are, then of the second, and so on;
    counts int64 [N]: how many each image has.
    """

    told: tuple[str, ...]
    places: Ints
    counts: Ints

    def by_image(self, outputs: Mapping[str, Array]) -> dict[str, Array]:
        """Outputs with the embeddings of captions as rows of their images, so many of each."""
        return {**outputs, TEXTS: outputs[TEXTS][self.places], TEXTS + ROWS: self.counts}


def shuffled(captions: Sequence[Sequence[str]], chance: np.random.Generator) -> Captions:
    """Those of each of N images, told in an order by chance, and a text that several have once.

    How often a text is told would say something of whose it is: of SugarCrepe's captions only right ones repeat.

    >>> mixed = shuffled([["a cat", "one cat"], ["a dog"]], np.random.default_rng(0))
    >>> [mixed.told[place] for place in mixed.places], mixed.counts.tolist()
    (['a cat', 'one cat', 'a dog'], [2, 1])
    """
    every = list(chain.from_iterable(captions))
    texts = sorted(set(every))
    told = tuple(texts[number] for number in chance.permutation(len(texts)).tolist())
    place = {text: number for number, text in enumerate(told)}
    return Captions(
        told=told,
        places=np.array([place[text] for text in every], np.int64),
        counts=np.array([len(own) for own in captions], np.int64),
    )


def are_told(family: str) -> bool:
    """Whether methods of this family are told captions: whether what they bring depends on how many there are."""
    one, two = (families.of(family).outputs(Size(examples=1, classes=2, texts=number)) for number in (1, 2))
    return one != two


def encoded(texts: Sequence[str]) -> bytes:
    """As the column holds them."""
    return json.dumps(list(texts), ensure_ascii=False).encode()


def captions_of(pack: "Pack", positions: Ints) -> list[tuple[str, ...]]:
    """Those of the images at these positions [N]. Hidden. Raises PackError for a pack without any, or a damaged one."""
    column = pack.column(CAPTIONS).at(positions)
    assert column.rows is not None  # noqa: S101 - for mypy: a column of rows has them
    data, ends = column.values.tobytes(), np.cumsum(column.rows).tolist()
    try:
        return [tuple(json.loads(data[start:end])) for start, end in zip([0, *ends], ends, strict=False)]
    except (ValueError, TypeError) as error:
        raise PackError(f"pack {pack.name!r} is damaged: its captions cannot be read; import it again") from error


def problems_of(captions: Mapping[str, Sequence[str]]) -> list[str]:
    """Why captions, by what their images are called, are none; empty where they are."""
    found = [f"{name}: {says}" for name, texts in captions.items() for says in _problems(texts)]
    count = sum(map(len, captions.values()))
    said = (text for texts in captions.values() for text in texts if isinstance(text, str))
    characters = sum(len(text) + sum(character >= FIRST_OF_TWO for character in text) for text in said)
    if count > MOST_PROMPTS or characters > MOST_CHARACTERS:
        bound = f"at most {MOST_PROMPTS:,} of {MOST_CHARACTERS:,} characters together are read"
        found.append(f"{count:,} captions of {characters:,} characters; {bound}")
    return found


def _problems(texts: Sequence[str]) -> list[str]:
    if not texts:
        return ["no caption"]
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            return ["a caption that is no text, or an empty one"]
        if len(text) > LONGEST_PROMPT:
            return [f"a caption of {len(text):,} characters; at most {LONGEST_PROMPT:,} are read"]
        if any("\ud800" <= character <= "\udfff" for character in text):
            return ["a caption with half a character, which has no form as UTF-8"]
    return []
