"""A suite that cannot be used is refused by its name, with a reason and a remedy, and harms no other."""

import argparse
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.suitehouse import install_suite, points_in

from farfield.cli import main
from farfield.precision import Precision
from farfield_evaluators import catalog as module
from farfield_evaluators.catalog import Catalog, catalog
from farfield_evaluators.suite_checks import runs_problem
from farfield_evaluators.suite_identity import SuiteIdentity
from farfield_evaluators.suite_loading import data_commands_of, importers_of, load, score_commands_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where distributions are installed; the good suite `good` is there."""
    monkeypatch.syspath_prepend(str(tmp_path))
    install_suite(tmp_path, "good")
    return tmp_path


def planned(*methods: str) -> str:
    """A module whose benchmark has a plan with these methods instead of those of trials."""
    body = "\n    ".join(methods)
    return (
        f"from farfield_evaluators.run_plan import Cell\nclass Plan(Trials):\n    {body}\n"
        "SUITE = replace(SUITE, benchmarks=(replace(BENCHMARK, plan=Plan()),))"
    )


# (what the module does, what is said of it)
BROKEN = {
    "import-error": ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module' (line "),
    "exits": ("import sys; sys.exit('bye')", ":SUITE raised SystemExit: bye"),
    "unreadable": (
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "raised E: (its message cannot be read)",
    ),
    "no-suite": ("SUITE = 3", "names no Suite but int"),
    "no-benchmark": ("SUITE = replace(SUITE, benchmarks=())", "it has no benchmark"),
    "no-tuple": ("SUITE = replace(SUITE, benchmarks=[BENCHMARK])", "its benchmarks are no tuple but list"),
    "not-a-benchmark": ("SUITE = replace(SUITE, benchmarks=('x',))", "among its benchmarks is no Benchmark but str"),
    "twice": ("SUITE = replace(SUITE, benchmarks=(BENCHMARK, BENCHMARK))", "two of its benchmarks are called"),
    "wrong-spec": ("replace(BENCHMARK, columns=())", "SpecError: benchmark 'wrong-spec/one': it has no column to rank"),
    "other-name": ("SUITE = replace(SUITE, name='else')", "called 'other-name' and the suite 'else'"),
    "long-name": (f"SUITE = replace(SUITE, benchmarks=(replace(BENCHMARK, name='a/{'b' * 99}'),))", "at most 100"),
    "million": ("replace(BENCHMARK, plan=Trials(10**6))", "its plan makes 1,000,000 runs; at most 10,000 are possible"),
    "runs-raise": (
        planned("def cells(self, *a): raise RuntimeError('no runs')"),
        "making its runs raised RuntimeError",
    ),
    "runs-more": (planned("def cells(self, *a): return [Cell(at={'trial': 0})] * 9"), "says that it makes 1 runs, and"),
    "runs-twice": (
        planned("def count(self, t): return 2", "def cells(self, *a): return [Cell(at={'trial': 0})] * 2"),
        'the plan of runs-twice/one makes the run at {"trial": 0} twice',
    ),
    "runs-astray": (planned("def cells(self, *a): return [Cell(at={'x': 0})]"), "a run at {'x': 0}, and its axes are"),
    "runs-seed": (planned("def cells(self, *a): return [Cell(at={'trial': 0}, seed=-1)]"), "the seed -1; it must be"),
    "no-runs": (planned("def count(self, t): return 0", "def cells(self, *a): return []"), "makes no run"),
    "speechless": (
        "class Scorer:\n    gives = property(lambda self: 1 / 0)\nreplace(BENCHMARK, scorers=(Scorer(),))",
        "raised ZeroDivisionError",
    ),
    "no-facts": (
        (
            "class Odd(type(BENCHMARK)):\n    def comparability_key(self, *a): raise RuntimeError('no facts')\n"
            "SUITE = replace(SUITE, benchmarks=(Odd(**vars(BENCHMARK)),))"
        ),
        "telling its protocol raised RuntimeError: no facts",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_suite_is_refused_by_name_and_the_others_go_on(folder: Path, name: str) -> None:
    code, said = BROKEN[name]
    install_suite(folder, name, version="2.5", code=code)
    installed, (refused,) = load(points_in(folder))
    assert [each.suite.name for each in installed] == ["good"]
    assert (refused.name, refused.distribution, refused.version) == (name, f"dist-{name}", "2.5")
    assert said in refused.reason
    assert refused.remedy == f"upgrade dist-{name}, or uninstall it"


def test_the_plans_of_ours_make_the_runs_that_they_say() -> None:
    for each in catalog().installed:
        assert runs_problem(each.suite) == ""


def test_an_interrupt_from_the_keyboard_is_no_fault_of_a_suite(folder: Path) -> None:
    install_suite(folder, "interrupted", code="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load(points_in(folder))


def test_what_a_message_hides_is_shown_and_cut(folder: Path) -> None:
    install_suite(folder, "loud", code="raise ValueError('a\\x1b[2J\\n' + 'b' * 10_000)")
    _, (refused,) = load(points_in(folder))
    assert "\x1b" not in refused.reason
    assert "\n" not in refused.reason
    assert len(refused.reason) < 500


# --- two that have something in common --------------------------------------------------------------------------------


@pytest.mark.parametrize("first_written", ["zeta", "alpha"])
def test_of_two_with_one_benchmark_the_first_distribution_stays(folder: Path, first_written: str) -> None:
    for name in sorted(("alpha", "zeta"), reverse=first_written == "zeta"):
        install_suite(folder, name, benchmark="shared/board")
    installed, (refused,) = load(points_in(folder))
    assert {each.suite.name for each in installed} == {"alpha", "good"}
    assert refused.name == "zeta"
    assert refused.reason == "the suite alpha of dist-alpha 1.0 has a benchmark 'shared/board' too"
    assert "uninstall dist-zeta or dist-alpha" in refused.remedy


def test_of_two_distributions_with_one_entry_point_name_the_first_stays(folder: Path) -> None:
    install_suite(folder, "same", distribution="b-second", benchmark="same/b")
    install_suite(folder, "same", distribution="a-first", benchmark="same/a")
    installed, (refused,) = load(points_in(folder))
    assert {each.identity.distribution for each in installed} == {"dist-good", "a-first"}
    assert (refused.distribution, refused.reason) == ("b-second", "a-first has a suite of that name")


def test_ours_stays_whatever_the_other_is_called(folder: Path) -> None:
    install_suite(folder, "aaa", distribution="aaa", benchmark="imagenet-ood/mini")
    ours = next(p for p in module.entry_points(group="farfield.suites") if p.name == "mini")
    installed, (refused,) = load([*points_in(folder), ours])
    assert [each.suite.name for each in installed] == ["mini", "good"]
    assert refused.name == "aaa"


def test_a_refused_suite_takes_no_name_from_a_good_one(folder: Path) -> None:
    install_suite(folder, "aaa", benchmark="shared/board", code="SUITE = replace(SUITE, name='wrong')")
    install_suite(folder, "zzz", benchmark="shared/board")
    installed, _ = load(points_in(folder))
    assert {each.suite.name for each in installed} == {"good", "zzz"}


# --- importers --------------------------------------------------------------------------------------------------------

MAKES = "SUITE = replace(SUITE, importers=lambda: (Importer(name='{}', build=None),))"


@pytest.mark.parametrize(
    ("importers", "said"),
    [
        ("lambda: 1 / 0", "asking for them raised ZeroDivisionError"),
        ("lambda: exit('bye')", "asking for them raised SystemExit: bye"),
        ("lambda: ('x',)", "among them is no importer but str"),
        ("lambda: (Importer(name='a', build=None),) * 2", "two of them are called 'a'"),
        (
            "lambda: (Importer(name='of-brings', build=None),)",
            "dist-brings 1.0 imports a pack 'of-brings' too",
        ),
    ],
)
def test_importers_that_cannot_be_used_are_named_and_its_boards_stay(folder: Path, importers: str, said: str) -> None:
    install_suite(folder, "brings", code=MAKES.format("of-brings"))
    install_suite(folder, "more", code=f"SUITE = replace(SUITE, importers={importers})")
    installed, refused = load(points_in(folder))
    assert refused == ()
    importing = importers_of(installed)
    assert list(importing.importers) == ["of-brings"]
    (line,) = map(str, importing.refused)
    assert line.startswith("the importers of suite 'more' of dist-more 1.0: ")
    assert said in line


@pytest.mark.parametrize("command", ["lambda: 1 / 0", "lambda: 'x'", "3"])
def test_a_command_that_cannot_be_used_is_named_and_score_goes_on(folder: Path, command: str) -> None:
    install_suite(folder, "more", code=f"SUITE = replace(SUITE, score_command={command})")
    ours = [each for each in catalog().installed if each.suite.name == "domainbed"]
    own, (refused,) = score_commands_of([*load(points_in(folder))[0], *ours], argparse.ArgumentParser())
    assert list(own) == ["domainbed"]
    assert str(refused).startswith("the command of suite 'more' of dist-more 1.0: ")


MAKER = """
class Maker:
    NAME, HELP = "make-it", "make it"
    def add_options(self, parser):
        parser.add_argument("--sides", type=int, default=4)
    def run(self, args):
        return args.sides
