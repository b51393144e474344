"""Live editing: what changed is pushed to every page that shows the matrix, and who else is there.

`news.py` makes what is sent out of the log, `presence.py` knows who is where, `readers.py` who may read on; `hub.py`
hands it to the open streams of this process, `stream.py` is one stream. The log is the truth: a page that missed
something is told all since.
"""
