"""Runs, one by one: where each stands, and its log."""
