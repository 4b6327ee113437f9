"""Finding installed plugins through entry points of the group `farfield`.

pluggy's own loader silently skips a second distribution that uses a taken entry-point name, and its import errors
do not say which plugin failed; so the entry points are walked here, and a bad plugin fails by name.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, TypeVar

import pluggy

from farfield import hookspecs
from farfield.errors import PluginLoadError, SpecError, UnknownName
from farfield.group import GROUP
from farfield.hooks import PROJECT
from farfield.method import BackboneSpec, MethodSpec
from farfield.packaging.stated import stated
from farfield.packaging.versions import normal_name

SpecT = TypeVar("SpecT", MethodSpec, BackboneSpec)


@dataclass(frozen=True, kw_only=True)
class Registered(Generic[SpecT]):
    """A spec together with where it came from."""

    spec: SpecT
    plugin: str
    distribution: str
    version: str


@dataclass(frozen=True, kw_only=True)
class _Plugin:
    entry_point: EntryPoint
    distribution: str
    version: str


class Registry:
    """The methods and backbones of the loaded plugins, by name."""

    def __init__(self, plugins: Iterable[_Plugin]) -> None:
        self.methods: dict[str, Registered[MethodSpec]] = {}
        self.backbones: dict[str, Registered[BackboneSpec]] = {}
        self.plugins: dict[str, str] = {}
        for plugin in plugins:
            self._register(plugin)

    def method(self, name: str) -> Registered[MethodSpec]:
        """Raises UnknownName with the names that are installed."""
        return _lookup("method", self.methods, name)

    def backbone(self, name: str) -> Registered[BackboneSpec]:
        """Raises UnknownName with the names that are installed."""
        return _lookup("backbone", self.backbones, name)

    def add(self, other: "Registry", plugin: _Plugin) -> None:
        """Take over all of another one, which is a plugin's alone, or nothing. Raises PluginLoadError."""
        pairs = ((self.methods, other.methods), (self.backbones, other.backbones))
        for mine, more in pairs:
            for name in more.keys() & mine.keys():
                raise _failure(plugin, f"the name {name!r} is taken by plugin {mine[name].plugin!r}")
        self.methods |= other.methods
        self.backbones |= other.backbones
        self.plugins[plugin.entry_point.name] = plugin.distribution

    def _register(self, plugin: _Plugin) -> None:
        manager = _imported(plugin)
        _collect(plugin, "farfield_methods", manager, MethodSpec, self.methods)
        _collect(plugin, "farfield_backbones", manager, BackboneSpec, self.backbones)


def load(only: Sequence[str] | None = None) -> Registry:
    """Import the installed plugins, or those named in `only`, and check what they register.

    Raises PluginLoadError for one that fails to import, registers a thing of the wrong type, or a name twice;
    UnknownName for a plugin in `only` that is not installed.
    """
    found = _installed()
    if only is not None:
        found = [_lookup("plugin", {p.entry_point.name: p for p in found}, name) for name in only]
    return Registry(found)


def load_method(plugin: str, name: str) -> Registered[MethodSpec]:
    """One method of an installed plugin: it alone where the plugin gives it by its name, else out of all of them.

    Raises as `load` and `Registry.method` do.
    """
    owner = _lookup("plugin", {p.entry_point.name: p for p in _installed()}, plugin)
    manager = _imported(owner)
    for spec in _called(owner, "farfield_method_named", manager, name):
        if spec is None:
            continue
        if not isinstance(spec, MethodSpec) or spec.name != name:
            given = f"the method {spec.name!r}" if isinstance(spec, MethodSpec) else f"a {type(spec).__name__}"
            raise _failure(owner, f"farfield_method_named({name!r}) must return that method or None, not {given}")
        return _registered(owner, spec)
    return Registry([owner]).method(name)


def load_ahead(plugin: str) -> None:
    """Import what `load_method` will need, as far as that does not hang on the method. Raises as `load` does."""
    owner = _lookup("plugin", {p.entry_point.name: p for p in _installed()}, plugin)
    if not _imported(owner).hook.farfield_method_named.get_hookimpls():
        Registry([owner])


def load_each(survives: Callable[[EntryPoint], bool] = lambda point: True) -> tuple[Registry, list[PluginLoadError]]:
    """Every installed plugin that works, and of each other one why it does not: for who serves all of them.

    `survives` is asked first whether this process would outlive the import.
    """
    registry, refused = Registry([]), list[PluginLoadError]()
    for plugin in _sorted():
        try:
            _refuse_second(plugin, registry)
            if not survives(plugin.entry_point):
                raise _failure(plugin, "the process ended while it was imported")
            registry.add(Registry([plugin]), plugin)
        except PluginLoadError as error:
            refused.append(error)
    return registry, refused


def load_distribution(name: str) -> Registry:
    """Import the plugins of one installed distribution, and no other.

    Raises as `load` does; UnknownName for a distribution that has no plugin.
    """
    found = _installed()
    wanted = normal_name(name)
    _lookup("distribution", dict.fromkeys(p.distribution for p in found), wanted)
    return Registry(p for p in found if p.distribution == wanted)


