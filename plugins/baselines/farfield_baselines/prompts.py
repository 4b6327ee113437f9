"""Prompt templates of the mini CLIP: {} is replaced by the class's name.

Prompt ensembling is Radford et al. 2021 (arXiv 2103.00020), section 3.1.4. The wording keeps
to words of the captions it was trained on: the text tower knows no others.
"""

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
HELP = 'Prompts: "ensemble", "single" (a photo of a {}), or a template of your own that contains {}.'


def templates(choice: str) -> tuple[str, ...]:
    """The templates of a setting: a named set, or the text itself. Raises ValueError when it has no {}."""
    named = {"ensemble": ENSEMBLE, "single": SINGLE}
    if choice in named:
        return named[choice]
    if "{}" not in choice:
        raise ValueError(f'templates is "ensemble", "single" or a text with {{}} for the class name, not {choice!r}')
    return (choice,)


def fill(template: str, name: str) -> str:
    """The prompt; braces other than {} are text.

    >>> fill("a photo of a {}", "zebra")
    'a photo of a zebra'
    """
    return template.replace("{}", name)
