"""Nothing inside is ever reached, and no server outside holds us up (T31, M8)."""

import json
import logging
import threading
import time

import pytest

from raci.web import outgoing
from raci.web.outgoing import ANSWER_LIMIT, Unreachable, check_address, is_public, post_json
from raci.web.refusals import Refused
from tests.web.outside import HOST, PUBLIC

HOOK = f"https://{HOST}/services/T0/B0?key=secret"

INNER = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.8",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:93.184.216.34",
    "64:ff9b::7f00:1",
    "64:ff9b::5db8:d822",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:5db8:d822::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%1",
    "fec0::1",
    "ff02::1",
]
OPEN = [PUBLIC, "1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001:80b::200e"]

CLOTHED = [  # 127.0.0.1, and the server that tells machines of a cloud their keys
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://0/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fec0::1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/latest/meta-data/",
    "https://100.64.0.1/",
    "https://192.0.0.8/",
    "https://224.0.0.1/",
]
MISSHAPEN = [
    "",
    "hooks.example.org",
    "//hooks.example.org/",
    "https:hooks.example.org",
    "https://",
    "https:///services",
    "https://?x",
    "https://①②⑦.0.0.1/",
    "https://hooks。example。org/",
    f"http://{HOST}/",
    "http://2130706433/",
    f"ftp://{HOST}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_",
    f"https://{HOST}:80/",
    f"https://{HOST}:8443/",
    f"https://{HOST}:99999/",
    f"https://{HOST}:x/",
    f"https://user@{HOST}/",
    f"https://user:word@{HOST}/",
    f"https://{HOST}@127.0.0.1/",
    f"https://127.0.0.1\\@{HOST}/",
    f"https://{HOST}\\.inner/",
    f"https://{HOST}/ HTTP/1.1\r\nHost: inner",
    f"https://{HOST}/\r\nX: y",
    f"https://{HOST}/\x00",
    f"https://{HOST}/a b",
    f"https://{HOST}%00.inner/",
    f"https://{HOST}%2einner/",
    "https://[::1",
    "https://[fe80::1%25eth0]/",
    "https://[v1.x]/",
    f"https://{HOST}/{'a' * 2000}",
]


@pytest.fixture(autouse=True)
def _reachable(outside):
    outside.leads(HOST, PUBLIC)


def _fails(url=HOOK):
    with pytest.raises(Unreachable) as caught:
        post_json(url, {"text": "News."})
    return caught.value


def test_what_is_posted_arrives_as_json_and_names_its_host(outside):
    post_json(HOOK, {"text": "“Web” isn’t led by Sales."})
    head, _, body = outside.requests[0].partition("\r\n\r\n")
    assert head.startswith(f"POST /services/T0/B0?key=secret HTTP/1.1\r\nHost: {HOST}\r\n")
    assert "Content-Type: application/json" in head
    assert json.loads(body) == {"text": "“Web” isn’t led by Sales."}
    assert outside.hits == [(PUBLIC, 443)]


@pytest.mark.parametrize("url", [f"HTTPS://{HOST.upper()}/", f"https://{HOST}:443/", f"https://{HOST}"])
def test_the_same_address_may_be_written_in_several_ways(outside, url):
    assert check_address(url) == HOST
    post_json(url, {})
    assert outside.requests[0].startswith(f"POST / HTTP/1.1\r\nHost: {HOST}\r\n")


def test_what_follows_a_hash_is_not_sent(outside):
    post_json(f"{HOOK}#part", {})
    assert outside.requests[0].startswith("POST /services/T0/B0?key=secret HTTP/1.1\r\n")


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", OPEN)
def test_an_address_of_the_internet_is_public(address):
    assert is_public(address)


@pytest.mark.parametrize("url", CLOTHED)
def test_an_inner_address_in_any_clothes_is_refused_and_nothing_inside_hears_of_it(outside, url):
    with pytest.raises(Refused, match="no public server"):
        check_address(url)
    assert _fails(url).reason == outgoing.NOT_PUBLIC
    assert outside.hits == []


@pytest.mark.parametrize("address", INNER)
def test_a_name_that_leads_inside_is_refused_as_one_that_leads_nowhere_is(outside, address):
    outside.leads("inner.example.org", address)
    with pytest.raises(Refused) as inner:
        check_address("https://inner.example.org/")
    with pytest.raises(Refused) as nowhere:
        check_address("https://nowhere.example.org/")
    assert inner.value.sentence == nowhere.value.sentence
    assert _fails("https://inner.example.org/").reason == outgoing.NOT_PUBLIC
    assert outside.hits == []


@pytest.mark.parametrize("url", MISSHAPEN)
def test_an_address_that_could_be_read_in_two_ways_is_refused_before_any_name_is_looked_up(outside, url):
    with pytest.raises(Refused):
        check_address(url)
    assert _fails(url).is_final
    assert (outside.asked, outside.hits) == ([], [])


def test_a_name_that_leads_inside_with_one_of_its_addresses_is_refused(outside):
    outside.leads(HOST, PUBLIC, "10.0.0.1")
    _fails()
    assert outside.hits == []


