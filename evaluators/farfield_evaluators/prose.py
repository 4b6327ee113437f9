"""What pages say of a plan's entries, where it is not the same for all: words and sentences, each with a default.

Text within backticks is shown as code. Words stand within a sentence; sentences have their full stop.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Door:
    """The form through which results that were made elsewhere come in. `{benchmark}` stands for its name.

    title and about: in the list of ways in; label and help: of the file; hints: what is good to know beside the form.
    """

    title: str
    about: str
    label: str
    help: str
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Prose:
    """Words for a plan.

    whole: what the runs of an entry are together. part: a test domain; place: above a list of them; parts: what one
    is; recorded: its name in records, `{}` for its number; training: what is learned from, where the benchmark
    names no set. means: titles of aggregates where they have others here. error: goes on after "over the 3 trials
    of an entry". selected: what a selection decides. drawn: of settings that nobody set. results: below the figures
    of an entry. seeds: whose rule. squares: by the axis in which the runs of a group differ, what goes on after "A
    square is a run". facts: titles of what was chosen, in the order of columns; value: of what it gave. files: what
    a download is; command: what reads it at home, `{partial}` where the runs are not all done.
    """

    whole: str = "entry"
    part: str = "domain"
    place: str = "Domain"
    parts: str = "A domain is one set of test images with a common origin; some papers call it an environment."
    recorded: str = ""
    training: str = ""
    means: Mapping[str, str] = field(default_factory=dict, hash=False)
    error: str = ""
    selected: str = "Which of an entry's runs count. The same runs stand behind all selections."
    drawn: str = "What nobody sets is drawn for each run. What you fill in here is the same in every run."
    results: str = (
        "Over the runs that are done. After ±, one standard error: over trials where there are several, "
        "else over test examples."
    )
    seeds: str = "one for each run"
    squares: Mapping[str, str] = field(default_factory=dict, hash=False)
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)
    value: str = "Value"
    files: str = "as a .zip."
    command: str = ""
