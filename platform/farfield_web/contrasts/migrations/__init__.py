"""Migrations of contrasts."""
