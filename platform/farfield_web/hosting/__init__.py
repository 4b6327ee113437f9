"""What the hosts of a benchmark decide without code: its intake, phases, questions, and for how long files are kept."""
