from __future__ import annotations

from eropaf.deploy.embedded.jars import read_lock
from tests.matrix.__main__ import BEGINS, ENDS, PAGE, PROTOCOLS, as_markdown, key, read
from tests.matrix.brokers import VERSIONS
from tests.matrix.cells import BROKER_KILLED, CELLS, HOLDS, impossible


def test_the_page_says_what_was_tried() -> None:
    _, _, rest = PAGE.read_text("utf-8").partition(BEGINS)

    assert rest.partition(ENDS)[0] == as_markdown(read()), "write it with `make matrix ARGS=--write-only`"


def test_the_broker_that_is_shipped_is_among_those_tried_and_holds_all_that_was() -> None:
    shipped, results = read_lock().kafka, read()

    assert shipped in VERSIONS
    for protocol in PROTOCOLS:
        for cell in CELLS:
            found = results.get(key(shipped, protocol, cell.name))
            assert found is None or found["result"] == HOLDS


def test_a_cell_that_cannot_pass_says_why() -> None:
    assert impossible(CELLS[0].name, "3.9.2", "consumer")
    assert not impossible(CELLS[0].name, "3.9.2", "classic")
    assert "KAFKA-20734" in str(impossible(BROKER_KILLED, "4.3.1", "consumer"))
    assert not impossible(BROKER_KILLED, "4.2.2", "consumer")
