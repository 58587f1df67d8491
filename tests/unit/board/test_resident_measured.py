"""What a resident's own page measures of itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from eropaf.board.resident import metrics
from tests.unit.board.test_resident_page import Browser, tried


def test_what_is_asked_of_the_desk_and_how_long_answers_take_is_measured(tmp_path: Path) -> None:
    def asked(result: str) -> float:
        return (
            metrics.RESIDENT_MEASURES.get_sample_value("eropaf_resident_page_asked_total", {"result": result})
            or 0
        )

    async def then(browser: Browser) -> Any:
        before = {result: asked(result) for result in ("answered", "refused", "away")}
        await browser.come_in()
        await browser.post("/nl/code", code="7K2M-AAAA-AAAA-AAAA-AAAA")
        await browser.desk.close()  # as one that does not answer
        await browser.post("/nl/code", code="7K2M-AAAA-AAAA-AAAA-AAAA")
        return {result: asked(result) - count for result, count in before.items()}

    assert tried(tmp_path, then) == {"answered": 1, "refused": 1, "away": 1}
    labels = {"route": "/nl/code", "status": "303"}
    name = "eropaf_resident_page_request_duration_seconds_count"
    assert (metrics.RESIDENT_MEASURES.get_sample_value(name, labels) or 0) >= 1
