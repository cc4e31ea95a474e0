import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from ceap.core import addresses

KEY = b"k" * 32


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("user@xn--exmple-cua.test", "user@exämple.test"),
        ("user@exämple.test", "user@exämple.test"),
        (" USER@EXÄMPLE.TEST ", "user@exämple.test"),
        ("user@XN--EXMPLE-CUA.TEST", "user@exämple.test"),
        ("user@exa\u0308mple.test", "user@exämple.test"),
        ("U\u0308ser@example.test", "üser@example.test"),
        ("a@straße.test", "a@straße.test"),
        ("a@xn--strae-oqa.test", "a@straße.test"),
        ("a@strasse.test", "a@strasse.test"),
        ("a@例え。テスト", "a@例え.テスト"),
        ("a@xn--r8jz45g.xn--zckzah", "a@例え.テスト"),
        ("Ann@Example.com.", "ann@example.com"),
        ("a@xn--zz.test", "a@xn--zz.test"),  # IDNA refuses it: left alone
        ("a@" + "ä" * 300, "a@" + "ä" * 300),
        ("Nobody", "nobody"),
        ("", ""),
    ],
)
def test_every_spelling_of_an_email_address_is_one(given: str, normal: str) -> None:
    assert addresses.email(given) == normal
    assert addresses.normal(given) == (normal if "@" in given else given)


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("+62 812-9999-0001", "+6281299990001"),
        ("+6281299990001", "+6281299990001"),
        ("0062 (812) 9999.0001", "+6281299990001"),
        ("\u202a+62\u00a0812\u20119999 0001\u202c", "+6281299990001"),
        ("081299990001", "081299990001"),  # without a prefix nobody can tell whose it is
        ("call me", "call me"),
    ],
)
def test_every_spelling_of_a_number_with_its_prefix_is_one(given: str, normal: str) -> None:
    assert addresses.phone(given) == normal


def test_other_addresses_keep_their_case() -> None:
    assert addresses.normal(" US.13491208655302741918a ") == "US.13491208655302741918a"


@given(st.text(max_size=60))
def test_the_normal_form_of_a_normal_form_is_itself(text: str) -> None:
    for form in (addresses.email, addresses.phone, addresses.normal, addresses.domain):
        assert form(form(text)) == form(text)


@given(st.text("aAbBäÄßöxn-.", min_size=1, max_size=12))
def test_both_spellings_of_a_valid_domain_meet(name: str) -> None:
    try:
        found = validate_email(f"a@{name}.test", check_deliverability=False, test_environment=True)
    except ValueError:
        return
    assert addresses.email(f"a@{found.ascii_domain}") == addresses.email(found.normalized)


@given(st.emails())
def test_plain_addresses_are_compared_by_their_lower_case(text: str) -> None:
    if addresses.is_plain(text):
        assert addresses.email(text) == text.lower()


def test_digests_are_equal_for_equal_addresses_under_one_key_alone() -> None:
    one = addresses.digest(KEY, "user@xn--exmple-cua.test")
    assert one == addresses.digest(KEY, "USER@exämple.test")
    assert one != addresses.digest(b"j" * 32, "user@exämple.test")
    assert (len(one), "user" in one) == (64, False)


@pytest.mark.parametrize("key", [b"k" * 32, b"k" * 64, b"k" * 65, b"k"])
def test_digests_of_many_are_those_of_each(key: bytes) -> None:
    many = ["", "ada@example.test", "ü@exämple.test", "+4917112345", "x" * 200]
    assert list(addresses.digests(key, many)) == [addresses.digest_of_normal(key, one) for one in many]
