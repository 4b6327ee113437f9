"""The suites that come with Farfield, each through the door that a third party's takes: see `suite.py`."""
