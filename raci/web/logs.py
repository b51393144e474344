"""What the log leaves out: the tokens of links, which are as good as a key."""

import logging
import re

_TOKENS = re.compile(r"(/(?:answers|sign-in)/)[^/\s?]+")


class HideTokens(logging.Filter):
    """Puts a dot for every token in a line about a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _hidden(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_hidden(value) for value in record.args)
        return True


def _hidden(value: object) -> object:
    return _TOKENS.sub(r"\1·", value) if isinstance(value, str) else value
