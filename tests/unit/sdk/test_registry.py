"""Finding plugins: fake distributions on the path, and an error by name for each bad one."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from farfield.errors import FarfieldError, PluginLoadError, UnknownName
from farfield.registry import load, load_ahead, load_each, load_method

Install = Callable[..., None]

METHOD = """
from farfield import *

def spec(name):
    return MethodSpec(
        name=name, family=TaskFamily.CLASSIFICATION, summary="A toy.", build=object,
        inputs=Images(), claims=TrackClaims(backbone="none"),
    )

@hookimpl
def farfield_methods():
    return [spec("{method}")]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Put a fake distribution with one entry point and one module on the path."""
    monkeypatch.syspath_prepend(tmp_path)
    modules: list[str] = []

    def add(distribution: str, point: str, module: str, code: str, version: str = "1.0") -> None:
        info = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[farfield]\n{point} = {module}\n")
        (tmp_path / f"{module}.py").write_text(code)
        modules.append(module)
        importlib.invalidate_caches()

    yield add
    for module in modules:
        sys.modules.pop(module, None)


def test_a_plugin_brings_its_methods_with_their_origin(install: Install) -> None:
    install("Toy.Dist", "toy", "toy_module", METHOD.format(method="toy-method"), version="2.5")
    registry = load(["toy"])
    assert list(registry.methods) == ["toy-method"]
    found = registry.method("toy-method")
    assert (found.plugin, found.distribution, found.version) == ("toy", "toy-dist", "2.5")


@pytest.mark.parametrize("metadata", [None, "", "Metadata-Version: 2.1\n"])
def test_a_distribution_without_a_name_stops_nobody(install: Install, tmp_path: Path, metadata: str | None) -> None:
    install("nameless", "toy", "toy_module", METHOD.format(method="toy-method"))
    described = tmp_path / "nameless-1.0.dist-info" / "METADATA"
    described.unlink() if metadata is None else described.write_text(metadata)
    importlib.invalidate_caches()
    found = load(["toy"]).method("toy-method")
    assert (found.plugin, found.distribution, found.version) == ("toy", "unknown", "0")


def test_the_other_hooks_are_collected_too(install: Install) -> None:
    code = """
from farfield import *

@hookimpl
def farfield_backbones():
    return (BackboneSpec(name="b", dim=3, build=object, inputs=Images(), pretraining=(), licence="MIT"),)
