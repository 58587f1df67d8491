"""The chart runs gateways and what tells or asks others where it is asked to: roles of their own, shut in."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from eropaf.agents import roles
from eropaf.commands import cases, logboek, residents, webhooks
from eropaf.settings import Settings
from tests import cluster_tools
from tests.rendered_chart import by_name, held, render, render_refused, with_helm

REPO = Path(__file__).parents[3]
KUBE_SCORE, CHECKOV = cluster_tools.path("kube-score"), cluster_tools.path("checkov")
TOOLS_AT = [{"cidr": "192.0.2.9/32", "port": 443}]
ASKED_FOR: dict[str, Any] = {
    "gateway": {"secret": "of-the-gateway", "proxies": ["10.1.0.0/16"]},
    "tools": {"secret": "of-the-tools", "proxies": ["10.2.0.0/16"]},
    "webhooks": {"secret": "of-the-webhooks", "reaches": TOOLS_AT},
    "cases": {
        "secret": "of-the-cases",
        "reaches": TOOLS_AT,
        "settings": {"EROPAF_CASES_WEBHOOK": "https://cases.example.org/taken"},
    },
    "logboek": {
        "secret": "of-the-logboek",
        "reaches": TOOLS_AT,
        "settings": {
            "EROPAF_LOGBOEK_ADDRESS": "https://logboek.example.org:4318",
            "EROPAF_LOGBOEK_REGISTER": "https://register.example.org/processing",
        },
    },
    "lookup": {
        "secret": "of-the-lookup",
        "reaches": TOOLS_AT,
        "settings": {
            "EROPAF_BRP_API": "https://gateway.example.org/haalcentraal/api/brp",
            "EROPAF_BRP_MUNICIPALITY": "0363",
            "EROPAF_BRP_GROUND": "autorisatiebesluit, vroegsignalering",
            "EROPAF_BRP_HEADERS": {"x-doelbinding": "vroegsignalering"},
        },
    },
}
USERS = {
    "gateway": roles.GATEWAY,
    "tools": roles.OUTREACH,
    "webhooks": roles.WEBHOOKS,
    "cases": roles.CASES,
    "logboek": roles.LOGBOEK,
    "lookup": roles.LOOKUP,
}
# The secret of households' keys is for who makes them, and for nobody else.
MAKES_KEYS = {"lookup": {"eropaf-household"}}
# Those that tell others and serve nobody, by the setting that says where it stands how far they are.
TELLING = {
    "webhooks": "EROPAF_WEBHOOK_STATE_DIR",
    "cases": "EROPAF_CASES_STATE_DIR",
    "logboek": "EROPAF_LOGBOEK_STATE_DIR",
}
CONFIGS: dict[str, Callable[[Settings], object]] = {
    "webhooks": webhooks.config,
    "cases": cases.config,
    "logboek": logboek.config,
    "lookup": residents.lookup_config,
}
SERVE_NOBODY = (*TELLING, "lookup")
# What kube-score says of them, and why it stays so.
EXPLAINED = {
    "container-image-pull-policy": "a pod that starts again must not need the registry: digests say which",
    "pod-probes-identical": "of those that tell: nobody is led to them, and one address says that they live",
}
OPERATORS = ("kafka.strimzi.io/", "keda.sh/", "monitoring.coreos.com/")


@functools.cache
def with_all() -> dict[tuple[str, str], dict[str, Any]]:
    """Return what the chart gives with all of them; nobody changes a part."""
    words = [f"{name}={json.dumps(values)}" for name, values in ASKED_FOR.items()]
    return by_name(render(*(word for each in words for word in ("--set-json", each))))


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
    telling = {
        (kind, f"eropaf-{name}")
        for kind in ("Deployment", "PersistentVolumeClaim", "NetworkPolicy")
        for name in TELLING
    }

    lookup = {(kind, "eropaf-lookup") for kind in ("Deployment", "NetworkPolicy")}

    assert set(new()) == gateways | telling | lookup


@with_helm
@pytest.mark.parametrize("name", USERS)
def test_each_is_its_own_user_and_holds_its_own_secrets_alone(name: str) -> None:
    assert given(name)["EROPAF_KAFKA_USERNAME"] == USERS[name]
    assert held(pod(name)) == {USERS[name], f"of-the-{name}"} | MAKES_KEYS.get(name, set())
    assert ("KafkaUser", USERS[name]) in with_all()
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
    assert given(name)["EROPAF_GATEWAY_CALLERS"] == "/run/eropaf/secrets/callers.toml"
    assert given(name)["EROPAF_GATEWAY_TRUSTED_PROXIES"] == ASKED_FOR[name]["proxies"][0]
    # Bodies lie where there is room for them, on a file system that is otherwise read-only.
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}
    assert mounts["bodies"] == given(name)["TMPDIR"]
    (service,) = with_all()["Service", f"eropaf-{name}"]["spec"]["ports"]
    assert service["port"] in [each["containerPort"] for each in container["ports"]]


@with_helm
@pytest.mark.parametrize("name", TELLING)
def test_what_tells_others_is_one_pod_whose_volume_says_how_far_it_is(name: str) -> None:
    spec = with_all()["Deployment", f"eropaf-{name}"]["spec"]
    (container,) = pod(name)["containers"]
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}

    assert container["args"] == [name, "run"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")
    assert mounts["told"] == given(name)[TELLING[name]]


@with_helm
def test_what_asks_the_register_is_one_pod_that_keeps_nothing_on_disk() -> None:
    spec = with_all()["Deployment", "eropaf-lookup"]["spec"]
    (container,) = pod("lookup")["containers"]

    assert container["args"] == ["residents", "look-up"]
    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate")
    assert {each["name"] for each in container["volumeMounts"]} == {"ca", "secrets"}


@with_helm
def test_the_webhooks_have_their_tools_secrets_and_cases_go_in_their_name() -> None:
    told, handed_on = given("webhooks"), given("cases")
    (container,) = pod("webhooks")["containers"]
    mounts = {each["name"]: each["mountPath"] for each in container["volumeMounts"]}

    assert mounts["secrets"] == told["EROPAF_WEBHOOK_SECRETS"]
    assert told["EROPAF_GATEWAY_CALLERS"] == f"{mounts['secrets']}/callers.toml"
    for name in ("EROPAF_WEBHOOK_SOURCE", "EROPAF_GATEWAY_ADDRESS"):
        assert handed_on[name] == told[name]
    assert handed_on["EROPAF_CASES_WEBHOOK"] == "https://cases.example.org/taken"


@with_helm
@pytest.mark.parametrize("name", SERVE_NOBODY)
def test_what_serves_nobody_has_every_setting_without_which_it_ends(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "callers.toml").write_text(
        '[[caller]]\noutreach = "door-tool"\nareas = ["1011"]\nwebhook = "https://tool.example.org/"\n'
    )
    (tmp_path / "door-tool.secret").write_text("whsec_" + "A" * 44)
    (tmp_path / "eropaf_cases_secret").write_text("whsec_" + "A" * 44)
    (tmp_path / "eropaf_logboek_secret").write_text("0" * 64)
    (tmp_path / "eropaf_household_secret").write_text("0" * 64)
    for setting, value in given(name).items():
        for folder in ("/var/lib/eropaf", "/run/eropaf/secrets"):
            value = value.replace(folder, str(tmp_path))
        monkeypatch.setenv(setting, value)
    monkeypatch.setenv("EROPAF_SECRETS_DIR", str(tmp_path))
    monkeypatch.setattr(residents, "proven_secret", Settings.secret)  # no cluster to ask here

    assert CONFIGS[name](Settings())


@with_helm
@pytest.mark.parametrize(
    ("name", "ports"), [(name, [9464] if name in SERVE_NOBODY else [8090, 9464]) for name in USERS]
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
        ["192.0.2.9/32"] if name in SERVE_NOBODY else []
    )
    (wanted,) = with_all()["PodMonitor", "eropaf"]["spec"]["selector"]["matchExpressions"]
    assert f"eropaf-{name}" in wanted["values"]


@with_helm
@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"webhooks": {"secret": "w"}}, "webhooks.reaches is empty: say where the tools are"),
        ({"cases": {"secret": "c"}}, "cases.reaches is empty: say where the case system is"),
        ({"logboek": {"secret": "l"}}, "logboek.reaches is empty: say where the processing log is"),
        ({"lookup": {"secret": "l"}}, "lookup.reaches is empty: say where the register's gateway is"),
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
