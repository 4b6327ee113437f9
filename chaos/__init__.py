"""Breaks a running site on purpose, again and again, then counts what was lost, stuck or doubled."""
