"""A real Prometheus beside real workers, with the rules that are shipped, in which time passes faster."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from eropaf.deploy.embedded.ports import choose
from tests.integration.processes import PATIENCE_S, Process

RULES = Path(__file__).parents[2] / "deploy" / "prometheus" / "eropaf.rules.yml"

# What a test cannot wait for: seconds that a unit of each lasts. Thresholds stay as they are, but for the age
# of a checkpoint. An hour is twenty minutes, so that it is still much longer than five; a day is an hour.
MINUTE_S = 2
SECONDS = {"s": 0.1, "m": MINUTE_S, "h": 20 * MINUTE_S, "d": 20 * MINUTE_S}
# In which a worker must be able to start three times.
QUARTER, QUARTER_S = "15m", 45
SCRAPED_EVERY_S = 1
# No range is shorter than two scrapes: it would hold nothing.
SHORTEST_RANGE_S = 2.2 * SCRAPED_EVERY_S
DURATION = re.compile(r"(?<=[\[: ])(\d+)([smhd])(?=[\]:)\n}])")


def hastened(rules: str) -> str:
    """Return the rules with every duration shortened."""

    def shorter(found: re.Match[str]) -> str:
        seconds = QUARTER_S if found[0] == QUARTER else int(found[1]) * SECONDS[found[2]]
        if rules[found.start() - 1] == "[":
            seconds = max(seconds, SHORTEST_RANGE_S)
        return f"{max(1, round(1000 * seconds))}ms"

    return DURATION.sub(shorter, rules).replace("> 30\n", "> 4\n").replace("+ 86400", "+ 6")


class Prometheus:
    """Scrapes every second, and evaluates the rules more often: workers, and one who may visit."""

    def __init__(self, folder: Path, workers: list[str], visitor: str) -> None:
        self._url = f"http://127.0.0.1:{(port := choose(1)[0])}"
        (folder / "rules.yml").write_text(hastened(RULES.read_text("utf-8")), "utf-8")
        (folder / "prometheus.yml").write_text(
            json.dumps(
                {
                    "global": {
                        "scrape_interval": f"{SCRAPED_EVERY_S}s",
                        "scrape_timeout": f"{SCRAPED_EVERY_S}s",
                        "evaluation_interval": "500ms",
                    },
                    "rule_files": ["rules.yml"],
                    "scrape_configs": [
                        {"job_name": "eropaf", "static_configs": [{"targets": workers}]},
                        {"job_name": "visitor", "static_configs": [{"targets": [visitor]}]},
                    ],
                }
            ),
            "utf-8",
        )
        self.process = Process(
            [
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'tsdb'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            folder / "prometheus.log",
            folder,
            "prometheus",
        )

    def firing(self) -> set[str]:
        """Return the alerts that fire now."""
        alerts = self._ask("/api/v1/alerts")["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def value(self, query: str) -> list[dict[str, Any]]:
        """Return what `query` gives now."""
        found: list[dict[str, Any]] = self._ask("/api/v1/query?" + urllib.parse.urlencode({"query": query}))[
            "result"
        ]
        return found

    def _ask(self, path: str) -> Any:
        try:
            with urllib.request.urlopen(self._url + path, timeout=PATIENCE_S) as answer:  # noqa: S310  # loopback
                return json.load(answer)["data"]
        except OSError:  # it is being started
            self.process.check()
            return {"alerts": [], "result": []}
