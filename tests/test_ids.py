from ceap.kit.ids import uuid7


def test_uuid7_is_version_7_and_grows_with_time() -> None:
    ids = [uuid7() for _ in range(100)]
    assert {i.version for i in ids} == {7}
    assert {i.variant for i in ids} == {"specified in RFC 4122"}
    assert [i.int >> 80 for i in ids] == sorted(i.int >> 80 for i in ids)
