"""The audit trail: a chain that cannot fork, and in which nothing can be changed unseen."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ceap.accounts.actions import audit, verify_chain
from ceap.accounts.contracts import SYSTEM
from ceap.accounts.models import AuditEntry, AuditHead
from ceap.accounts.rules import plain
from tests.counts import often

FIELDS = [f.name for f in AuditEntry._meta.fields]
LENGTH = 6


def write(count: int = LENGTH) -> None:
    for number in range(count):
        with transaction.atomic():
            audit(SYSTEM, "test.write", "thing", number, "Thing", before={"n": number, "x": 0.5}, after={"n": [None]})


def another(field: str, value: Any) -> Any:
    """A value of the field's type other than `value`."""
    if field == "seq":
        return value + 100
    if field == "at":
        return value + timedelta(microseconds=1)
    if field in ("before", "after"):
        return {**(value or {}), "planted": True}
    return ("b" if value.startswith("a") else "a") + value[1:] if value else "a"


@pytest.mark.django_db
def test_an_untouched_chain_verifies() -> None:
    write()
    status = verify_chain()
    assert (status.ok, status.checked, status.broken_at) == (True, LENGTH, None)


@pytest.mark.django_db
@settings(max_examples=often(15, 60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seq=st.integers(1, LENGTH), field=st.sampled_from(FIELDS))
def test_any_changed_field_of_any_entry_is_named(seq: int, field: str) -> None:
    with transaction.atomic():
        write()
        entry = AuditEntry.objects.get(seq=seq)
        changed = AuditEntry.objects.filter(seq=seq).update(**{field: another(field, getattr(entry, field))})
        assert changed == 1
        status = verify_chain()
        assert (status.ok, status.broken_at) == (False, seq)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=often(8, 20), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seqs=st.sets(st.integers(1, LENGTH), min_size=1))
def test_removed_entries_are_missed_the_newest_too(seqs: set[int]) -> None:
    with transaction.atomic():
        write()
        AuditEntry.objects.filter(seq__in=seqs).delete()
        assert verify_chain().broken_at == min(seqs)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_cutting_the_end_and_moving_the_head_back_is_found_for_want_of_the_signature() -> None:
    write()
    AuditEntry.objects.filter(seq=LENGTH).delete()
    last = AuditEntry.objects.latest("seq")
    AuditHead.objects.update(seq=last.seq, hash=last.hash)
    assert not verify_chain().ok


@pytest.mark.django_db
def test_an_entry_written_past_audit_is_found() -> None:
    write()
    last = AuditEntry.objects.latest("seq")
    last.seq, last.previous_hash = last.seq + 1, last.hash
    from ceap.accounts.rules import entry_hash

    last.hash = entry_hash(last)
    last.save(force_insert=True)
    assert not verify_chain().ok


@pytest.mark.django_db
def test_a_refused_change_leaves_no_entry_and_no_gap() -> None:
    write(2)
    with transaction.atomic():
        audit(SYSTEM, "test.write", "thing", 1)
        transaction.set_rollback(True)
    write(1)
    assert list(AuditEntry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3]
    assert verify_chain().ok


@pytest.mark.django_db
def test_audit_outside_a_transaction_is_refused(transactional_db: None) -> None:
    with pytest.raises(transaction.TransactionManagementError):
        audit(SYSTEM, "test.write", "thing", 1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.django_db
@settings(max_examples=often(20, 80), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.dictionaries(st.text(), JSON, max_size=3), name=st.text(max_size=300))
def test_whatever_is_recorded_verifies_after_the_store_gave_it_back(value: dict[str, Any], name: str) -> None:
    with transaction.atomic():
        audit(SYSTEM, "test.write", "thing", 1, name, before=value, after={"again": [value]})
        assert AuditEntry.objects.latest("seq").before == plain(value)
        assert verify_chain().ok
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_chain_without_forks() -> None:
    threads, each, failures = 8, 12, []

    def work() -> None:
        try:
            write(each)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    started = [threading.Thread(target=work) for _ in range(threads)]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()
    assert failures == []
    assert AuditEntry.objects.count() == threads * each
    previous = list(AuditEntry.objects.values_list("previous_hash", flat=True))
    assert len(set(previous)) == len(previous)
    assert verify_chain().ok


@pytest.mark.django_db
def test_a_negative_number_does_not_hide_an_entry() -> None:
    write(2)
    AuditEntry.objects.filter(seq=2).update(seq=-1)
    assert not verify_chain().ok


@pytest.mark.django_db(transaction=True)
def test_checking_while_others_write_finds_nothing_wrong() -> None:
    write(60)
    stop, verdicts = threading.Event(), []

    def keep_writing() -> None:
        while not stop.wait(0.005):  # the more there is, the longer each look takes
            write(1)
        connection.close()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    for _ in range(5):
        verdicts.append(verify_chain().ok)
    stop.set()
    writer.join()
    assert verdicts == [True] * 5
