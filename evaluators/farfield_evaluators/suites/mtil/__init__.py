"""Tasks learned one after the other by a model that knows something of all of them before: MTIL."""
