"""No pod of the chart reaches more than it asks, and none is installed that may not ask what it must."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rendered_chart import by_name, held, render, render_refused, with_helm

ASKING = {"settings": {"EROPAF_REGISTRY_URL": "https://registry.example.org"}}
REACHES = {"reaches": [{"cidr": "192.0.2.8/32", "port": 443}]}


@with_helm
@pytest.mark.parametrize(
    ("values", "said"),
    [
        (ASKING, "workers.reaches is empty: say where EROPAF_REGISTRY_URL is"),
        (ASKING | {"workers": REACHES}, "backup.reaches is empty: say where EROPAF_REGISTRY_URL is"),
        (
            ASKING | {"workers": REACHES, "backup": REACHES},
            "board.reaches is empty: say where EROPAF_REGISTRY_URL is",
        ),
        (
            {"settings": {"EROPAF_OTLP_ENDPOINT": "http://collector:4318"}},
            "workers.reaches is empty: say where EROPAF_OTLP_ENDPOINT is",
        ),
        (
            {"board": {"settings": {"EROPAF_BOARD_OPENID_ISSUER": "https://login.example.org"}}},
            "board.reaches is empty: say where EROPAF_BOARD_OPENID_ISSUER is",
        ),
        (
            {"settings": {"EROPAF_REGISTRY_CA_FILE": "/run/eropaf/secrets/registry.crt"}},
            "workers.secret is empty: name a Secret that holds the file of EROPAF_REGISTRY_CA_FILE",
        ),
    ],
)
def test_a_pod_that_may_not_ask_what_its_settings_name_is_refused(
    tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    assert said in render_refused(tmp_path, values)


@with_helm
def test_every_pod_reaches_the_registry_and_holds_its_password_where_they_are_named(tmp_path: Path) -> None:
    named = REACHES | {"secret": "registry"}
    file = tmp_path / "values.yaml"
    file.write_text(yaml.safe_dump(ASKING | dict.fromkeys(("workers", "backup", "board", "desk"), named)))
    parts = by_name(render("--values", str(file)))
    job = {
        "spec": {"template": parts["CronJob", "eropaf-savepoint"]["spec"]["jobTemplate"]["spec"]["template"]}
    }
    made = {
        "worker": parts["StatefulSet", "eropaf-worker"],
        "backup": job,
        "board": parts["Deployment", "eropaf-board"],
        "desk": parts["Deployment", "eropaf-desk"],
    }

    for name, part in made.items():
        assert {name, "registry"} <= held(part["spec"]["template"]["spec"])
        *_, out = parts["NetworkPolicy", f"eropaf-{name}"]["spec"]["egress"]
        assert out["to"] == [{"ipBlock": {"cidr": "192.0.2.8/32"}}]
        assert out["ports"] == [{"port": 443, "protocol": "TCP"}]


@with_helm
def test_a_pod_that_asks_nobody_else_reaches_nobody_else() -> None:
    parts = by_name(render())

    for name in ("worker", "backup", "board"):
        brokers, names = parts["NetworkPolicy", f"eropaf-{name}"]["spec"]["egress"]
        assert [port["port"] for port in brokers["ports"]] == [9093]
        assert [port["port"] for port in names["ports"]] == [53, 53]
