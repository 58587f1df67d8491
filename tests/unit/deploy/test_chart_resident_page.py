"""The chart runs a resident's own page where it is asked to: without a right, a password or a broker."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from eropaf.commands import resident_page
from eropaf.settings import Settings
from tests.rendered_chart import by_name, held, render, render_refused, with_helm

ASKED_FOR = {
    "secret": "of-the-page",
    "proxies": ["10.1.0.0/16"],
    "reaches": [{"cidr": "192.0.2.12/32", "port": 443}],
    "settings": {
        "EROPAF_DESK_URL": "https://desk.example.org",
        "EROPAF_RESIDENT_PAGE_ADDRESS": "https://mijn.example.org",
    },
}
NAME = "eropaf-resident-page"


@functools.cache
def with_page() -> dict[tuple[str, str], dict[str, Any]]:
    """Return what the chart gives with it; nobody changes a part."""
    return by_name(render("--set-json", f"residentPage={json.dumps(ASKED_FOR)}"))


def pod() -> dict[str, Any]:
    spec: dict[str, Any] = with_page()["Deployment", NAME]["spec"]["template"]["spec"]
    return spec


def given() -> dict[str, str]:
    (container,) = pod()["containers"]
    return {each["name"]: each["value"] for each in container["env"]}


@with_helm
def test_nothing_of_it_is_there_unless_it_is_asked_for() -> None:
    before = by_name(render())

    assert {name for name in with_page() if name not in before} == {
        (kind, NAME) for kind in ("Service", "Deployment", "PodDisruptionBudget", "NetworkPolicy")
    }


@with_helm
def test_it_has_no_users_password_and_no_setting_of_the_cluster() -> None:
    (container,) = pod()["containers"]

    assert held(pod()) == {"of-the-page"}
    assert "envFrom" not in container
    assert not [name for name in given() if "KAFKA" in name or "BOOTSTRAP" in name]
    assert not pod()["automountServiceAccountToken"]
    assert container["securityContext"]["readOnlyRootFilesystem"]


@with_helm
def test_its_ingress_reaches_it_and_it_reaches_the_desk_and_no_broker() -> None:
    policy = with_page()["NetworkPolicy", NAME]["spec"]
    names, desk = policy["egress"]

    assert [each["ports"][0]["port"] for each in policy["ingress"]] == [8070, 9464]
    assert {each["port"] for each in names["ports"]} == {53}
    assert desk["to"] == [{"ipBlock": {"cidr": "192.0.2.12/32"}}]
    (wanted,) = with_page()["PodMonitor", "eropaf"]["spec"]["selector"]["matchExpressions"]
    assert NAME in wanted["values"]


@with_helm
def test_it_starts_with_what_it_is_given_and_listens_where_it_is_led_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "eropaf_resident_page_secret").write_text("0" * 32)
    for setting, value in given().items():
        monkeypatch.setenv(setting, value.replace("/run/eropaf/secrets", str(tmp_path)))
    settings = Settings()
    (container,) = pod()["containers"]

    assert resident_page.config(settings).address == "https://mijn.example.org"
    ports = {each["name"]: each["containerPort"] for each in container["ports"]}
    assert ports == {"http": settings.resident_page_port, "metrics": settings.resident_page_metrics_port}
    (service,) = with_page()["Service", NAME]["spec"]["ports"]
    assert service["port"] == settings.resident_page_port


@with_helm
def test_a_page_that_could_ask_nobody_is_refused(tmp_path: Path) -> None:
    refused = render_refused(tmp_path, {"residentPage": ASKED_FOR | {"reaches": []}})

    assert "residentPage.reaches is empty: say where the desk is" in refused


@with_helm
def test_it_is_valid_by_kubernetes_own_schemas(tmp_path: Path) -> None:
    file = tmp_path / "resources.yaml"
    file.write_text(
        yaml.safe_dump_all([part for (_, name), part in with_page().items() if name == NAME]), "utf-8"
    )
    validate = Path(sys.executable).parent / "kubernetes-validate"
    done = subprocess.run([validate, "--strict", "--quiet", file], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr
