"""The TOML file of a benchmark of one's own: what it may say, and how every mistake is told."""

import pytest
from tests.unit.evaluators.own.made import FOLDERS, HEAD

from farfield_evaluators.audience import Audience
from farfield_evaluators.own.board import benchmark_of
from farfield_evaluators.own.guess import Guess
from farfield_evaluators.own.reader import read_text
from farfield_evaluators.own.spec import OwnError
from farfield_evaluators.own.template import template


def problems(text: str, name: str = "toys") -> list[str]:
    with pytest.raises(OwnError) as caught:
        read_text(text, name, f"{name}.toml")
    return [problem.removeprefix(f"{name}.toml: ") for problem in caught.value.problems]


def test_a_short_file_is_a_whole_private_board() -> None:
    spec = read_text(FOLDERS, "toys", "toys.toml")
    board = benchmark_of(spec)
    assert (board.name, board.version, board.pack, board.train_set) == ("own/toys", "1", "own/toys", "train")
    assert board.audience == Audience()
    assert [(d.name, d.role, d.set) for d in board.domains] == [("test", "id", "test/test")]
    assert [(c.metric, c.domain, c.title) for c in board.columns] == [("accuracy", "test", "accuracy, test")]
    assert [t.name for t in board.tracks] == ["open", "imagenet-1k", "scratch"]
    assert board.plan.trials("") == 1


def test_who_sees_it_is_no_part_of_what_makes_results_comparable() -> None:
    private = benchmark_of(read_text(FOLDERS, "toys", "toys.toml"))
    owned = benchmark_of(read_text(f'{FOLDERS}\n[access]\nowners = ["ada"]\n', "toys", "toys.toml"))
    public = benchmark_of(read_text(f"{FOLDERS}\n[access]\npublic = true\n", "toys", "toys.toml"))
    assert (owned.audience, public.audience) == (Audience(owners=("ada",)), None)
    assert len({b.comparability_key("0" * 32) for b in (private, owned, public)}) == 1
    assert "ada" not in str(owned.describe())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("title = ", "is not TOML"),
        ("a" * 500 + " = 1", "is not TOML"),
        ("[" * 500, "is not TOML"),
        (FOLDERS.replace(HEAD, ""), "title is missing"),
        (FOLDERS.replace("Toys", ""), "title is empty; it must say something"),
        (FOLDERS.replace("Toys", "\\u202e"), "title is not a usable text: it holds the character U+202E"),
        (f"titel = 1\n{FOLDERS}", "titel is not known, did you mean title? known are format, title"),
        (f'family = "clasification"\n{FOLDERS}', "family is 'clasification', did you mean classification?"),
        (f"trials = 0\n{FOLDERS}", "trials is 0; it must be a whole number from 1 to 100"),
        (f"trials = true\n{FOLDERS}", "trials is True; it must be a whole number"),
        (f"format = 2\n{FOLDERS}", "format is 2; it must be a whole number from 1 to 1"),
        (f'tracks = ["opne"]\n{FOLDERS}', "tracks holds 'opne'; allowed are open, imagenet-1k, scratch"),
        (f"citations = [1]\n{FOLDERS}", "citations holds 1, which is no usable text"),
        (f'data = "x"\n{HEAD}', "data is 'x'; it must be a table, [data]"),
        (FOLDERS.replace("{split}/{class}", "split/class"), "data.layout is 'split/class'; it must name each level"),
        (FOLDERS.replace("{split}/{class}", "{class}/{class}"), "it must name each level of folders once"),
        (FOLDERS.replace("{split}/{class}", "{split}/{kind}"), "data.layout names no {class}"),
        (f'{FOLDERS}\n[access]\npublic = true\nowners = ["ada"]\n', "access.owners names people, and access.public"),
        (f'{FOLDERS}\n[access]\npublic = "yes"\n', "access.public is 'yes'; allowed are true and false"),
        (FOLDERS.replace('"accuracy"', '"acuracy"'), "columns[1].metric is 'acuracy'; allowed for classification are"),
        (FOLDERS.replace('on = "test"', 'on = "tests"'), "columns[1].on is 'tests'; allowed for accuracy are test, id"),
        (FOLDERS.replace('name = "test"', 'name = "id"'), "tests[1].name is 'id', which is what the figure over"),
        (FOLDERS.replace('name = "test"', 'name = "A b"'), "tests[1].name is 'A b'; it must be lower-case"),
        (FOLDERS.replace('name = "test"', 'name = "test"\nrole = "near"'), "the roles near and far are for family"),
        (f'family = "ood-detection"\n{FOLDERS}', "OOD detection needs one with role"),
        (
            FOLDERS.replace('where = { split = "test" }', "where = { split = 1 }"),
            "tests[1].where.split is 1; it must be",
        ),
        (FOLDERS.replace('where = { split = "test" }', 'where = "x"'), "tests[1].where is 'x'; it must be like"),
        (f"{FOLDERS}{FOLDERS[FOLDERS.index('[[columns]]') :]}", "columns: two show 'accuracy' on 'test'"),
        (f'{FOLDERS}worst_over = ["place"]\n', "columns[1].worst_over holds 'place'; allowed are class"),
        (HEAD, "tests is missing; a board needs at least one [[tests]]"),
        (FOLDERS.replace("[train]", 'groups = ["order"]\n[train]'), "data.groups: a column may not be called 'order'"),
        (
            FOLDERS.replace("[train]", 'groups = ["a b", "a_b"]\n[train]'),
            "data.groups: two are called 'a-b' in the pack",
        ),
        (f"{FOLDERS}\n[data.more]\nx = 1", "data.more is not known"),
    ],
)
def test_every_mistake_is_named_with_its_key_and_what_is_allowed(text: str, says: str) -> None:
    assert [problem for problem in problems(text) if problem.startswith(says) or says in problem]


