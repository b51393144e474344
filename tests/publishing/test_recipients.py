"""Lists of addresses as people paste them, and who of those chosen gets a letter."""

import time
from contextlib import suppress

import pytest
from django.utils import timezone

from raci.matrices.models import Role
from raci.matrices.operations import Sender
from raci.matrices.people import take_part
from raci.notices.models import Outbox
from raci.publishing.models import Receipt, Unsubscribed
from raci.publishing.recipients import (
    IN_ASCII,
    MOST,
    TEXT_LIMIT,
    Chosen,
    Recipient,
    audience,
    canonical,
    filled,
    read_list,
)
from raci.publishing.signing import sign_version
from raci.web.refusals import Refused
from raci.workspaces.models import Mail
from tests.factories import make_matrix
from tests.publishing.making import answers, publish


@pytest.mark.parametrize(
    ("pasted", "addresses"),
    [
        ("mei@example.org", ["mei@example.org"]),
        ("a@example.org b@example.org\tc@example.org", ["a@example.org", "b@example.org", "c@example.org"]),
        ("a@example.org,b@example.org;c@example.org|d@example.org", [f"{n}@example.org" for n in "abcd"]),
        ("a@example.org\r\n\r\nb@example.org\u2028c@example.org", [f"{n}@example.org" for n in "abc"]),
        ("Mei Tanaka <Mei@Example.org>", ["mei@example.org"]),
        ('"Tanaka, Mei" <mei@example.org>, Jon <jon@example.org>', ["mei@example.org", "jon@example.org"]),
        ("mei@example.org <mei@example.org>", ["mei@example.org"]),
        ("a@example.org b@example.org <c@example.org>", ["a@example.org", "b@example.org", "c@example.org"]),
        ("Mei\tmei@example.org\tMarketing", ["mei@example.org"]),
        ("(mei@example.org), [jon@example.org].", ["mei@example.org", "jon@example.org"]),
        ("mailto:mei@example.org <mailto:jon@example.org>", ["mei@example.org", "jon@example.org"]),
        ("mei+news@example.org o'hara@example.org", ["mei+news@example.org", "o'hara@example.org"]),
        ("mei@bücher.example", ["mei@xn--bcher-kva.example"]),
        ("", []),
        (" \n ,;", []),
    ],
)
def test_an_address_is_found_whatever_stands_around_it(pasted, addresses):
    found = read_list(pasted)
    assert (list(found.addresses), found.bad) == (addresses, ())


@pytest.mark.parametrize(
    ("pasted", "bad"),
    [
        ("meiexample.org", "meiexample.org"),
        ("mei@stra\u00dfe.example", f"mei@stra\u00dfe.example{IN_ASCII}"),  # another domain for some mail servers
        ("mei@STRA\u1e9eE.example", f"mei@STRA\u1e9eE.example{IN_ASCII}"),
        ("mei@\u03bb\u03cc\u03b3\u03bf\u03c2.example", f"mei@\u03bb\u03cc\u03b3\u03bf\u03c2.example{IN_ASCII}"),
        ("mei@exam\u200dple.example", f"mei@exam\ufffdple.example{IN_ASCII}"),
        ('<"mei"@example.org>', '"mei"@example.org'),  # the same one as without quotes
        ('"mei"@example.org', 'mei"@example.org'),
        ("mei@example.org, jon.example.org", "jon.example.org"),
        ("mei@", "mei@"),
        ("@example.org", "@example.org"),
        ("a@b@example.org", "a@b@example.org"),
        ("mei@exam ple.org", "mei@exam"),
        ("m\u0435i@example.org", "m\u0435i@example.org"),  # a Cyrillic e
        ("mei\uff20example.org", "mei\uff20example.org"),  # a fullwidth @
        ("mei@exam\u200bple.org", "mei@exam\ufffdple.org"),  # a space without width
        ("mei\u202e@example.org", "mei\ufffd@example.org"),
        ("mei\x00@example.org", "mei\ufffd@example.org"),
        ("mei@[127.0.0.1]", "mei@[127.0.0.1"),
        (f"{'m' * 250}@example.org", f"{'m' * 79}…"),
        (f"mei@{'a.' * 130}org", f"mei@{'a.' * 130}"[:79] + "…"),
        ("Somebody without one", "Somebody without one"),
    ],
)
def test_what_is_no_address_is_shown_and_nobody_gets_a_mail_for_it(pasted, bad):
    found = read_list(pasted)
    assert found.bad == (bad,)
    assert all(canonical(address) == address for address in found.addresses)


def test_a_line_break_in_an_address_begins_another_one_and_no_header():
    found = read_list("mei@example.org\r\nBcc: all@example.org\nSubject: Hello")
    assert found.addresses == ("mei@example.org", "all@example.org")
    assert found.bad == ("Subject: Hello",)


def test_an_address_counts_once_however_it_is_written():
    found = read_list("Mei@example.org, MEI@EXAMPLE.ORG; mei@ｅｘａｍｐｌｅ.org jon@example.org")
    assert (found.addresses, found.twice) == (("mei@example.org", "jon@example.org"), ("mei@example.org",))


def test_five_thousand_fit_and_not_one_more():
    most = [f"person{n}@example.org" for n in range(MOST)]
    assert len(read_list("\n".join(most)).addresses) == MOST
    with pytest.raises(Refused, match="Up to 5,000 addresses"):
        read_list("\n".join([*most, "one@example.org"]))
    with pytest.raises(Refused, match="600,000 fit"):
        read_list("," * (TEXT_LIMIT + 1))


