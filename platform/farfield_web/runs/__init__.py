"""Evaluations: their states, leases, logs and scores."""
