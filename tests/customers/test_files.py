"""Files, signatures and points of customers: taken, shown to who may see them, and found by segments."""

from __future__ import annotations

import hashlib
import struct
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from ceap.accounts.contracts import SYSTEM, Level
from ceap.accounts.models import AuditEntry, User
from ceap.customers import actions
from ceap.customers.models import Customer, CustomerFile
from ceap.customers.queries.files import files_folder, path_of
from ceap.customers.rules import files
from ceap.events.queries import warehouse
from ceap.kit.clock import frozen
from ceap.kit.problem import Invalid
from tests import actors
from tests.segments.people import Browser, on, rule

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("S-1")]
PDF = b"%PDF-1.7 contract"


def png(
    *strokes: tuple[int, int, int, int], width: int = 120, height: int = 60, kind: int = 0, ground: bytes = bytes(4)
) -> bytes:
    """A PNG with black rectangles (left, top, right, bottom), every row written with filter `kind`."""
    rows, above = [], bytes(width * 4)
    for y in range(height):
        row = b"".join(
            b"\x00\x00\x00\xff" if any(a <= x < c and b <= y < d for a, b, c, d in strokes) else ground
            for x in range(width)
        )
        rows.append(bytes([kind]) + _filtered(kind, row, above))
        above = row
    parts = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)), (b"IDAT", zlib.compress(b"".join(rows)))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in [*parts, (b"IEND", b"")]
    )


