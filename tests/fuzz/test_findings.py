"""What fuzzing found, and what it was told to look for: refused with a reason, in little memory."""

from __future__ import annotations

import base64
import struct
import tracemalloc
from importlib import resources

import pytest

from tests.builders import an_arrears_signal
from tests.fuzz.seeds import seeds
from tests.fuzz.targets import CSV, TAKEN, TARGETS, codec

HEADER = struct.pack(">bI", 0, 101)
MOST_MB = 64


def varint(number: int) -> bytes:
    """Write a long as Avro does."""
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number & ~0x7F:
        out.append((number & 0x7F) | 0x80)
        number >>= 7
    return bytes([*out, number])


def refused(target: str, data: bytes) -> str:
    """Return the reason for which `data` is refused, having held no more than a little memory."""
    tracemalloc.start()
    try:
        reason = TARGETS[target](data)
        assert tracemalloc.get_traced_memory()[1] < len(data) * 20 + MOST_MB * 1024 * 1024
    finally:
        tracemalloc.stop()
    assert reason != TAKEN
    return reason


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "http"])
def test_what_a_fuzzer_begins_with_is_taken(target: str) -> None:
    assert {TARGETS[target](seed) for seed in seeds(target)} == {TAKEN}


def test_a_number_beyond_its_type_is_refused_at_intake_and_not_when_it_is_written() -> None:
    # It was decoded as 64 bits, taken in, and could not be written on as 32: the worker stopped, again and
    # again, on the one record.
    found = base64.b64decode(
        "AAAAAGUQc2lnbmFsLTEUY29uAQAAAAAAAAUC4LYNArDbBgCAmNvmlWcCAgEB0tLS0tLS0tLS0tLS0tLS0tLS0tLS0tLS0gQE"
        "AgIAAAACDjIwMjIgYWICBDEyAA=="
    ).replace(b"con\x01\x00\x00\x00\x00\x00\x00", b"contract-1")  # which nobody sees, so refused by itself

    assert refused("signal", found) == "impossible-effort"


def test_a_household_billions_of_months_behind_can_be_written_on() -> None:
    # Arrears of a hundred million euros on bills of a cent: the months were too many for their type, and the
    # worker stopped, again and again, on the one record.
    signal = an_arrears_signal(amount_cents=10_000_000_000, monthly_bill_cents=1)

    assert TARGETS["signal"](codec("ArrearsSignal").encode(signal.to_record())) == TAKEN


@pytest.mark.parametrize("length", [2**31, 2**40, 2**62, -1, -(2**31), -(2**63)])
def test_a_text_that_claims_another_length_than_it_has_is_refused(length: int) -> None:
    assert refused("signal", HEADER + varint(length) + b"short") == "broken-body"


@pytest.mark.parametrize("count", [2**31, 2**62, -1, -(2**62)])
def test_a_list_that_claims_another_count_than_it_has_is_refused(count: int) -> None:
    for data in seeds("any-record"):
        assert refused("any-record", data[:5] + varint(count) * 40)


def test_a_varint_without_end_is_refused() -> None:
    assert refused("signal", HEADER + b"\x80" * 60_000) == "broken-body"


@pytest.mark.parametrize("cut", range(5, 60, 5))
def test_a_record_cut_short_is_refused(cut: int) -> None:
    whole = codec("ArrearsSignal").encode(an_arrears_signal().to_record())

    assert refused("signal", whole[:cut]) == "broken-body"


def test_a_record_that_goes_on_is_refused() -> None:
    whole = codec("ArrearsSignal").encode(an_arrears_signal().to_record())

    assert refused("signal", whole + b"\x00") == "broken-body"


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"1" * 5_000,
        b'{"codeGegevensleverancier": ' + b"9" * 4_400 + b"}",
        b'"' + b"\\ud800" * 10 + b'"',
        b"\xff\xfe",
        b"NaN",
    ],
)
def test_json_that_is_too_deep_too_long_or_no_json_is_refused(content: bytes) -> None:
    assert refused("ddas", content) == "refused"


@pytest.mark.parametrize(
    "content",
    [
        b"version = " + b"[" * 100_000,
        b"a = " + b"9" * 5_000,
        b"a" + b".a" * 50_000 + b" = 1",
        b"minimum_amount_eur = inf",
        b"\x00",
    ],
)
def test_toml_that_is_too_deep_too_long_or_no_policy_is_refused(content: bytes) -> None:
    shipped = (resources.files("eropaf.risk") / "policies" / "amsterdam-example.toml").read_bytes()

    assert refused("policy", content) == "refused"
    assert refused("policy", content + b"\n" + shipped) == "refused"


@pytest.mark.parametrize(
    "content",
    [
        CSV.replace(b"1650.00", b"9" * 5_000),
        CSV.replace(b"1650.00", b"9" * 12),
        CSV.replace(b",1,1011", b"," + b"9" * 30 + b",1011"),
        CSV.replace(b"c-1", b"c" * 200_000),
        CSV.replace(b"s-1", b'"s-1'),
        CSV.replace(b"signal_id", b'"signal_id'),
        CSV + b"\x00" * 100_000,
        CSV.split(b"\n")[0] + b"," * 100_000,
    ],
    ids=range(8),
)
def test_a_csv_file_with_what_cannot_be_sent_is_refused(content: bytes) -> None:
    assert refused("csv", content) == "refused"


@pytest.mark.parametrize(
    "line", [b"111111111,1011 AB\xd4\xcd", b"111111111", b",,,,,,x", b'"111', b"1" * 200_000 + b",,,"]
)
def test_a_register_with_a_line_that_is_none_is_refused(line: bytes) -> None:
    assert refused("register", b"bsn,postcode,house_number,addition\n" + line) == "refused"


SHEET = (
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData>'
    b"</worksheet>"
)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<worksheet",
        SHEET % b"<row r='1'><c r='A1' t='s'><v>99</v></c></row>",
        SHEET % b"<row r='99999999999'><c r='A99999999999'><v>1</v></c></row>",
        SHEET % b"<row r='x'><c r='A1'><v>1</v></c></row>",
        SHEET % (b"<row>" + b"<c r='ZZZ1'><v>1</v></c>" + b"</row>") * 1_000,
        b"PK\x03\x04" + b"\x00" * 60,
    ],
    ids=range(7),
)
def test_a_workbook_that_is_damaged_or_claims_to_be_endless_is_refused(content: bytes) -> None:
    assert refused("excel", content) == "refused"


@pytest.mark.parametrize(
    "request_sent",
    [
        (b"POST /round\norigin: http://[\n\narea=1011", "403"),
        (b"GET /language/en\nreferer: http://[\n\n", "303"),
    ],
    ids=range(2),
)
def test_a_browser_that_says_what_no_browser_says_is_answered(request_sent: tuple[bytes, str]) -> None:
    sent, status = request_sent

    assert TARGETS["http"](sent) == status
