"""The alert rules as a resource of Prometheus' operator: `python -m eropaf.deploy.rules` writes it."""

from __future__ import annotations

from pathlib import Path

import yaml

HERE = Path(__file__).parent
RULES = HERE / "prometheus" / "eropaf.rules.yml"
RESOURCE = HERE / "kubernetes" / "prometheus-rules.yaml"


def resource() -> str:
    """Return the rules as a PrometheusRule, in YAML."""
    made = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": {"name": "eropaf", "namespace": "eropaf"},
        "spec": yaml.safe_load(RULES.read_text("utf-8")),
    }
    head = "# Written by `make rules` from deploy/prometheus/eropaf.rules.yml.\n"
    return head + yaml.safe_dump(made, sort_keys=False, width=110)


if __name__ == "__main__":
    RESOURCE.write_text(resource(), "utf-8")
