"""Prompt templates of the mini CLIP: {} is replaced by the class's name.

Prompt ensembling is Radford et al. 2021 (arXiv 2103.00020), section 3.1.4. The wording keeps
to words of the captions it was trained on: the text tower knows no others.
"""

from collections.abc import Sequence

SINGLE = ("a photo of a {}",)
ENSEMBLE = (
    "a photo of a {}",
    "a picture of a {}",
    "an image of a {}",
    "a drawing of a {}",
    "a flat drawing of a {}",
    "a line drawing of a {}",
    "a black outline of a {}",
    "a cartoon of a {}",
    "a colourful icon of a {}",
    "a 3D render of a {}",
)
OPENAI_80, OF_BENCHMARK = "openai-80", "benchmark"
SEPARATOR = "|"
HELP = 'Prompts: "ensemble", "single" (a photo of a {}), or a template of your own that contains {}.'

LIST_HELP = (
    'Prompts: "benchmark" (its own, where it has some), "openai-80" (CLIP\'s for ImageNet), "single" (a photo of a '
    '{}), "ensemble" (ten for the mini CLIP), "auto" (the benchmark\'s own, else the ensemble for mini-clip and the 80 '
    "for others), or your own with {} for the name, several separated by |."
)


def templates(choice: str) -> tuple[str, ...]:
    """The templates of a setting: a named set, or the text itself. Raises ValueError when it has no {}."""
    named = {"ensemble": ENSEMBLE, "single": SINGLE}
    if choice in named:
        return named[choice]
    if "{}" not in choice:
        raise ValueError(f'templates is "ensemble", "single" or a text with {{}} for the class name, not {choice!r}')
    return (choice,)


def listed_templates(choice: str, model: str, own: Sequence[str] = ()) -> tuple[str, ...]:
    """As `templates`, with OpenAI's 80 for ImageNet as well, and several texts of one's own between bars.

    own: the benchmark's. "auto" is these where there are any, and else what suits the model: the ensemble for the mini
    CLIP, the 80 for all others. Raises ValueError for a text without {}, and where a benchmark without any is asked.
    """
    if choice == "auto":
        choice = OF_BENCHMARK if own else "ensemble" if model == "mini-clip" else OPENAI_80
    if choice == OF_BENCHMARK:
        if not own:
            raise ValueError('this benchmark brings no prompts; use "auto"')
        return tuple(own)
    if choice == OPENAI_80:
        return openai_80()
    parts = [part.strip() for part in choice.split(SEPARATOR)]
    return tuple(template for part in parts for template in templates(part))


def openai_80() -> tuple[str, ...]:
    """open_clip's copy of the 80 templates that CLIP was published with for ImageNet."""
    from open_clip import OPENAI_IMAGENET_TEMPLATES

    return tuple(template("{}") for template in OPENAI_IMAGENET_TEMPLATES)


def shared_names(names: Sequence[str]) -> str:
    """The remark that several classes have one name, and so the same prompts; empty when all names differ.

    >>> shared_names(["crane", "zebra", "crane"])
    'classes 0 and 2 are both called crane: their prompts are equal, and the first wins wherever the others would'
    """
    places: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        places.setdefault(name.strip().lower(), []).append(number)
    shared = [(names[numbers[0]], numbers) for numbers in places.values() if len(numbers) > 1]
    if not shared:
        return ""
    told = [f"{' and '.join(map(str, numbers))} are {_both(numbers)} called {name}" for name, numbers in shared[:8]]
    more = f" and {len(shared) - len(told)} more names are shared" if len(shared) > len(told) else ""
    return f"classes {', '.join(told)}{more}: their prompts are equal, and the first wins wherever the others would"


def _both(numbers: Sequence[int]) -> str:
    return "both" if len(numbers) == 2 else "all"


def fill(template: str, name: str) -> str:
    """The prompt; braces other than {} are text.

    >>> fill("a photo of a {}", "zebra")
    'a photo of a zebra'
    """
    return template.replace("{}", name)
