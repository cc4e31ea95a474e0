"""Planted defects of the sender: each breaks a promise of test_sender.py, whose test finds it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F

from ceap.channels import actions, rules
from ceap.channels.actions.claiming import Claimed
from ceap.channels.models import Delivery
from ceap.channels.sending import lane
from ceap.core.ports import Answer, Outcome
from ceap.plugins.channels.smtp import SmtpSession
from tests.channels import test_sender

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
Patch = pytest.MonkeyPatch


def answers_read_as(patch: Patch, read: Callable[[Claimed, Answer], Answer]) -> None:
    """Have the sender write down other answers than the provider gave."""
    real = lane.acknowledge  # type: ignore[attr-defined]

    def acknowledge(results: Sequence[tuple[Claimed, Answer]]) -> int:
        return real([(row, read(row, answer)) for row, answer in results])

    patch.setattr(lane, "acknowledge", acknowledge)
    patch.setattr(rules, "retry_after", lambda attempts: timedelta(milliseconds=10))
    patch.setattr(rules, "open_for", lambda failures: 1.0)


def test_repeating_what_was_cut_is_found(monkeypatch: Patch) -> None:
    def read(row: Claimed, answer: Answer) -> Answer:
        again = answer.outcome is Outcome.UNKNOWN and not row.attempts
        return replace(answer, outcome=Outcome.RETRY) if again else answer

    answers_read_as(monkeypatch, read)
    with pytest.raises(AssertionError, match="it came again"):
        test_sender.test_a_message_cut_after_data_is_unknown_and_is_not_repeated()


def test_giving_up_at_the_first_temporary_refusal_is_found(monkeypatch: Patch) -> None:
    def read(row: Claimed, answer: Answer) -> Answer:
        return replace(answer, outcome=Outcome.FAILED) if answer.outcome is Outcome.RETRY else answer

    answers_read_as(monkeypatch, read)
    with pytest.raises(AssertionError, match="'failed': 2"):
        test_sender.test_a_temporary_refusal_is_tried_again_later_and_in_the_end_given_up(monkeypatch)


def test_an_attempt_counted_for_being_asked_to_slow_down_is_found(monkeypatch: Patch) -> None:
    answers_read_as(monkeypatch, lambda row, answer: replace(answer, slow_down=None))
    with pytest.raises(AssertionError, match="attempts were burnt"):
        test_sender.test_being_asked_to_slow_down_holds_everybody_and_costs_no_attempt()


def test_an_attempt_counted_while_the_server_is_down_is_found(monkeypatch: Patch) -> None:
    real = lane.hand_back  # type: ignore[attr-defined]

    def hand_back(rows: Sequence[tuple[Claimed, float]]) -> int:
        Delivery.objects.filter(pk__in=[row.id for row, _ in rows]).update(attempts=F("attempts") + 1)
        return real(rows)

    monkeypatch.setattr(lane, "hand_back", hand_back)
    with pytest.raises(AssertionError, match="attempts were burnt"):
        test_sender.test_a_server_that_is_down_burns_no_attempts_and_sending_goes_on_by_itself(monkeypatch)


def test_a_refused_recipient_that_costs_the_session_is_found(monkeypatch: Patch) -> None:
    real = SmtpSession.send

    def send(self: SmtpSession, message: Any, confirm: Any) -> Answer:
        if (answer := real(self, message, confirm)).outcome is Outcome.FAILED:
            raise ValueError(answer.detail)
        return answer

    monkeypatch.setattr(SmtpSession, "send", send)
    monkeypatch.setattr(rules, "open_for", lambda failures: 1.0)
    with pytest.raises(AssertionError, match="'unknown': 1"):
        test_sender.test_one_bad_recipient_never_blocks_its_batch()


def test_a_pause_that_workers_do_not_see_is_found(monkeypatch: Patch) -> None:
    monkeypatch.setattr(actions, "pause", lambda kind, source: None)
    with pytest.raises(AssertionError, match="while it was paused"):
        test_sender.test_pausing_in_the_middle_stops_and_resuming_sends_the_rest_once()
