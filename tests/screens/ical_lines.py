"""A calendar read line by line, as RFC 5545 has it: by other code than that which wrote it, and no library's."""

import re

LINE = re.compile(r"(?P<name>[A-Z0-9-]+)(?P<options>(?:;[A-Z0-9-]+=[^;:,\"]+)*):(?P<value>.*)", re.DOTALL)
TEXT = re.compile(r"(?:\\[\\;,nN]|[^\\;,\x00-\x08\x0a-\x1f\x7f])*")  # section 3.3.11
DATE, MOMENT = re.compile(r"[0-9]{8}"), re.compile(r"[0-9]{8}T[0-9]{6}Z")
TEXTS = ("SUMMARY", "DESCRIPTION", "NAME", "X-WR-CALNAME", "UID", "PRODID")
ONCE = {"VCALENDAR": ("PRODID", "VERSION"), "VEVENT": ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY")}

Component = dict[str, list[tuple[str, str]]]


def check(content: bytes) -> list[Component]:
    """The events of a calendar, each as its properties; an AssertionError where it is none."""
    assert content.endswith(b"\r\n")
    lines = content[:-2].split(b"\r\n")
    assert not any(sign in line for line in lines for sign in (b"\r", b"\n"))
    assert max(map(len, lines)) <= 75  # octets; section 3.1
    unfolded = content[:-2].replace(b"\r\n ", b"").replace(b"\r\n\t", b"").decode().split("\r\n")
    assert (unfolded[0], unfolded[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    found = _components(unfolded)
    calendars = [properties for kind, properties in found if kind == "VCALENDAR"]
    assert len(calendars) == 1
    assert calendars[0]["VERSION"] == [("", "2.0")]
    events = [properties for kind, properties in found if kind == "VEVENT"]
    assert len(found) == 1 + len(events)
    for event in events:
        _check_when(event)
    assert len({event["UID"][0] for event in events}) == len(events)
    return events


def _components(lines: list[str]) -> list[tuple[str, Component]]:
    """All there are, each within another but the first."""
    found, open_ones = list[tuple[str, Component]](), list[tuple[str, Component]]()
    for line in lines:
        parts = LINE.fullmatch(line)
        assert parts, line
        name, options, value = parts.groups()
        if name == "BEGIN":
            open_ones.append((value, {}))
        elif name == "END":
            kind, properties = open_ones.pop()
            assert kind == value
            assert all(len(properties.get(each, ())) == 1 for each in ONCE[kind]), kind
            found.append((kind, properties))
        else:
            assert name not in TEXTS or TEXT.fullmatch(value), line
            open_ones[-1][1].setdefault(name, []).append((options, value))
    assert not open_ones
    return found


def _check_when(event: Component) -> None:
    """Whole days, or moments."""
    ((starts, first),), ((ends, last),), ((_, stamp),) = event["DTSTART"], event["DTEND"], event["DTSTAMP"]
    assert starts == ends
    assert starts in (";VALUE=DATE", "")
    form = DATE if starts else MOMENT
    assert form.fullmatch(first)
    assert form.fullmatch(last)
    assert first < last
    assert MOMENT.fullmatch(stamp)
    assert event["SEQUENCE"][0][1].isdecimal()