def test_all_mistakes_are_told_at_once() -> None:
    text = FOLDERS.replace("Toys", "").replace('"accuracy"', "1") + "[acess]\n"
    assert len(problems(f"trials = 1.5\n{text}")) == 4


@pytest.mark.parametrize("name", ["Toys", "a_b", "-", "x" * 61])
def test_the_files_name_is_the_benchmarks(name: str) -> None:
    assert "must be called by at most 60 lower-case letters" in problems(FOLDERS, name)[0]


@pytest.mark.parametrize(
    "guess",
    [
        Guess(kind="folders", layout=("class",)),
        Guess(kind="folders", layout=("split", "class"), splits=("training", "val", "test")),
        Guess(kind="folders", layout=("domain", "class"), domains=("Real World", "Sketch", 'q"uote\\')),
        Guess(
            kind="table", columns={"path": "file name", "label": "y", "split": "Split", "domain": "d"}, splits=("x",)
        ),
        Guess(kind="coco"),
        Guess(kind="coco", splits=("base", "support", "val")),
        Guess(kind="datasets"),
    ],
    ids=lambda guess: f"{guess.kind} {'/'.join(guess.layout)}",
)
def test_what_is_written_for_any_data_is_valid_as_it_is(guess: Guess) -> None:
    spec = read_text(template("toys", guess), "toys", "toys.toml")
    assert benchmark_of(spec).columns


def test_worst_groups_and_means_of_groups_are_metrics_of_their_own() -> None:
    text = (
        FOLDERS.replace("[train]", 'groups = ["Place_ID"]\n[train]')
        + """
worst_over = ["Place_ID", "class"]
[[columns]]
metric = "macro-accuracy"
on = "id"
mean_over = ["domain"]
title = "Mean of places"
"""
    )
    board = benchmark_of(read_text(text, "toys", "toys.toml"))
    assert [c.metric for c in board.columns] == ["worst-place-id-label-accuracy", "mean-domain-class-accuracy"]
    assert [c.title for c in board.columns] == ["worst accuracy by Place_ID and class, test", "Mean of places"]
    assert board.groups == ("place-id", "label", "domain")
    plain = benchmark_of(read_text(FOLDERS, "toys", "toys.toml"))
    assert board.comparability_key("0") != plain.comparability_key("0")


OOD = f"""family = "ood-detection"
{FOLDERS}
[[tests]]
name = "strange"
role = "far"
where = {{ split = "strange" }}
[[columns]]
"""


@pytest.mark.parametrize(
    ("column", "says"),
    [
        ('metric = "auroc"\non = "test"', "on is 'test'; allowed for auroc are strange, far"),
        ('metric = "accuracy"\non = "strange"', "on is 'strange'; allowed for accuracy are id"),
        (
            'metric = "auroc"\non = "far"\nworst_over = ["class"]',
            "worst_over is not for auroc, which is of whole tests",
        ),
    ],
)
def test_a_metric_that_its_test_does_not_have_is_told_before_anything_is_run(column: str, says: str) -> None:
    told = problems(OOD.replace('on = "test"\n', 'on = "id"\n') + column)
    assert told == [f"columns[2].{says}"]
