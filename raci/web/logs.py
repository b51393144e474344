"""What the log leaves out: the tokens of links, which are as good as a key."""

import logging
import re

_AFTER_PREFIX = re.compile(
    r"(/(?:answers|calendars|drafts|embed|feeds|invitations|letters|polls|shared|sign-in)/+)[^/\s?]+", re.IGNORECASE
)
_TOKEN_LIKE = re.compile(r"[A-Za-z0-9_-]{40,}", re.ASCII)  # wherever a slip of the hand has put it


class HideTokens(logging.Filter):
    """Puts a dot for every token in a line about a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _hidden(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(value) for value in record.args)
        return True


def _hidden(value: object) -> object:
    return _TOKEN_LIKE.sub("·", _AFTER_PREFIX.sub(r"\1·", value)) if isinstance(value, str) else value
