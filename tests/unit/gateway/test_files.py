"""A creditor's file over HTTP is read as everywhere else: wholly, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openpyxl import Workbook

from eropaf.gateway import files
from eropaf_client.files.filed import Asked
from eropaf_client.files.reading import read_by_creditor
from tests.certificates import Identities
from tests.unit.gateway.a_cluster import FakeCluster, client, opened

DATA = Path(__file__).parents[2] / "data"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = "signal_id,contract,kind,partner_type,amount_eur,reported_at,version,postcode,house_number"
ROW = "S-{0},C-{0},REPORTED,RENT,1100,2026-03-02,1,1011AB,{0}"

Program = Callable[[httpx2.AsyncClient], Coroutine[Any, Any, None]]


def run(cluster: FakeCluster, identities: Identities, program: Program) -> None:
    asked = Asked(municipality="0363", test_numbers=True, secret=b"a secret of the tests")

    async def ran() -> None:
        async with opened(cluster, identities, asked=asked) as made:
            await program(client(made, identities.of("rent").header))

    asyncio.run(asyncio.wait_for(ran(), 100))


async def sent(rent: httpx2.AsyncClient, content: bytes, kind: str) -> httpx2.Response:
    return await rent.post("/v1/files", content=content, headers={"Content-Type": kind})


def test_a_csv_file_is_stored_and_again_it_is_known(cluster: FakeCluster, identities: Identities) -> None:
    content = "\n".join([HEAD, *map(ROW.format, (1, 2, 3))]).encode()

    async def program(rent: httpx2.AsyncClient) -> None:
        first, again = [await sent(rent, content, "text/csv; charset=utf-8") for _ in range(2)]
        assert (first.status_code, first.json()["stored"], first.json()["known"]) == (202, 3, 0)
        assert "3 rows" in first.json()["understood"]
        assert (again.json()["stored"], again.json()["known"]) == (0, 3)

    run(cluster, identities, program)
    assert sorted(each["signal_id"] for each in cluster.signals("rent")) == ["S-1", "S-2", "S-3"]


def test_a_file_with_a_fault_is_refused_whole_and_the_fault_named(
    cluster: FakeCluster, identities: Identities
) -> None:
    content = "\n".join([HEAD, ROW.format(1), ROW.format(2).replace("1100", "-4")]).encode()

    async def program(rent: httpx2.AsyncClient) -> None:
        for body, kind, place in (
            (content, "text/csv", "line 3, column 5 (amount_eur)"),
            (b"no workbook", EXCEL, "file"),
            (b"[]", "application/json", "file"),
        ):
            refused = await sent(rent, body, kind)
            assert (refused.status_code, refused.json()["code"]) == (400, "invalid")
            assert refused.json()["errors"][0]["place"] == place
        other = await sent(rent, content, "multipart/form-data")
        assert other.status_code == 415

    run(cluster, identities, program)
    assert cluster.signals("rent") == []


def test_of_a_file_that_contradicts_what_is_known_nothing_is_stored(
    cluster: FakeCluster, identities: Identities
) -> None:
    other = ROW.format(1).replace("1100", "1200")

    async def program(rent: httpx2.AsyncClient) -> None:
        await sent(rent, "\n".join([HEAD, ROW.format(1)]).encode(), "text/csv")
        refused = await sent(rent, "\n".join([HEAD, ROW.format(2), other]).encode(), "text/csv")
        assert (refused.status_code, refused.json()["code"]) == (409, "changed-without-version")
        assert refused.json()["errors"][0]["place"] == "signal 2"

    run(cluster, identities, program)
    assert [each["signal_id"] for each in cluster.signals("rent")] == ["S-1"]


def test_excel_and_the_national_model_are_taken_as_the_callers_own(
    cluster: FakeCluster, identities: Identities, tmp_path: Path
) -> None:
    book = Workbook()
    for row in (HEAD, ROW.format(7)):
        book.worksheets[0].append(row.split(","))
    book.save(tmp_path / "file.xlsx")
    ddas = (DATA / "ddas-example.json").read_bytes()

    async def program(rent: httpx2.AsyncClient) -> None:
        workbook = await sent(rent, (tmp_path / "file.xlsx").read_bytes(), EXCEL)
        assert (workbook.status_code, workbook.json()["stored"]) == (202, 1)
        exchange = await sent(rent, ddas, "application/json")
        assert exchange.status_code == 202, exchange.text
        assert exchange.json()["stored"] > 0

    run(cluster, identities, program)
    assert len(cluster.signals("rent")) > 1
    assert cluster.signals("water") == []


@pytest.mark.parametrize("kind", ["text/csv", EXCEL, "application/json"])
def test_a_file_is_on_disk_under_no_name_so_that_nothing_is_left_whoever_kills_it(
    cluster: FakeCluster, identities: Identities, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    while_read: list[list[Path]] = []

    def read(*given: Any) -> Any:
        while_read.append([*tmp_path.rglob("*")])
        return read_by_creditor(*given)

    monkeypatch.setattr(files, "read_by_creditor", read)

    async def program(rent: httpx2.AsyncClient) -> None:
        await sent(rent, HEAD.encode() + b"\n" + ROW.format(1).encode(), kind)

    run(cluster, identities, program)
    assert while_read == [[]]
    assert list(tmp_path.iterdir()) == []
