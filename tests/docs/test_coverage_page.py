"""The tables of docs/coverage say what is so: every name of a reference has a row, and every claim is in the code."""

import json
import re
from pathlib import Path

import pytest
from tools import coverage

from farfield_evaluators.coverage import Level, read, rows_of, tables

NAMES = json.loads(Path(__file__).with_name("coverage_names.json").read_text(encoding="utf-8"))
HEADING = re.compile(r"^##+ (.*)$", re.MULTILINE)
HEAD = 'title = "T"\nsource = "S"\n'


@pytest.mark.parametrize("reference", NAMES)
def test_every_name_of_a_reference_has_one_row_and_no_other_is_said_to_be_there(reference: str) -> None:
    [table] = [table for table in tables() if table.name == reference]
    rows = {kind: [row.name for row in table.of(kind)] for kind in table.kinds}
    assert {kind: sorted(names) for kind, names in rows.items()} == {
        kind: sorted(names) for kind, names in NAMES[reference].items()
    }


def test_what_the_tables_say_is_so_and_pages_and_cards_are_up_to_date() -> None:
    assert coverage.problems(tables()) == []
    assert coverage.stale() == []


def test_rows_of_a_page_are_told_apart() -> None:
    for table in tables():
        anchors = [row.anchor for row in table.rows]
        assert sorted(anchors) == sorted(set(anchors)), table.name


def test_a_method_and_a_benchmark_know_their_rows() -> None:
    assert [(table.name, row.name) for table, row in rows_of("method:energy")] == [("openood", "ebo")]
    assert ("domainbed", "PACS") in [(table.name, row.name) for table, row in rows_of("benchmark:domainbed/pacs")]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('here = ["method:no-such"]\ninterpretation = "x"', "there is no method:no-such"),
        ('here = ["setting:energy.no"]\ninterpretation = "x"', "there is no setting:energy.no"),
        ('here = ["metric:no"]\ninterpretation = "x"', "there is no metric:no"),
        ('here = ["command:no"]\ninterpretation = "x"', "there is no command:no"),
        ('here = ["method:energy"]\nequal = "x"\ntests = ["tests/no.py"]', "there is no file tests/no.py"),
        (
            'here = ["method:energy"]\nequal = "x"\ntests = ["tests/docs/test_metrics_page.py::test_no"]',
            "tests/docs/test_metrics_page.py has no test test_no",
        ),
        (
            'here = ["method:crlnet"]\nequal = "x"\ntests = ["tests/docs/test_metrics_page.py"]',
            "tests/docs/test_metrics_page.py mentions none of crlnet, unsaid",
        ),
    ],
)
def test_a_claim_that_is_not_so_is_named(row: str, said: str) -> None:
    table = read("made", f"{HEAD}[algorithm.Unsaid]\n{row}\n")
    found = [problem for problem in coverage.problems((table,)) if problem.startswith("made.toml")]
    assert found == [f"made.toml: Unsaid: {said}"]


def test_what_has_a_paper_and_no_row_is_named() -> None:
    assert "method:erm has a paper and stands in no row of docs/coverage" in coverage.problems(())


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("", "say one of equal, property, interpretation, absent"),
        ('equal = "x"\nabsent = "y"', "say one of"),
        ('equal = "x"', "needs `here`"),
        ('absent = "x"\nhere = ["method:erm"]', "needs `here`"),
        ('equal = "x"\nhere = ["method:erm"]', "name the tests"),
        ('absent = "x"\nwhy = "y"', "why is not known"),
        ('equal = "x"\nhere = ["erm"]\ntests = ["t"]', "must begin with one of"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(row: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as told:
        read("made", f"{HEAD}[algorithm.Fish]\n{row}\n")
    assert "made.toml: algorithm 'Fish'" in str(told.value)


def test_a_page_has_a_row_with_an_address_and_links() -> None:
    text = coverage.page(read("made", f'{HEAD}["data set".A_B]\n{Level.ABSENT} = "no | room"\n'))
    assert '| <a id="data-set-a-b"></a>A_B |  | **Not here**: no \\| room |  |' in text
    page = coverage.page(next(table for table in tables() if table.name == "domainbed"))
    assert "[`domainbed/pacs`](../benchmarks/domainbed-pacs.md)" in page
    assert "[`erm`](../generalization.md#the-algorithms)" in page


def test_every_method_with_a_paper_leads_to_its_row_and_every_row_to_its_methods() -> None:
    guides = {path: path.read_text(encoding="utf-8") for path in coverage.DOCS.glob("*.md")}
    linked = {
        (name, page, anchor)
        for text in guides.values()
        for name, page, anchor in re.findall(r"\[`([\w-]+)`\]\(coverage/([\w-]+)\.md#([\w-]+)\)", text)
    }
    with_papers = {name.partition(":")[2] for name in coverage.here().with_papers if name.startswith("method:")}
    assert with_papers <= {name for name, _, _ in linked}
    rows = {(each, table.name, row.anchor) for table in tables() for row in table.rows for each in row.here}
    assert {(f"method:{name}", page, anchor) for name, page, anchor in linked} <= rows
    sections = {(path.name, coverage._slug(title)) for path, text in guides.items() for title in HEADING.findall(text)}
    pages = [path.read_text(encoding="utf-8") for path in coverage.PAGES.glob("*.md")]
    back = {link for text in pages for link in re.findall(r"\]\(\.\./([\w-]+\.md)#([\w-]+)\)", text)}
    assert back <= sections
    assert len(back) > 10
