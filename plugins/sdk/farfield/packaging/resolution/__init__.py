"""What a package needs, held against a site's base environment: the one way, for a worker's build and `farfield check`.

Its modules need the library `packaging`, which the rest of the SDK does without: `pip install 'farfield[check]'`.
"""
