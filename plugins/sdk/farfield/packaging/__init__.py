"""What strangers send, a package above all: looked into without believing it, and held against what sites have.

Only `resolution` and `rehearsal` need more than the standard library: `pip install 'farfield[check]'`.
"""
