"""The ways to enter something."""
