"""The kernel "Python 3 (tsdebug)": IPython's, with tsviz loaded and `tsdebug/*` requests."""
