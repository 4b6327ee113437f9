"""The `farfield` command: what it prints, its exit statuses, and what it says about missing parts."""

import subprocess
import sys
from importlib.metadata import EntryPoint, version
from pathlib import Path
from typing import Any

import pytest

from farfield import Images, MethodSpec, TaskFamily, TrackClaims, cli
from farfield.errors import ConfigError, UnknownName
from farfield.registry import Registered


class Constant:
    """The smallest method that keeps its protocol."""

    def __init__(self, context: Any) -> None:
        self.classes = context.class_count

    def predict(self, images: Any) -> Any:
        return [[0.0] * self.classes] * len(images)


class Wrong(Constant):
    """Two-class logits, whatever the benchmark."""

    def predict(self, images: Any) -> Any:
        return [[0.0, 1.0]] * len(images)


class Installed:
    """Stands in for the registry."""

    def __init__(self, *builds: type) -> None:
        self.methods = {b.__name__.lower(): self._registered(b) for b in builds}

    def _registered(self, build: type) -> Registered[MethodSpec]:
        spec = MethodSpec(
            name=build.__name__.lower(),
            family=TaskFamily.CLASSIFICATION,
            summary=f"{build.__name__}.",
            build=build,
            inputs=Images(size=8),
            claims=TrackClaims(backbone="none"),
        )
        return Registered(spec=spec, plugin="toy", distribution="toy-dist", version="1.2")

    def method(self, name: str) -> Registered[MethodSpec]:
        if name not in self.methods:
            raise UnknownName("method", name, list(self.methods))
        return self.methods[name]


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "load", lambda: Installed(Constant, Wrong))


@pytest.fixture
def no_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "entry_points", lambda group: ())


@pytest.mark.usefixtures("installed", "no_commands")
def test_methods_lists_name_family_origin_and_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["methods"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "constant  classification  images  toy-dist 1.2  Constant.",
        "wrong     classification  images  toy-dist 1.2  Wrong.",
    ]


@pytest.mark.usefixtures("no_commands")
def test_methods_without_a_plugin_says_how_to_begin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "load", Installed)
    assert cli.main(["methods"]) == 0
    assert "`farfield new NAME` writes one" in capsys.readouterr().out


@pytest.mark.usefixtures("installed", "no_commands")
def test_check_passes_and_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "constant"]) == 0
    assert capsys.readouterr().out == "constant keeps the classification protocol\n"
    assert cli.main(["check", "wrong"]) == 1
    assert "must have the shape (4, 3), got (4, 2) [plugin.protocol]" in capsys.readouterr().err
    assert cli.main(["check", "absent"]) == 1
    assert capsys.readouterr().err == (
        "farfield: no method is called 'absent'; available: constant, wrong [plugin.unknown_name]\n"
    )


@pytest.mark.usefixtures("no_commands")
@pytest.mark.parametrize("name", cli.ELSEWHERE)
@pytest.mark.parametrize("rest", [[], ["x", "--benchmark", "b"], ["--help"], ["-h", "--", "x"]])
def test_commands_of_other_parts_say_how_to_get_them(
    name: str, rest: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([name, *rest]) == 2
    said = capsys.readouterr().err
    assert f"`{name}` is not part of the SDK" in said
    assert "`make install`" in said


def test_a_command_that_cannot_be_loaded_leaves_the_others_working(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = EntryPoint("evaluate", "no_such_module:add", cli.COMMANDS_GROUP)
    monkeypatch.setattr(cli, "entry_points", lambda group: (broken,))
    monkeypatch.setattr(cli, "load", Installed)
    assert cli.main(["methods"]) == 0
    assert cli.main(["evaluate", "x"]) == 2
    assert "`evaluate` cannot be loaded (No module named 'no_such_module')" in capsys.readouterr().err


def add_echo(commands: Any) -> None:
    def run(args: Any) -> int:
        if args.word == "fail":
            raise ConfigError(["k: bad", "m: worse"])
        if args.word == "stop":
            raise KeyboardInterrupt
        return len(args.word)

    parser = commands.add_parser("echo")
    parser.add_argument("word")
    parser.set_defaults(run=run)


def test_an_installed_command_is_run_and_its_status_returned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Point:
        name = "echo"

        def load(self) -> Any:
            return add_echo

    monkeypatch.setattr(cli, "entry_points", lambda group: (Point(),))
    assert cli.main(["echo", "hello"]) == 5
    assert cli.main(["echo", "stop"]) == 130
    assert cli.main(["echo", "fail"]) == 1
    assert capsys.readouterr().err == "farfield: k: bad; m: worse [plugin.bad_config]\n"


@pytest.mark.usefixtures("no_commands")
@pytest.mark.parametrize("argv", [[], ["unknown"], ["check"], ["new"]])
def test_wrong_usage_is_status_2(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(argv)
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith("usage: farfield")


@pytest.mark.usefixtures("no_commands")
def test_the_version_is_the_distributions(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out == f"farfield {version('farfield')}\n"


@pytest.mark.usefixtures("no_commands")
def test_new_writes_a_plugin_and_says_what_comes_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["new", "my-colours", "--into", str(tmp_path / "a b")]) == 0
    said = capsys.readouterr().out
    assert f"pip install -e '{tmp_path}/a b/my-colours'" in said
    assert said.endswith("farfield check my-colours\n")
    assert cli.main(["new", "my-colours", "--into", str(tmp_path / "a b")]) == 1
    assert "exists already; choose another name or another --into" in capsys.readouterr().err


def test_a_reader_that_leaves_early_causes_no_complaint() -> None:
    script = (
        "import sys; from farfield import cli; cli.load = lambda: print('x' * 10**6); sys.exit(cli.main(['methods']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script, "methods"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said == b""
