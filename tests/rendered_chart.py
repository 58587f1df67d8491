"""What the chart gives and what it refuses, by helm itself."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from eropaf.derived import chart
from tests import cluster_tools

HELM = cluster_tools.path("helm")
with_helm = pytest.mark.skipif(
    HELM is None, reason="NO HELM, SO THE CHART IS NOT RENDERED: install it, or `make cluster-tools` with Go"
)


def render(*words: str) -> list[dict[str, Any]]:
    assert HELM is not None
    return [part for part in yaml.safe_load_all(chart.rendered(HELM, *words)) if part]


def render_refused(tmp_path: Path, values: dict[str, Any]) -> str:
    """Return what helm says of values that it refuses."""
    assert HELM is not None
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(values), "utf-8")
    with pytest.raises(subprocess.CalledProcessError) as caught:
        chart.rendered(HELM, "--values", str(file))
    return str(caught.value.stderr)


def by_name(parts: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return resources by kind and name, rights in no order, and without their namespace."""
    made = {}
    for part in copy.deepcopy(parts):
        part["metadata"].pop("namespace", None)
        if part["kind"] == "KafkaUser":
            part["spec"]["authorization"]["acls"].sort(key=str)
        made[part["kind"], part["metadata"]["name"]] = part
    return made


def held(pod: dict[str, Any]) -> set[str]:
    """Return the Secrets that are mounted as settings."""
    (secrets,) = [volume["projected"] for volume in pod["volumes"] if volume["name"] == "secrets"]
    return {source["secret"]["name"] for source in secrets["sources"]}