def _filtered(kind: int, row: bytes, above: bytes) -> bytes:
    """The row as the PNG specification's filter `kind` writes it."""

    def guess(i: int) -> int:
        left, up, corner = (row[i - 4], above[i], above[i - 4]) if i >= 4 else (0, above[i], 0)
        if kind == 4:
            return min((left, up, corner), key=lambda one: abs(left + up - corner - one))
        return (0, left, up, (left + up) // 2)[kind]

    return bytes((row[i] - guess(i)) & 255 for i in range(len(row)))


SIGNED = png((10, 28, 90, 31), (40, 10, 43, 50))


@pytest.fixture
def ada() -> User:
    return actors.user("Ada")


@pytest.fixture
def customer() -> int:
    for label, kind in (("Contract", "file"), ("Signature", "signature"), ("Place", "gps")):
        actions.add_field(SYSTEM, label, kind)
    return actions.create(SYSTEM, {"full_name": "Ann"}).pk


def send(user: User, customer: int, key: str, name: str, data: bytes, expect: int = 201) -> Any:
    file = SimpleUploadedFile(name, data, content_type="text/html")  # what the sender says counts for nothing
    answer = Browser(user).post(f"/api/customers/{customer}/fields/{key}/files", {"file": file})
    assert answer.status_code == expect, answer.content
    return answer.json()


def get(user: User, customer: int, file: str, expect: int = 200) -> Any:
    answer = Browser(user).get(f"/api/customers/{customer}/files/{file}")
    assert answer.status_code == expect, answer.content
    return answer


def kept() -> list[str]:
    """The SHA-256 of everything in the folder of files."""
    return sorted(path.name for path in files_folder().glob("??/*"))


@pytest.fixture(autouse=True)
def empty_folder() -> None:
    for path in files_folder().glob("??/*"):
        path.unlink()


def test_a_file_is_kept_by_its_checksum_and_given_back_with_safe_headers(customer: int, ada: User) -> None:
    answer = send(ada, customer, "contract", "../../Contract “A”.PDF", PDF)
    (entry,) = answer["values"]["contract"]
    row = CustomerFile.objects.get()
    assert entry == {"name": "Contract “A”.pdf", "file": str(row.pk)}
    assert (row.sha256, row.size, row.content_type) == (hashlib.sha256(PDF).hexdigest(), len(PDF), "application/pdf")
    assert kept() == [row.sha256]
    assert path_of(row.sha256).read_bytes() == PDF
    got = get(ada, customer, entry["file"])
    assert got.content == PDF
    assert got["Content-Disposition"].startswith("attachment;")
    assert got["Content-Type"] == "application/pdf"
    assert got["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got["Content-Security-Policy"]
    assert got["Cache-Control"] == "no-store"
    audited = AuditEntry.objects.get(verb="customers.add_file")
    assert audited.after is not None
    assert (audited.after["contract"], audited.after["sha256"]) == ([entry], row.sha256)


def test_pictures_are_shown_in_place(customer: int, ada: User) -> None:
    entry = send(ada, customer, "contract", "a.png", SIGNED)["values"]["contract"][0]
    got = get(ada, customer, entry["file"])
    assert (got["Content-Type"], got["Content-Disposition"]) == ("image/png", 'inline; filename="a.png"')


REFUSED = (
    ("a.html", b"<script>alert(1)</script>", "is not a file that can be kept"),
    ("a.svg", b"<svg onload='alert(1)'/>", "is not a file that can be kept"),
    ("a.pdf", b"<script>alert(1)</script>", "is not a .pdf file, whatever its name says"),
    ("a.png", PDF, "is not a .png file"),
    ("a.webp", b"RIFF....AVI ", "is not a .webp file"),
    ("a.txt", b"a\x00b", "is not a .txt file"),
    ("a.txt", b"\xff\xfe", "is not a .txt file"),
    ("a.pdf", b"", "is empty"),
    ("noending", PDF, "is not a file that can be kept"),
)  # fmt: skip


@pytest.mark.parametrize(("name", "data", "why"), REFUSED)
def test_what_is_not_what_it_says_is_refused_and_changes_nothing(
    name: str, data: bytes, why: str, customer: int, ada: User
) -> None:
    assert why in send(ada, customer, "contract", name, data, expect=422)["errors"][0]["message"]
    assert (CustomerFile.objects.count(), kept(), Customer.objects.get(pk=customer).version) == (0, [], 1)


def test_too_large_and_too_many_are_refused(customer: int, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    send(ada, customer, "contract", "a.pdf", PDF.ljust(files.MOST_BYTES + 1), expect=413)
    monkeypatch.setattr("ceap.customers.actions.files.MOST_FILES", 1)
    send(ada, customer, "contract", "a.pdf", PDF)
    refused = send(ada, customer, "contract", "b.pdf", PDF, expect=422)
    assert refused["errors"][0]["message"] == "Contract holds 1 files at most; take one away first."
    assert CustomerFile.objects.count() == 1


@pytest.mark.parametrize("kind", range(5))
def test_a_drawn_signature_is_signed_now(kind: int, customer: int, ada: User) -> None:
    with frozen(datetime(2026, 11, 20, 9, 30, tzinfo=UTC)):
        first = send(ada, customer, "signature", "s.png", png((10, 28, 90, 31), (40, 10, 43, 50), kind=kind))
    assert first["values"]["signature"]["signed_at"] == "2026-11-20T09:30:00Z"
    second = send(ada, customer, "signature", "s.png", SIGNED)["values"]["signature"]
    assert [str(row.pk) for row in CustomerFile.objects.all()] == [second["file"]]
    get(ada, customer, first["values"]["signature"]["file"], expect=404)


NO_SIGNATURES = (
    ("a blank canvas", png()),
    ("a white sheet", png(ground=b"\xff\xff\xff\xff")),
    ("a dot", png((50, 30, 60, 40))),
    ("a damaged picture", SIGNED[:60] + b"x" + SIGNED[61:]),
    ("half a picture", SIGNED[: len(SIGNED) // 2]),
    ("too large a picture", png(width=1_700, height=1)),
)


@pytest.mark.parametrize(("what", "data"), NO_SIGNATURES, ids=[name for name, _ in NO_SIGNATURES])
def test_nothing_much_drawn_is_no_signature(what: str, data: bytes, customer: int, ada: User) -> None:
    send(ada, customer, "signature", "s.png", data, expect=422)
    assert Customer.objects.get(pk=customer).custom == {}


def test_a_file_is_only_for_who_may_see_the_customer_and_the_field(customer: int, ada: User) -> None:
    bob = actors.user("Bob", customers_view=Level.OWNED, customers_manage=Level.OWNED)
    eve = actors.user("Eve")
    file = send(ada, customer, "contract", "a.pdf", PDF)["values"]["contract"][0]["file"]
    get(bob, customer, file, expect=404)
    send(bob, customer, "contract", "a.pdf", PDF, expect=404)
    actions.limit_field(SYSTEM, "contract", [ada.role.key])
    get(eve, customer, file, expect=404)
    send(eve, customer, "contract", "a.pdf", PDF, expect=404)
    assert Browser(eve).delete(f"/api/customers/{customer}/files/{file}").status_code == 404
    get(ada, customer, file)
    other = actions.create(SYSTEM, {"full_name": "Other"})
    get(ada, other.pk, file, expect=404)
    with pytest.raises(Invalid):
        actions.update(SYSTEM, other.pk, {"contract": [{"name": "a.pdf", "file": file}]})


def test_a_file_taken_away_is_gone_unless_another_customer_holds_the_same(customer: int, ada: User) -> None:
    other = actions.create(SYSTEM, {"full_name": "Other"}).pk
    file = send(ada, customer, "contract", "a.pdf", PDF)["values"]["contract"][0]["file"]
    same = send(ada, other, "contract", "b.pdf", PDF)["values"]["contract"][0]["file"]
    assert len(kept()) == 1
    assert Browser(ada).delete(f"/api/customers/{customer}/files/{file}").json()["values"]["contract"] is None
    get(ada, customer, file, expect=404)
    assert get(ada, other, same).content == PDF
    actions.update(SYSTEM, other, {"contract": None})
    assert (kept(), CustomerFile.objects.count()) == ([], 0)


def test_a_damaged_or_lost_file_is_not_given_out(customer: int, ada: User) -> None:
    file = send(ada, customer, "contract", "a.pdf", PDF)["values"]["contract"][0]["file"]
    path = path_of(CustomerFile.objects.get().sha256)
    path.write_bytes(PDF.replace(b"contract", b"CONTRACT"))
    assert "damaged" in get(ada, customer, file, expect=409).json()["detail"]
    path.unlink()
    assert "lost" in get(ada, customer, file, expect=409).json()["detail"]
    send(ada, customer, "contract", "b.pdf", PDF)
    assert get(ada, customer, file).content == PDF


def test_erasing_a_customer_deletes_the_files(customer: int, ada: User) -> None:
    send(ada, customer, "contract", "a.pdf", PDF)
    actions.erase(SYSTEM, customer)
    assert (kept(), CustomerFile.objects.count()) == ([], 0)


def test_merging_keeps_the_files_of_both_and_one_signature(customer: int, ada: User) -> None:
    other = actions.create(SYSTEM, {"full_name": "Other"}).pk
    for who, data in ((customer, PDF), (other, PDF + b" 2")):
        send(ada, who, "contract", "a.pdf", data)
        send(ada, who, "signature", "s.png", SIGNED)
    merged = actions.merge(SYSTEM, customer, other)
    shown = [get(ada, customer, one["file"]).content for one in merged.custom["contract"]]
    assert shown == [PDF, PDF + b" 2"]
    assert CustomerFile.objects.filter(customer=customer).count() == CustomerFile.objects.count() == 3


def test_what_nothing_names_is_swept(customer: int, ada: User) -> None:
    send(ada, customer, "contract", "a.pdf", PDF)
    lost = files_folder() / "ab" / ("ab" + "0" * 62)
    lost.parent.mkdir(parents=True, exist_ok=True)
    lost.write_bytes(b"left by a process that died")
    Customer.objects.filter(pk=customer).update(custom={"contract": [{"name": "b.pdf", "file": "archive/b.pdf"}]})
    with frozen(datetime(2126, 1, 1, tzinfo=UTC)):
        actions.sweep_files()
    assert (kept(), CustomerFile.objects.count()) == ([], 0)


def test_segments_find_what_the_page_writes(customer: int, ada: User) -> None:
    """Expected by hand: Ann has everything, Ben nothing, Cem an old signature without a date and half a point."""
    ben, cem = (actions.create(SYSTEM, {"full_name": name}).pk for name in ("Ben", "Cem"))
    Customer.objects.filter(pk=cem).update(custom={"signature": {"file": "cem.png", "signed_at": ""}, "contract": []})
    send(ada, customer, "contract", "a.pdf", PDF)
    send(ada, customer, "signature", "s.png", SIGNED)
    actions.update(SYSTEM, customer, {"place": {"lat": "6.9271", "lon": 79.8612}})
    warehouse().rebuild()
    expected: dict[tuple[str, str, str | None], set[int]] = {
        ("c_contract", "is_not_empty", None): {customer},
        ("c_contract", "is_empty", None): {ben, cem},
        ("c_signature", "is_not_empty", None): {customer},
        ("c_signature", "is_empty", None): {ben, cem},
        ("c_place", "is_not_empty", None): {customer},
        ("c_place", "is_empty", None): {ben, cem},
        ("c_place", "is", "6.9271,79.8612"): {customer},
        ("c_place", "is_not", "6.9271,79.8612"): set(),
        ("c_place", "starts_with", "6.9"): {customer},
        ("c_place", "contains", "79.86"): {customer},
        ("c_place", "ends_with", "79"): set(),
    }
    for (field, operator, value), who in expected.items():
        body = {"rule": rule(on(field, operator, value))}
        found = Browser(ada).post("/api/segments/preview", body, content_type="application/json").json()
        assert ({one["id"] for one in found["sample"]}, found["matched"]) == (who, len(who)), (field, operator)


@pytest.mark.parametrize(
    ("given", "kept_as"),
    [
        ("6.9271, 79.8612", "6.9271,79.8612"), ({"lat": -90, "lon": 180}, "-90.0,180.0"), ("90.1,0", None),
        ("0,-180.5", None), ("north", None), ({"lat": 1}, None), ("", None),
    ],
)  # fmt: skip
def test_a_point_is_on_earth_or_refused(given: Any, kept_as: str | None, customer: int) -> None:
    if kept_as is None and given != "":
        with pytest.raises(Invalid):
            actions.update(SYSTEM, customer, {"place": given})
    else:
        actions.update(SYSTEM, customer, {"place": given})
    assert Customer.objects.get(pk=customer).custom.get("place") == kept_as


@pytest.mark.parametrize("given", ["ann.png", '{"file": "ann.png"}', '{"file": "", "signed_at": "2026-01-02"}', "{"])
def test_an_imported_signature_without_picture_or_date_is_refused(given: str, customer: int) -> None:
    import pyarrow as pa

    rows = pa.table({"customer_id": ["7", "8"], "signature": [given, '{"file": "b.png", "signed_at": "2026-01-02"}']})
    told = actions.upsert_many(SYSTEM, rows)
    assert (told.created, told.rejected, told.problems[0].field) == (1, 1, "signature")
    signed = Customer.objects.get(customer_id="8").custom["signature"]
    assert signed == {"file": "b.png", "signed_at": "2026-01-02T00:00:00Z"}
