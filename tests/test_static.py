"""Nothing stands in the style sheets, the tokens or the sprite that no page uses, and nothing is used that is not there."""

import re
from itertools import chain
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
SPRITE = ROOT / "templates" / "_sprite.html"
PAGES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if path != SPRITE]
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
CODE = sorted([*(ROOT / "raci").rglob("*.py"), *(ROOT / "culture").rglob("*.py")])

# Named by a value in a template: class="f-{{ level }}", href="#i-{{ severity }}", or by a library that is not ours.
BUILT = {"f-lead", "f-support", "f-contribute", "f-informed", "f-none", "is-error", "is-warn", "is-note"}
LIBRARIES = {"htmx-request", "sortable-ghost", "sortable-chosen", "sortable-drag", "errorlist"}
BUILT_ICONS = {"i-error", "i-warn", "i-note"}

_TEMPLATE_COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CSS_TEXT = re.compile(r'url\([^)]*\)|"[^"]*"')
_NAME = re.compile(r"[A-Za-z][\w-]*")


def classes(sheet: str) -> set[str]:
    """The classes its selectors name."""
    plain = _CSS_TEXT.sub("", _CSS_COMMENT.sub("", sheet))
    return {
        name for selector in re.findall(r"([^{};]+)\{", plain) for name in re.findall(r"\.([A-Za-z][\w-]*)", selector)
    }


def words(parts: list[str]) -> set[str]:
    return {word for part in parts for word in _NAME.findall(part)}


def in_page(text: str) -> set[str]:
    """Words in a class attribute and in a block for one, tags included, and in the quoted texts of a tag."""
    plain = _TEMPLATE_COMMENT.sub("", text)
    parts = re.findall(r"\bclass=\"((?:\{%.*?%\}|\{\{.*?\}\}|[^\"])*)\"", plain, re.DOTALL)
    parts += re.findall(r"\{% block \w+_class %\}(.*?)\{% endblock", plain, re.DOTALL)
    for tag in re.findall(r"\{%.*?%\}|\{\{.*?\}\}", plain, re.DOTALL):
        parts += chain.from_iterable(re.findall(r"\"([^\"]*)\"|'([^']*)'", tag))
    return words(parts)


def in_code(text: str) -> set[str]:
    """Words in the texts of a script or a module."""
    return words(list(chain.from_iterable(re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`", text))))


def used() -> set[str]:
    names = BUILT | LIBRARIES
    for path in PAGES:
        names |= in_page(path.read_text())
    for path in [SPRITE, *SCRIPTS, *CODE]:
        names |= in_page(path.read_text()) if path == SPRITE else in_code(path.read_text())
    return names


def test_every_class_of_a_style_sheet_is_used():
    known = used()
    dead = {f"{path.name}: .{name}" for path in SHEETS for name in classes(path.read_text()) - known}
    assert not dead


def test_every_custom_property_is_used_and_every_used_one_is_set():
    sheets = "\n".join(_CSS_COMMENT.sub("", path.read_text()) for path in SHEETS)
    assert set(re.findall(r"(?<![\w-])(--[\w-]+)\s*:", sheets)) - {"--focused-cell"} == set(
        re.findall(r"var\((--[\w-]+)", sheets)
    )


def test_every_icon_of_the_sprite_is_used_and_every_used_one_is_there():
    sources = "\n".join(_TEMPLATE_COMMENT.sub("", path.read_text()) for path in [*PAGES, *SCRIPTS])
    there = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE.read_text()))
    assert there == set(re.findall(r"#(i-\w[\w-]*)", sources)) | BUILT_ICONS


def test_what_nothing_uses_is_found():
    assert classes('@media (a: b) { .one, p:has(> .two) { x: url("a.png") } } /* .three {} */') == {"one", "two"}
    page = '<p class="a{% if b == "c" %} d{% endif %}" id="e">{% include "x.html" with style="f" %}{# class="g" #}</p>'
    assert {"a", "d", "f"} <= in_page(page)
    assert not {"e", "g"} & in_page(page)
    assert in_code("x.className = open ? \"one\" : 'two'; // three") == {"one", "two"}
