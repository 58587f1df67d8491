"""The chart runs gateways and webhooks where it is asked to: as their own roles, and shut in."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from eropaf.agents import roles
from tests import cluster_tools
from tests.rendered_chart import by_name, held, render, render_refused, with_helm

REPO = Path(__file__).parents[3]
KUBE_SCORE, CHECKOV = cluster_tools.path("kube-score"), cluster_tools.path("checkov")
TOOLS_AT = [{"cidr": "192.0.2.9/32", "port": 443}]
ASKED_FOR: dict[str, Any] = {
    "gateway": {"secret": "of-the-gateway", "proxies": ["10.1.0.0/16"]},
    "tools": {"secret": "of-the-tools", "proxies": ["10.2.0.0/16"]},
    "webhooks": {"secret": "of-the-webhooks", "reaches": TOOLS_AT},
}
USERS = {"gateway": roles.GATEWAY, "tools": roles.OUTREACH, "webhooks": roles.WEBHOOKS}
# What kube-score says of them, and why it stays so.
EXPLAINED = {
    "container-image-pull-policy": "a pod that starts again must not need the registry: digests say which",
    "pod-probes-identical": "of the webhooks: nobody is led to them, and one address tells that they live",
}
OPERATORS = ("kafka.strimzi.io/", "keda.sh/", "monitoring.coreos.com/")


@functools.cache
def with_all() -> dict[tuple[str, str], dict[str, Any]]:
    """Return what the chart gives with all three; nobody changes a part."""
    words = [
        "--set", "gateway.secret=of-the-gateway", "--set", "gateway.proxies={10.1.0.0/16}",
        "--set", "tools.secret=of-the-tools", "--set", "tools.proxies={10.2.0.0/16}",
        "--set", "webhooks.secret=of-the-webhooks",
        "--set-json", f"webhooks.reaches={json.dumps(TOOLS_AT)}",
    ]  # fmt: skip
    return by_name(render(*words))


def new() -> dict[tuple[str, str], dict[str, Any]]:
    """Return what is there only since it was asked for."""
    before = by_name(render())
    return {name: part for name, part in with_all().items() if name not in before}


def pod(name: str) -> dict[str, Any]:
    spec: dict[str, Any] = with_all()["Deployment", f"eropaf-{name}"]["spec"]["template"]["spec"]
    return spec


def given(name: str) -> dict[str, str]:
    (container,) = pod(name)["containers"]
    return {each["name"]: each["value"] for each in container["env"]}


@with_helm
def test_nothing_of_them_is_there_unless_it_is_asked_for() -> None:
    gateways = {
        (kind, f"eropaf-{name}")
        for kind in ("Service", "Deployment", "PodDisruptionBudget", "NetworkPolicy")
        for name in ("gateway", "tools")
    }
    webhooks = {
        (kind, "eropaf-webhooks") for kind in ("Deployment", "PersistentVolumeClaim", "NetworkPolicy")
    }

    assert set(new()) == gateways | webhooks


@with_helm
@pytest.mark.parametrize("name", USERS)
def test_each_is_its_own_user_and_holds_its_own_secrets_alone(name: str) -> None:
    assert given(name)["EROPAF_KAFKA_USERNAME"] == USERS[name]
    assert held(pod(name)) == {USERS[name], f"of-the-{name}"}
    assert ("KafkaUser", USERS[name]) in with_all()
    assert given(name)["EROPAF_GATEWAY_CALLERS"] == "/run/eropaf/secrets/callers.toml"
    assert not pod(name)["automountServiceAccountToken"]
    (container,) = pod(name)["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]


@with_helm
@pytest.mark.parametrize("name", ["gateway", "tools"])
def test_a_gateway_is_asked_what_it_answers_and_takes_its_own_ingress_word(name: str) -> None:
    (container,) = pod(name)["containers"]
    probes = {each: part["httpGet"]["path"] for each, part in container.items() if each.endswith("Probe")}
    answers = (REPO / "gateway" / "app.py").read_text("utf-8")

    assert probes == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }
    assert all(f'"{path}"' in answers for path in probes.values())
    assert given(name)["EROPAF_GATEWAY_TRUSTED_PROXIES"] == ASKED_FOR[name]["proxies"][0]
    # Bodies lie where there is room for them, on a file system that is otherwise read-only.
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounts["bodies"] == given(name)["TMPDIR"]
    (service,) = with_all()["Service", f"eropaf-{name}"]["spec"]["ports"]
    assert service["port"] in [each["containerPort"] for each in container["ports"]]


@with_helm
def test_the_webhooks_are_one_pod_whose_volume_says_how_far_each_tool_is() -> None:
    spec = with_all()["Deployment", "eropaf-webhooks"]["spec"]
    (container,) = pod("webhooks")["containers"]
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}

    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")
    assert mounts["told"] == given("webhooks")["EROPAF_WEBHOOK_STATE_DIR"]
    assert mounts["secrets"] == given("webhooks")["EROPAF_WEBHOOK_SECRETS"]


@with_helm
@pytest.mark.parametrize(
    ("name", "ports"), [("gateway", [8090, 9464]), ("tools", [8090, 9464]), ("webhooks", [9464])]
)
def test_the_ingress_reaches_gateways_prometheus_all_and_they_the_brokers(
    name: str, ports: list[int]
) -> None:
    policy = with_all()["NetworkPolicy", f"eropaf-{name}"]["spec"]

    assert policy["policyTypes"] == ["Ingress", "Egress"]
    assert policy["podSelector"]["matchLabels"] == {"app": f"eropaf-{name}"}
    assert [each["ports"][0]["port"] for each in policy["ingress"]] == ports
    brokers, names, *others = policy["egress"]
    assert brokers["to"][0]["podSelector"]["matchLabels"] == {"strimzi.io/cluster": "eropaf"}
    assert {each["port"] for each in names["ports"]} == {53}
    assert [each["to"][0]["ipBlock"]["cidr"] for each in others] == (
        ["192.0.2.9/32"] if name == "webhooks" else []
    )
    (wanted,) = with_all()["PodMonitor", "eropaf"]["spec"]["selector"]["matchExpressions"]
    assert f"eropaf-{name}" in wanted["values"]


@with_helm
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"webhooks": {"secret": "w"}}, "webhooks.reaches is empty: say where the tools are"),
        (
            {
                "gateway": {
                    "secret": "g",
                    "settings": {"EROPAF_GATEWAY_OPENID_ISSUER": "https://login.example.org"},
                }
            },
            "gateway.reaches is empty: say where EROPAF_GATEWAY_OPENID_ISSUER is",
        ),
        ({"tools": {"secret": "t", "proxies": []}}, "proxies"),
        (
            {"gateway": {"settings": {"EROPAF_GATEWAY_CALLERS": "/etc/callers.toml"}}},
            "EROPAF_GATEWAY_CALLERS",
        ),
    ],
)
def test_values_by_which_none_could_come_in_or_be_told_are_refused(
    tmp_path: Path, values: dict[str, Any], said: str
) -> None:
    assert said in render_refused(tmp_path, values)


@with_helm
def test_they_are_valid_by_kubernetes_own_schemas(tmp_path: Path) -> None:
    file = tmp_path / "resources.yaml"
    file.write_text(yaml.safe_dump_all(list(new().values())), "utf-8")
    validate = Path(sys.executable).parent / "kubernetes-validate"
    done = subprocess.run([validate, "--strict", "--quiet", file], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout + done.stderr


@with_helm
@pytest.mark.skipif(KUBE_SCORE is None, reason="NO KUBE-SCORE, SO NO POD IS SCORED: `make cluster-tools`")
def test_kube_score_finds_nothing_in_them_that_is_not_explained() -> None:
    own = yaml.safe_dump_all(
        [part for part in with_all().values() if not part["apiVersion"].startswith(OPERATORS)]
    )
    command = [str(KUBE_SCORE), "score", "-", "--output-format", "json"]
    done = subprocess.run(command, input=own, capture_output=True, text=True)
    found = {
        check["check"]["id"]
        for scored in json.loads(done.stdout)
        if scored["object_name"].endswith(tuple(f"/eropaf-{name}" for name in USERS))
        for check in scored["checks"] or ()
        if check["grade"] < 10 and not check["skipped"]
    }

    assert found == set(EXPLAINED)


@with_helm
@pytest.mark.skipif(CHECKOV is None, reason="NO CHECKOV, SO NOTHING IS CHECKED BY IT: `make cluster-tools`")
def test_checkov_finds_nothing_in_them(tmp_path: Path) -> None:
    file = tmp_path / "resources.yaml"
    file.write_text(
        yaml.safe_dump_all(
            [{**part, "metadata": {**part["metadata"], "namespace": "eropaf"}} for part in new().values()]
        ),
        "utf-8",
    )
    command = [str(CHECKOV), "--config-file", "checkov.yaml", "--output", "json", "--file", str(file)]
    done = subprocess.run(command, cwd=REPO / "deploy", capture_output=True, text=True)
    looked_at = json.loads(done.stdout)

    assert [found["check_id"] for found in looked_at["results"].get("failed_checks", [])] == []
    assert looked_at["summary"]["passed"] > 100