"""
    install("toy", "toy", "toy_backbones", code)
    registry = load(["toy"])
    assert registry.backbone("b").spec.dim == 3


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("def broken(:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("x = 1", "it implements no hook"),
        ("def farfield_methods():\n    return []", "it implements no hook"),
        (METHOD.format(method="Bad Name"), "method 'Bad Name': its name must be"),
        (METHOD.format(method="a").replace("[spec(", "iter([spec(").replace(")]", ")])"), "must return a list"),
        (METHOD.format(method="a").replace('[spec("a")]', "None"), "must return a list of MethodSpec.*NoneType"),
        (METHOD.format(method="a").replace('[spec("a")]', "['a']"), "must return MethodSpec objects, got str"),
        (METHOD.format(method="a").replace('[spec("a")]', "[spec('a'), spec('a')]"), "'a' is taken by plugin 'bad'"),
        (METHOD.format(method="a").replace('return [spec("a")]', "raise KeyError('k')"), "raised KeyError: 'k'"),
        (METHOD.format(method="a").replace("farfield_methods", "farfield_method"), "unknown hook 'farfield_method'"),
        (METHOD.format(method="a").replace("methods()", "methods(extra)"), "PluginValidationError"),
    ],
)
def test_a_bad_plugin_fails_by_name(install: Install, code: str, message: str) -> None:
    install("bad-dist", "bad", "bad_module", code)
    with pytest.raises(PluginLoadError, match=message) as caught:
        load(["bad"])
    assert str(caught.value).startswith("plugin 'bad' of distribution 'bad-dist': ")
    assert (caught.value.plugin, caught.value.distribution) == ("bad", "bad-dist")
    with pytest.raises(PluginLoadError):
        load()


def test_two_plugins_may_not_share_a_method_name(install: Install) -> None:
    install("one", "one", "module_one", METHOD.format(method="same"))
    install("two", "two", "module_two", METHOD.format(method="same"))
    with pytest.raises(PluginLoadError, match="plugin 'two'.*the name 'same' is taken by plugin 'one'"):
        load(["one", "two"])


def test_two_distributions_may_not_share_an_entry_point_name(install: Install) -> None:
    install("first-dist", "same", "module_first", METHOD.format(method="a"))
    install("second-dist", "same", "module_second", METHOD.format(method="b"))
    with pytest.raises(PluginLoadError, match="'second-dist': the entry-point name is taken by .*'first-dist'"):
        load(["same"])


def test_metadata_listed_twice_is_one_plugin(install: Install, tmp_path: Path) -> None:
    install("toy", "toy", "toy_twice", METHOD.format(method="a"))
    install("Toy", "toy", "toy_twice", METHOD.format(method="a"), version="1.0.1")
    assert list(load(["toy"]).methods) == ["a"]


def test_only_the_named_plugin_is_imported(install: Install) -> None:
    install("good", "good", "module_good", METHOD.format(method="a"))
    install("bad", "bad", "module_bad", "raise RuntimeError('imported')")
    assert list(load(["good"]).methods) == ["a"]


def test_unknown_names_list_what_is_there(install: Install) -> None:
    install("good", "good", "module_named", METHOD.format(method="a-method"))
    with pytest.raises(UnknownName, match=r"no method is called 'b'; available: a-method$"):
        load(["good"]).method("b")
    with pytest.raises(UnknownName, match="no backbone is called 'b'; available: none are installed"):
        load(["good"]).backbone("b")
    with pytest.raises(UnknownName, match="no plugin is called 'nobody'; available: .*good"):
        load(["nobody"])


def test_every_error_has_a_stable_code() -> None:
    codes = {kind.__name__: kind.code for kind in FarfieldError.__subclasses__()}
    assert (
        codes.items()
        >= {
            "PluginLoadError": "plugin.broken_import",
            "UnknownName": "plugin.unknown_name",
            "ConfigError": "plugin.bad_config",
            "SpecError": "plugin.bad_spec",
            "ProtocolError": "plugin.protocol",
            "JobError": "platform.bad_job",
            "PredictionsError": "predictions.invalid",
        }.items()
    )


@pytest.mark.parametrize("where", ["in the hook", "at the import"])
def test_a_bad_name_is_a_bad_specification_and_no_broken_import(install: Install, where: str) -> None:
    code = METHOD.format(method="Bad Name")
    install("bad-dist", "bad", "bad_module", code if where == "in the hook" else code + '\nspec("Bad Name")\n')
    with pytest.raises(PluginLoadError, match="'Bad Name'") as caught:
        load()
    assert caught.value.code == "plugin.bad_spec"


def test_operating_one_broken_plugin_is_refused_by_name_and_the_others_are_there(install: Install) -> None:
    install("toy-a", "good", "toy_good", METHOD.format(method="toy-good"))
    install("toy-b", "broken", "toy_broken", "import no_such_module")
    install("toy-c", "zz-late", "toy_late", METHOD.format(method="toy-good"))
    install("toy-d", "good", "toy_second", METHOD.format(method="toy-second"))
    registry, refused = load_each()
    assert "toy-good" in registry.methods
    assert "toy-second" not in registry.methods
    told = {(error.plugin, error.distribution): str(error) for error in refused}
    assert "no_such_module" in told["broken", "toy-b"]
    assert "is taken by plugin 'good'" in told["zz-late", "toy-c"]
    assert "taken by distribution 'toy-a'" in told["good", "toy-d"]


ALONE = (
    METHOD.format(method="of-the-list")
    + """
@hookimpl
def farfield_method_named(name):
    return {"alone": spec("alone"), "mistaken": spec("another"), "no-spec": 3}.get(name)
"""
)


def test_one_method_is_asked_for_by_its_name_and_the_list_is_left(install: Install) -> None:
    install("toy", "toy", "toy_alone", ALONE, version="2.5")
    found = load_method("toy", "alone")
    assert (found.spec.name, found.plugin, found.distribution, found.version) == ("alone", "toy", "toy", "2.5")


def test_a_name_that_is_not_known_alone_is_looked_up_in_the_list(install: Install) -> None:
    install("toy", "toy", "toy_alone", ALONE)
    assert load_method("toy", "of-the-list").spec.name == "of-the-list"
    with pytest.raises(UnknownName, match=r"no method is called 'nobody'; available: of-the-list$"):
        load_method("toy", "nobody")


def test_a_plugin_with_a_list_alone_gives_its_methods_as_ever(install: Install) -> None:
    install("toy", "toy", "toy_listed", METHOD.format(method="a-method"))
    load_ahead("toy")
    assert load_method("toy", "a-method").spec.name == "a-method"
    with pytest.raises(UnknownName, match="no plugin is called 'other'"):
        load_method("other", "a-method")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mistaken", r"farfield_method_named\('mistaken'\) must return that method or None, not the method 'another'"),
        ("no-spec", r"farfield_method_named\('no-spec'\) must return that method or None, not a int"),
    ],
)
def test_another_thing_than_the_method_that_was_asked_for_is_refused(install: Install, name: str, message: str) -> None:
    install("toy", "toy", "toy_alone", ALONE)
    with pytest.raises(PluginLoadError, match=message):
        load_method("toy", name)


def test_a_plugin_that_gives_one_method_is_not_asked_for_its_list_ahead(install: Install) -> None:
    install("toy", "toy", "toy_ahead", ALONE.replace('return [spec("of-the-list")]', "raise KeyError('list')"))
    load_ahead("toy")
    assert load_method("toy", "alone").spec.name == "alone"
    with pytest.raises(PluginLoadError, match="raised KeyError: 'list'"):
        load_method("toy", "other")