class Broken(Maker):
    NAME = "break-it"
    def add_options(self, parser):
        raise RuntimeError("no options")
SUITE = replace(SUITE, data_commands=lambda: ({},))
"""


def test_a_command_that_makes_data_has_a_parser_of_its_own(folder: Path) -> None:
    install_suite(folder, "more", code=MAKER.format("Maker()"))
    parser = argparse.ArgumentParser()
    actions = parser.add_subparsers()
    own, refused = data_commands_of(load(points_in(folder))[0], actions)
    assert (list(own), refused) == (["make-it"], ())
    args = parser.parse_args(["make-it", "--sides", "6"])
    assert args.run(args) == 6


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (MAKER.format("Broken()"), "no options"),
        ("SUITE = replace(SUITE, data_commands=3)", "'int' object is not callable"),
    ],
)
def test_a_command_that_cannot_make_data_is_named_and_the_others_stay(folder: Path, code: str, said: str) -> None:
    install_suite(folder, "more", code=code)
    installed = [*load(points_in(folder))[0], *catalog().installed]
    own, (refused,) = data_commands_of(installed, argparse.ArgumentParser().add_subparsers())
    assert set(own) == {"build-glt", "corrupt", "sample-shots"}
    assert str(refused).startswith("the command of suite 'more' of dist-more 1.0: ")
    assert said in str(refused)


# --- who a suite is ---------------------------------------------------------------------------------------------------


def identity_of(folder: Path, code: str) -> SuiteIdentity:
    install_suite(folder, "who", code=code)
    (found,) = load(points_in(folder))[0]
    return found.identity


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        ("title='Another'", False),
        ("summary='Another'", False),
        ("citations=('a',)", False),
        ("version='9'", True),
        ("pack='another'", True),
        ("tracks=BENCHMARK.tracks[:1]", True),
        ("plan=Trials(3)", True),
    ],
)
def test_the_digest_is_of_the_protocol_and_not_of_prose(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str, counts: bool
) -> None:
    digests = []
    for number, code in enumerate(("", f"SUITE = replace(SUITE, benchmarks=(replace(BENCHMARK, {change}),))")):
        place = tmp_path / str(number)
        place.mkdir()
        monkeypatch.syspath_prepend(str(place))
        digests.append(identity_of(place, code).digest)
    assert (digests[0] != digests[1]) == counts


def test_an_identity_goes_over_the_wire_and_nothing_else_does() -> None:
    identity = SuiteIdentity(name="a", distribution="b", version="1", digest="d")
    assert SuiteIdentity.from_json(identity.as_json()) == identity
    for wrong in ("text", {}, {**identity.as_json(), "more": "x"}, {**identity.as_json(), "version": 1},
                  {**identity.as_json(), "digest": ""}, {**identity.as_json(), "name": "x" * 201}):  # fmt: skip
        with pytest.raises(ValueError, match="of a suite|a suite is told by"):
            SuiteIdentity.from_json(wrong)


# --- what is installed here -------------------------------------------------------------------------------------------


def test_ours_are_all_there_and_none_is_refused() -> None:
    ours = {each.suite.name for each in catalog().installed if each.identity.distribution == "farfield-platform"}
    assert ours >= {"mini", "domainbed", "imagenet", "openood"}
    assert [each for each in catalog().refused if each.distribution == "farfield-platform"] == []


def test_each_benchmark_of_ours_has_a_card_that_is_called_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    ours = [each.suite for each in catalog().installed if each.identity.distribution == "farfield-platform"]
    for suite in ours:
        for benchmark in suite.benchmarks:
            assert (suite.card(benchmark.name) or "").startswith(f"# {benchmark.name}\n"), benchmark.name
    assert main(["benchmarks", "imagenet-ood/mini"]) == 0
    assert capsys.readouterr().out == ours[0].card("imagenet-ood/mini")


def test_a_card_says_where_networks_may_round(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "imagenet-ood/mini"
    exact = module.card_of(name)
    rounding = replace(module.find(name), precision=Precision.BFLOAT16)
    monkeypatch.setattr(module, "find", lambda _: rounding)
    assert module.card_of(name) == f"{exact}\n{module.ROUNDED}\n"


def test_without_a_card_a_benchmark_says_what_it_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = [replace(each, suite=replace(each.suite, cards=None)) for each in catalog().installed]
    shown = Catalog(installed=tuple(bare))
    monkeypatch.setattr(module, "catalog", lambda: shown)
    assert module.card_of("imagenet-ood/mini").startswith("# imagenet-ood/mini\n\nClassify photographs")


def test_the_suites_are_listed_and_the_refused_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    install_suite(folder, "bad", code="1 / 0")
    installed, refused = load(points_in(folder))
    shown = Catalog(installed=installed, refused=refused)
    monkeypatch.setattr("farfield_evaluators.suites_command.catalog", lambda: shown)
    assert main(["suites"]) == 1
    said = capsys.readouterr()
    assert said.out.startswith("good  dist-good 1.0  protocol ")
    assert "  good/one  v1  " in said.out
    assert said.err.startswith("farfield: not used: suite 'bad' of dist-bad 1.0: importing suite_")
    assert main(["benchmarks"]) == 0
    assert "suite 'bad' of dist-bad 1.0" in capsys.readouterr().err


def test_loading_suites_imports_no_method() -> None:
    """Of the group `farfield`, whose modules are methods: not one, by whatever way."""
    code = (
        "import sys; from importlib.metadata import entry_points; from farfield_evaluators.catalog import catalog;"
        "catalog().importers;"
        "methods = {p.value.partition(':')[0].partition('.')[0] for p in entry_points(group='farfield')};"
        "print(sorted(methods), sorted(m for m in sys.modules if m.partition('.')[0] in methods))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    methods, _, imported = done.stdout.partition("] ")
    assert "farfield_baselines" in methods
    assert imported.strip() == "[]"
