"""The sites an embedded page goes into: read strictly, for they stand in a header."""

import pytest

from raci.publishing.origins import origin, origins


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://intranet.example.org", "https://intranet.example.org"),
        (" HTTPS://Intranet.Example.ORG/ ", "https://intranet.example.org"),
        ("https://wiki", "https://wiki"),
        ("https://wiki.example:8443", "https://wiki.example:8443"),
        ("https://wiki.example:443/", "https://wiki.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://localhost", "http://localhost"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://LOCALHOST:80", "http://localhost"),
    ],
)
def test_a_site_is_kept_in_one_form(typed, kept):
    assert origin(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "intranet.example.org",
        "http://intranet.example.org",
        "http://localhost.example",
        "http://127.0.0.1",
        "ftp://intranet.example.org",
        "https://",
        "https:///",
        "https://*",
        "https://*.example.org",
        "https://intranet.example.org/wiki",
        "https://intranet.example.org?x",
        "https://intranet.example.org#x",
        "https://me@intranet.example.org",
        "https://intranet.example.org:0",
        "https://intranet.example.org:65536",
        "https://intranet.example.org:port",
        "https://intranet.example.org;script-src",
        "https://intranet.example.org,https://other.example",
        "https://'self'",
        "https://-a.example",
        "https://a..example",
        "https://1.2.3.4",
        "https://0x7f.1",
        "https://[::1]",
        "https://" + "a" * 64 + ".example",
        "https://" + "a." * 130 + "example",
        "'self'",
        "https:",
        "data:",
        "null",
        "javascript:alert(1)",
    ],
)
def test_anything_else_is_refused_with_a_sentence(typed):
    with pytest.raises(ValueError, match=r"^“.*\.$"):
        origin(typed)


@pytest.mark.parametrize(
    "name",
    [
        "stra\u00dfe.example",
        "STRA\u1e9eE.example",
        "\u03b2\u03bf\u03bb\u03bf\u03c2.example",
        "a\u200cb.example",
        "a\u200db.example",
    ],
)
def test_a_site_that_the_two_standards_of_names_tell_apart_is_asked_for_in_ascii(name):
    with pytest.raises(ValueError, match="Write that domain in its xn-- form"):
        origin(f"https://{name}")
    assert origin("https://xn--strae-oqa.example") == "https://xn--strae-oqa.example"


def test_each_site_counts_once_however_they_are_set_apart():
    typed = "https://a.example\nhttps://b.example, https://A.example/\r\n\thttps://c.example"
    assert origins(typed) == ["https://a.example", "https://b.example", "https://c.example"]


@pytest.mark.parametrize("typed", ["", " \n , "])
def test_at_least_one_is_named(typed):
    with pytest.raises(ValueError, match="Name the site"):
        origins(typed)


def test_ten_are_the_most():
    names = [f"https://site-{n}.example" for n in range(11)]
    assert len(origins(" ".join(names[:10]))) == 10
    with pytest.raises(ValueError, match="up to 10 sites; these are 11"):
        origins(" ".join(names))