def test_a_name_that_leads_inside_once_it_was_checked_is_refused_when_it_is_used(outside):
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    outside.names[HOST] = lambda: next(answers)
    assert check_address(HOOK) == HOST
    _fails()
    assert outside.hits == []


def test_the_connection_goes_to_the_very_address_that_was_judged(outside):
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    outside.names[HOST] = lambda: next(answers)
    post_json(HOOK, {})
    assert outside.hits == [(PUBLIC, 443)]
    assert outside.asked == [HOST]


def test_a_server_with_another_name_hears_nothing(outside):
    outside.leads("other.example.org", PUBLIC)
    assert "certificate" in _fails("https://other.example.org/").reason
    assert outside.requests == []


def test_a_server_nobody_vouches_for_hears_nothing(outside, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificate" in _fails().reason
    assert outside.requests == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(outside, status):
    outside.answer = f"HTTP/1.1 {status} Moved\r\nLocation: https://127.0.0.1/\r\n\r\n".encode()
    assert "not followed" in _fails().reason
    assert len(outside.hits) == 1


@pytest.mark.parametrize(
    ("status", "is_final"), [(400, True), (404, True), (410, True), (429, False), (500, False), (503, False)]
)
def test_a_refusal_is_told_apart_from_a_fault_that_may_pass(outside, status, is_final):
    outside.answer = f"HTTP/1.1 {status} Whatever\r\n\r\n".encode()
    error = _fails()
    assert (str(status) in error.reason, error.is_final) == (True, is_final)


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_every_kind_of_yes_is_one(outside, status):
    outside.answer = f"HTTP/1.1 {status} \r\n\r\n".encode()
    post_json(HOOK, {})


@pytest.mark.parametrize("answer", [b"\r\n", b"SSH-2.0-inner\r\n", b"HTTP/1.1 2000 OK\r\n", b"HTTP/1.1 abc\r\n"])
def test_an_answer_that_is_none_is_a_fault(outside, answer):
    outside.answer = answer
    assert not _fails().is_final


def test_what_was_sent_and_is_not_answered_may_have_arrived_and_is_not_sent_again(outside):
    outside.answer = b""
    assert (_fails().reason, _fails().is_final) == (outgoing.UNANSWERED, True)


def test_what_was_not_sent_to_its_end_has_not_arrived_and_is_sent_again(outside, monkeypatch):
    _limit(monkeypatch)
    monkeypatch.setattr("tests.web.outside._read", lambda _line: outside.over.wait(10))
    with pytest.raises(Unreachable) as caught:
        post_json(HOOK, {"text": "x" * 20_000_000})
    assert not caught.value.is_final


def test_what_the_server_says_is_neither_told_nor_logged(outside, caplog):
    caplog.set_level(logging.DEBUG)
    outside.answer = b"HTTP/1.1 500 inner-canary\r\nX-Inner: inner-canary\r\n\r\ninner-canary"
    assert "inner-canary" not in f"{_fails().reason}{caplog.text}"


def test_a_server_that_never_answers_is_left_in_time(outside, monkeypatch):
    _limit(monkeypatch)
    outside.answer = lambda _line: outside.over.wait(10)
    assert _timed() == outgoing.UNANSWERED


def test_a_server_that_trickles_gains_no_time(outside, monkeypatch):
    _limit(monkeypatch)

    def trickle(line):
        while not outside.over.wait(0.05):
            line.sendall(b"x")

    outside.answer = trickle
    assert _timed() == outgoing.UNANSWERED


def test_an_answer_without_end_is_not_read_to_it(outside):
    sent = []

    def flood(line):
        while not outside.over.is_set():
            line.sendall(b"x" * 16_384)
            sent.append(16_384)

    outside.answer = flood
    assert "no answer" in _fails().reason
    time.sleep(0.1)
    assert sum(sent) < 200 * ANSWER_LIMIT  # what the network holds between the two, and not more and more


def test_a_server_that_reads_nothing_is_left_in_time(outside, monkeypatch):
    _limit(monkeypatch)
    monkeypatch.setattr("tests.web.outside._read", lambda _line: outside.over.wait(10))
    assert _timed({"text": "x" * 20_000_000}) == outgoing.TOO_SLOW


def test_a_name_server_that_does_not_answer_holds_nobody_up(outside, monkeypatch):
    _limit(monkeypatch)
    late = threading.Event()
    outside.names[HOST] = lambda: [PUBLIC] if late.wait(10) else []
    assert _timed() == outgoing.NOT_PUBLIC
    late.set()
    assert outside.hits == []


def _limit(monkeypatch):
    monkeypatch.setattr(outgoing, "CONNECT_WITHIN", 0.3)
    monkeypatch.setattr(outgoing, "ALL_WITHIN", 0.5)


def _timed(payload=None):
    begun = time.monotonic()
    with pytest.raises(Unreachable) as caught:
        post_json(HOOK, payload or {})
    assert time.monotonic() - begun < 2
    return caught.value.reason
