"""Methods for long tails, one a file. Nothing here imports torch at its top, so that listing them takes no time.

The nearest class mean, which is compared with them, is `ncm` among the methods of classification.
"""
