"""The pluggy marker that plugins decorate their hook implementations with."""

import pluggy

PROJECT = "farfield"

hookimpl = pluggy.HookimplMarker(PROJECT)
hookspec = pluggy.HookspecMarker(PROJECT)