def _imported(plugin: _Plugin) -> pluggy.PluginManager:
    """Its module, and the hooks in it."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    try:
        module = plugin.entry_point.load()
        manager.register(module, plugin.entry_point.name)
        manager.check_pending()
    except SpecError as error:  # a specification that is made as the module is imported
        raise _failure(plugin, str(error), error.code) from error
    except (Exception, SystemExit) as error:
        raise _failure(plugin, f"{type(error).__name__}: {error}") from error
    if not manager.get_hookcallers(module):
        raise _failure(plugin, "it implements no hook; decorate `farfield_methods` with `farfield.hookimpl`")
    return manager


def _installed() -> list[_Plugin]:
    found: dict[str, _Plugin] = {}
    for plugin in _sorted():
        other = found.setdefault(plugin.entry_point.name, plugin)
        # Two distributions under one name are a clash.
        if other.distribution != plugin.distribution:
            raise _clash(plugin, other.distribution)
    return list(found.values())


def _sorted() -> list[_Plugin]:
    """Each once, though an editable install can list its metadata twice."""
    found: dict[tuple[str, str], _Plugin] = {}
    for point in entry_points(group=GROUP):
        plugin = _described(point)
        found.setdefault((point.name, plugin.distribution), plugin)
    return [found[key] for key in sorted(found)]


def _refuse_second(plugin: _Plugin, registry: Registry) -> None:
    holder = registry.plugins.get(plugin.entry_point.name)
    if holder is not None:
        raise _clash(plugin, holder)


def _clash(plugin: _Plugin, holder: str) -> PluginLoadError:
    return _failure(plugin, f"the entry-point name is taken by distribution {holder!r}; rename one of them")


def _described(point: EntryPoint) -> _Plugin:
    """Where it comes from. Metadata that lost its name, by a full disk or by hand, must not stop all the others."""
    name, version = (stated(point.dist, field) if point.dist else "" for field in ("Name", "Version"))
    return _Plugin(entry_point=point, distribution=normal_name(name) if name else "unknown", version=version or "0")


def _collect(
    plugin: _Plugin,
    hook: str,
    manager: pluggy.PluginManager,
    kind: type[SpecT],
    into: dict[str, Registered[SpecT]],
) -> None:
    """What a method is called with one of its inputs stands in records and seeds, and must mean nothing else."""
    words = {word: name for name, other in into.items() for word in words_of(other.spec)}
    for item in _returned(plugin, hook, manager, kind.__name__):
        if not isinstance(item, kind):
            raise _failure(plugin, f"{hook}() must return {kind.__name__} objects, got {type(item).__name__}")
        if item.name in into:
            raise _failure(plugin, f"the name {item.name!r} is taken by plugin {into[item.name].plugin!r}")
        mine = words_of(item)
        for word in mine & words.keys():
            raise _failure(plugin, f"{word!r} would stand for both {item.name!r} and {words[word]!r} in records")
        words |= dict.fromkeys(mine, item.name)
        into[item.name] = _registered(plugin, item)


def words_of(spec: MethodSpec | BackboneSpec) -> frozenset[str]:
    """Its name, and what it is called with each of its inputs."""
    if not isinstance(spec, MethodSpec):
        return frozenset({spec.name})
    others = (choice.called or f"{name}-{spec.name}" for name, choice in spec.choices.items())
    return frozenset({spec.name, spec.called or spec.name, *others})


def _returned(plugin: _Plugin, hook: str, manager: pluggy.PluginManager, kind: str) -> list[object]:
    """What the implementations return. They are called one by one, for pluggy drops a None without a word."""
    found: list[object] = []
    for result in _called(plugin, hook, manager):
        if not isinstance(result, list | tuple):
            raise _failure(plugin, f"{hook}() must return a list of {kind} objects, got {type(result).__name__}")
        found += result
    return found


def _called(plugin: _Plugin, hook: str, manager: pluggy.PluginManager, *arguments: object) -> Iterator[object]:
    """What each implementation says."""
    for implementation in getattr(manager.hook, hook).get_hookimpls():
        try:
            result = implementation.function(*arguments)
        except SpecError as error:
            raise _failure(plugin, str(error), error.code) from error
        except (Exception, SystemExit) as error:
            raise _failure(plugin, f"{hook}() raised {type(error).__name__}: {error}") from error
        yield result


def _registered(plugin: _Plugin, spec: SpecT) -> Registered[SpecT]:
    return Registered(
        spec=spec, plugin=plugin.entry_point.name, distribution=plugin.distribution, version=plugin.version
    )


def _failure(plugin: _Plugin, reason: str, code: str = PluginLoadError.code) -> PluginLoadError:
    error = PluginLoadError(plugin.entry_point.name, plugin.distribution, reason)
    error.code = code
    return error


ItemT = TypeVar("ItemT")


def _lookup(kind: str, known: dict[str, ItemT], name: str) -> ItemT:
    if name not in known:
        raise UnknownName(kind, name, list(known))
    return known[name]
