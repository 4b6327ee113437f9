"""What was entered, and what it gave so far."""
