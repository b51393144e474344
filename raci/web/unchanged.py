"""Pages that are not made again for who has them already: an ETag over all that decides what they say.

Such a page is kept by its reader's browser alone, which asks each time whether it still holds.
"""

import hashlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_vary_headers

_CODE = (("raci", "*.py"), ("culture", "*.py"), ("raci", "*.html"), ("templates", "*"), ("static", "*"))


def unless_known(request: HttpRequest, parts: Iterable[object], make: Callable[[], HttpResponse]) -> HttpResponse:
    """What `make` answers, or 304 without making it where the reader has just that. `parts` are plain values."""
    tag = f'"{hashlib.sha256(repr((code_version(), *parts)).encode()).hexdigest()[:32]}"'
    known: HttpResponse | None = get_conditional_response(request, etag=tag)
    if known is not None and known.status_code == 304:
        known.headers["ETag"] = tag
        return _kept_by_its_reader(known)
    answer = make()
    if answer.status_code == 200:
        answer.headers["ETag"] = tag
    return _kept_by_its_reader(answer)


@cache
def code_version() -> str:
    """A digest of the code, templates and styles, by size and time; it changes with every deployment."""
    found = hashlib.sha256()
    for folder, pattern in _CODE:
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob(pattern)):
            if path.is_file():
                stat = path.stat()
                found.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return found.hexdigest()


def _kept_by_its_reader(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ["Cookie"])
    return answer