def test_an_address_that_stands_there_often_counts_as_often():
    with pytest.raises(Refused, match="Up to 5,000 addresses"):
        read_list("mei@example.org\n" * (MOST + 1))


def test_a_domain_that_is_far_too_long_is_none_at_once():
    start = time.perf_counter()
    assert canonical(f"mei@{'é' * 500_000}") is None
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize("part", ["<a@example.org>", '"', "<", "@", '" ', ",a", "a@", '"<', "a <"])
def test_a_hostile_list_takes_no_longer_than_another(part):
    start = time.perf_counter()
    with suppress(Refused):
        read_list((part * TEXT_LIMIT)[:TEXT_LIMIT])
    assert time.perf_counter() - start < 10


# ---- Who gets it


@pytest.fixture
def version(owner):
    return publish(make_matrix(owner, "LS.", ".LI", "L.S"), owner)


def _fill(version, member, column):
    role = Role.objects.filter(matrix=version.matrix_id)[column]
    take_part(matrix=version.matrix_id, sender=Sender(member), role=role.pk, user=member.user_id)
    return role.pk


def test_all_members_get_it_with_the_roles_they_fill(version, owner, editor, ex_member, stranger):
    first, third = _fill(version, editor, 0), _fill(version, editor, 2)
    to = audience(version, Chosen(everybody=True)).to
    assert to == (
        Recipient("olive@example.org", (), owner.user_id),
        Recipient("eddie@example.org", (first, third), editor.user_id),
    )


def test_those_who_fill_a_chosen_role_get_it_and_hear_of_all_they_fill(version, owner, editor, viewer):
    first, second = _fill(version, editor, 0), _fill(version, editor, 1)
    _fill(version, owner, 2)
    to = audience(version, Chosen(roles=frozenset({second}))).to
    assert to == (Recipient("eddie@example.org", (first, second), editor.user_id),)


def test_a_pasted_list_may_be_about_one_role_and_knows_members_by_their_address(version, owner, editor):
    first, second = _fill(version, editor, 0), Role.objects.filter(matrix=version.matrix_id)[1].pk
    to = audience(version, Chosen(pasted="EDDIE@example.org mei@example.org", about=second)).to
    assert to == (
        Recipient("eddie@example.org", (first, second), editor.user_id),
        Recipient("mei@example.org", (second,)),
    )


def test_everybody_who_does_not_get_it_is_listed_with_why(version, owner, editor, viewer):
    viewer.mail = Mail.NEVER
    viewer.save()
    Receipt.objects.create(version=version, address="told@example.org")
    Unsubscribed.objects.create(workspace=version.matrix.workspace, address="out@example.org")
    pasted = "told@example.org out@example.org nonsense mei@example.org eddie@example.org mei@example.org"
    found = audience(version, Chosen(everybody=True, pasted=pasted))
    assert [each.address for each in found.to] == ["olive@example.org", "eddie@example.org", "mei@example.org"]
    assert found.told == ("told@example.org",)
    assert found.unsubscribed == ("out@example.org",)
    assert found.silent == ("vic@example.org",)
    assert found.twice == ("mei@example.org", "eddie@example.org")
    assert found.bad == ()


def test_whom_the_letter_could_not_reach_does_not_have_it(version, owner):
    mail = Outbox.objects.create(to="lost@example.org", subject="", failed_at=timezone.now())
    Receipt.objects.create(version=version, address="lost@example.org", mail=mail)
    Receipt.objects.create(version=version, address="told@example.org")
    found = audience(version, Chosen(pasted="lost@example.org told@example.org"))
    assert (found.to, found.failed, found.told) == ((), ("lost@example.org",), ("told@example.org",))


def test_a_chosen_role_that_nobody_fills_is_said(version, owner, editor):
    first, second = _fill(version, editor, 0), Role.objects.filter(matrix=version.matrix_id)[1].pk
    found = audience(version, Chosen(roles=frozenset({first, second})))
    assert ([each.address for each in found.to], found.unfilled) == (["eddie@example.org"], (second,))
    assert sorted(filled(version)) == [(), (first,)]


def test_who_answers_for_a_role_is_asked_to_sign_until_somebody_has(version, owner, editor):
    role = answers(version.matrix, editor, 1, by=owner)
    whom = Chosen(everybody=True)
    before = audience(version, whom)
    assert [each.signs for each in before.to] == [(), (role.pk,)]
    sign_version(matrix=version.matrix_id, role=role.pk, digest=version.digest, by=editor)
    after = audience(version, whom)
    assert [each.signs for each in after.to] == [(), ()]
    assert before.seal != after.seal  # the mail says something else


def test_who_wants_no_letters_of_one_workspace_still_gets_those_of_another(version, owner, stranger):
    Unsubscribed.objects.create(workspace=stranger.workspace, address="mei@example.org")
    assert [each.address for each in audience(version, Chosen(pasted="mei@example.org")).to] == ["mei@example.org"]


def test_it_takes_as_many_queries_for_a_thousand_as_for_one(version, owner, django_assert_max_num_queries):
    pasted = " ".join(f"person{n}@example.org" for n in range(1000))
    audience(version, Chosen(everybody=True, pasted="one@example.org"))  # a process reads the version's grid once
    with django_assert_max_num_queries(6):
        assert len(audience(version, Chosen(everybody=True, pasted=pasted)).to) == 1001
