"""The sites that may show an embedded page: what stands in `frame-ancestors`, so it is read strictly."""

import re

from raci.web.domains import LONGEST, Ambiguous, wire_form

MOST = 10
_ORIGIN = re.compile(r"(https?)://([^\s/:?#@\[\]\\;,'\"*]+)(?::([0-9]{1,5}))?/?", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_PORTS = {"https": 443, "http": 80}


def origin(text: str) -> str:
    """The site, in lower case and without a port that goes without saying: https://intranet.example.

    Raises ValueError with a sentence for anything else than https://host, with a port or none; http is for localhost.
    """
    found = _ORIGIN.fullmatch(text.strip())
    if found is None:
        raise ValueError(_unlike(text))
    scheme, host, port = found[1].lower(), _host(found[2], text), int(found[3] or 0)
    if scheme == "http" and host != "localhost":
        raise ValueError(f"{_shown(text)} is not secure. Only https:// may show the page; http:// is for localhost.")
    if found[3] and not 0 < port < 2**16:
        raise ValueError(f"{_shown(text)} has a port that does not exist.")
    return f"{scheme}://{host}" + (f":{port}" if port and port != _PORTS[scheme] else "")


def origins(text: str) -> list[str]:
    """All of them, each once, as they were typed: with blanks, commas or new lines between. Raises ValueError."""
    found = list(dict.fromkeys(origin(part) for part in re.split(r"[\s,]+", text) if part))
    if not found:
        raise ValueError("Name the site the page goes into, like https://intranet.example.org.")
    if len(found) > MOST:
        raise ValueError(f"A page goes into up to {MOST} sites; these are {len(found)}. Make another for the rest.")
    return found


def _host(name: str, text: str) -> str:
    """The name as it goes over the wire."""
    try:
        host = wire_form(name)
    except Ambiguous as error:
        raise ValueError(f"{_shown(text)} leads to different sites. Write that domain in its xn-- form.") from error
    except UnicodeError as error:
        raise ValueError(_unlike(text)) from error
    if len(host) > LONGEST or not _HOST.fullmatch(host):
        raise ValueError(_unlike(text))
    return host


def _unlike(text: str) -> str:
    return f"{_shown(text)} is no site. Write it like https://intranet.example.org, without a path."


def _shown(text: str) -> str:
    short = text.strip()
    return f"“{short[:60]}{'…' if len(short) > 60 else ''}”"
