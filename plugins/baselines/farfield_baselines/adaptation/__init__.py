"""Methods that adapt to other data than they have labels of, one a file.

Nothing imports torch at its top, so that listing the methods takes no time.
"""
