"""`make fuzz`: random nonsense for everything that takes what strangers send; see docs/fuzzing.md."""
