"""How a run's memory is limited and counted: by control groups where they can be had, by adding up where not."""
