"""A disk that fills up under the sender: nothing is said that is not written, and nothing is sent twice."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from tests.crash.test_sender_kill import Campaign, campaign, check

pytestmark = [pytest.mark.crash, pytest.mark.timeout(120)]


def full_at_mail(home: Path, number: int, plant: str = "") -> Campaign:
    """A campaign whose disk is full from the moment in which the provider takes mail `number`, until it shows."""
    with campaign(home, "sqlite", 60, plant) as found:
        begun = threading.Event()

        def hook(stage: str, recipient: str) -> None:
            if stage == "message" and len(found.server.mails) >= number - 1 and not begun.is_set():
                begun.set()
                worker.send_signal(signal.SIGUSR1)
                worker.wait_for("full")

        found.server.hook = hook
        worker = found.start("work_on_a_small_disk")
        worker.wait_for("not written")
        written = dict(found.rows("SELECT token, state FROM channels_delivery"))
        came = set(found.server.keys())
        assert all(written[key] in ("sent", "sending") for key in came), "a mail is not accounted for"
        assert found.tally().get("sent", 0) < len(found.server.mails), "the disk was not full"
        worker.send_signal(signal.SIGUSR2)
        found.finish()
        return found


def test_a_full_disk_stops_sending_and_what_was_in_hand_is_written_down_once_there_is_room(tmp_path: Path) -> None:
    assert check(full_at_mail(tmp_path, 10)) == {"sent": 60}


def test_planted_sending_again_what_could_not_be_written_down_is_found(tmp_path: Path) -> None:
    found = full_at_mail(tmp_path, 10, plant="again")
    with pytest.raises(AssertionError, match="came twice"):
        check(found)
