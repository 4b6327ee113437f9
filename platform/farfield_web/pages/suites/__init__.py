"""What the operator installed."""
