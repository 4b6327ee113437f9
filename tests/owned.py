"""A benchmark of somebody's own, private to them, as a site's operator lays it down."""

from pathlib import Path

from tests.unit.evaluators.own.made import tree

from farfield_evaluators.own.importer import import_own
from farfield_evaluators.own.reader import read_file

NAME, OWNER, TITLE = "own/toys", "owner-of-toys", "Secret toys"
FILE = f"""title = "{TITLE}"
[access]
owners = ["{OWNER}"]
[data]
layout = "{{place}}/{{split}}/{{class}}"
groups = ["place"]
[train]
where = {{ split = "train" }}
[[tests]]
name = "test"
where = {{ split = "test" }}
[[columns]]
metric = "accuracy"
on = "test"
worst_over = ["place", "class"]
[[columns]]
metric = "accuracy"
on = "id"
"""


def host_own(var: Path, source: Path) -> None:
    """Lay its file and its pack below `var`, before the site reads them; images are drawn below `source`."""
    file = var / "benchmarks" / "toys.toml"
    file.parent.mkdir(parents=True)
    file.write_text(FILE)
    data = tree(source, ("meadow", "beach"), ("train", "test"), ("cow", "camel"))
    import_own(read_file(file), data, var / "packs")
