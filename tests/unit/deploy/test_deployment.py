"""Deployments are valid by their own tools, and say what the settings and the table of topics say."""

from __future__ import annotations

import functools
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec.models import ComposeSpecification, Service

from eropaf.agents import roles
from eropaf.deploy.embedded.jars import read_lock
from eropaf.settings import Settings
from tests import cluster_tools

REPO = Path(__file__).parents[3]
DEPLOY = REPO / "deploy"
TOOLS = Path(sys.executable).parent
KUBE_SCORE, CHECKOV = cluster_tools.path("kube-score"), cluster_tools.path("checkov")
KNOWN = {f"EROPAF_{name.upper()}" for name in Settings.model_fields}
# Kinds whose schemas are the operators' own.
OPERATORS = ("kafka.strimzi.io/", "keda.sh/", "monitoring.coreos.com/")


@functools.cache
def everything() -> list[dict[str, Any]]:
    """Return every resource; nobody changes one."""
    text = (DEPLOY / "kubernetes" / "eropaf.yaml").read_text("utf-8")
    return [part for part in yaml.load_all(text, yaml.CSafeLoader) if part]


def template_of(part: dict[str, Any]) -> dict[str, Any] | None:
    """Return the pods that `part` makes, if it makes any."""
    spec: dict[str, Any] = part.get("spec", {})
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    return spec.get("template") if part["kind"] in ("StatefulSet", "Deployment", "CronJob") else None


def pods() -> list[tuple[str, dict[str, Any]]]:
    """Return every pod's specification, by the name of what makes it."""
    found = [(part["metadata"]["name"], template_of(part)) for part in everything() if "metadata" in part]
    return [(name, template["spec"]) for name, template in found if template is not None]


# What kube-score says, and why it stays so.
EXPLAINED = {
    "deployment-replicas": "the board is one pod, since its accounts are in SQLite",
    "deployment-strategy": "so two of them must not overlap",
    "container-image-pull-policy": "a pod that starts again must not need the registry: digests say which",
}


def one(kind: str) -> dict[str, Any]:
    (found,) = [part for part in everything() if part["kind"] == kind]
    return found


def test_compose_runs_the_kafka_that_everything_is_tried_on() -> None:
    (image,) = set(re.findall(r"image: apache/kafka:(\S+)", (DEPLOY / "compose.yaml").read_text("utf-8")))

    assert image == read_lock().kafka


def test_strimzi_runs_the_kafka_that_everything_is_tried_on() -> None:
    assert one("Kafka")["spec"]["kafka"]["version"] == read_lock().kafka
    versions = {
        part["apiVersion"] for part in everything() if part["apiVersion"].startswith("kafka.strimzi.io")
    }
    assert versions == {"kafka.strimzi.io/v1"}


def test_every_pod_has_limits_and_takes_no_services_for_settings() -> None:
    for name, pod in pods():
        assert pod["enableServiceLinks"] is False, name
        for container in pod["containers"]:
            for kind in ("requests", "limits"):
                assert set(container["resources"][kind]) == {"cpu", "memory", "ephemeral-storage"}, name


@pytest.mark.skipif(KUBE_SCORE is None, reason="NO KUBE-SCORE, SO NO POD IS SCORED: `make cluster-tools`")
def test_kube_score_finds_nothing_that_is_not_explained() -> None:
    own = yaml.safe_dump_all([part for part in everything() if not part["apiVersion"].startswith(OPERATORS)])
    command = [str(KUBE_SCORE), "score", "-", "--output-format", "json"]
    done = subprocess.run(command, input=own, capture_output=True, text=True)
    found = {
        (check["check"]["id"], scored["object_name"].partition("/")[0])
        for scored in json.loads(done.stdout)
        for check in scored["checks"] or ()
        if check["grade"] < 10 and not check["skipped"]
    }

    assert {name for name, _ in found} == set(EXPLAINED), found


@pytest.mark.skipif(CHECKOV is None, reason="NO CHECKOV, SO NOTHING IS CHECKED BY IT: `make cluster-tools`")
def test_checkov_finds_nothing_that_is_not_explained() -> None:
    files = ["--file", "kubernetes/eropaf.yaml", "Dockerfile"]
    command = [str(CHECKOV), "--config-file", "checkov.yaml", "--output", "json", *files]
    done = subprocess.run(command, cwd=DEPLOY, capture_output=True, text=True, timeout=120)
    looked_at = {each["check_type"]: each for each in json.loads(done.stdout)}

    assert set(looked_at) == {"dockerfile", "kubernetes"}
    for each in looked_at.values():
        assert [found["check_id"] for found in each["results"].get("failed_checks", [])] == []
        assert each["summary"]["passed"] > 100
    assert done.returncode == 0


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "compose.yaml",
        "systemd/eropaf.env",
        "systemd/eropaf.service",
        "systemd/eropaf-savepoint.service",
        "systemd/eropaf-ledger.service",
        "systemd/eropaf-board.service",
        "systemd/eropaf-desk.service",
        "systemd/eropaf-gateway.service",
        "systemd/eropaf-webhooks.service",
        "systemd/eropaf-cases.service",
        "systemd/eropaf-logboek.service",
        "systemd/eropaf-lookup.service",
        "systemd/eropaf-resident-page.service",
        "helm/values.yaml",
        "helm/templates/_page.tpl",
        "helm/templates/_parts.tpl",
        "helm/templates/backup.yaml",
        "helm/templates/settings.yaml",
        "helm/templates/workers.yaml",
        "helm/templates/board.yaml",
        "helm/templates/_gateway.tpl",
        "helm/templates/gateway.yaml",
        "helm/templates/_single.tpl",
        "helm/templates/handed-on.yaml",
        "helm/templates/lookup.yaml",
        "helm/templates/resident-page.yaml",
    ],
)
def test_no_deployment_names_a_setting_that_is_not_there(path: str) -> None:
    text = (DEPLOY / path).read_text("utf-8")

    assert set(re.findall(r"\bEROPAF_[A-Z_]+\b", text)) <= KNOWN
    assert {f"EROPAF_{name.upper()}" for name in re.findall(r"\beropaf_([a-z_]+)\b", text)} <= KNOWN


def test_the_image_passes_its_linter() -> None:
    done = subprocess.run([TOOLS / "hadolint", DEPLOY / "Dockerfile"], capture_output=True, text=True)

    assert done.returncode == 0, done.stdout


def test_the_image_holds_every_package_and_nobody_is_root_in_it() -> None:
    text = (DEPLOY / "Dockerfile").read_text("utf-8")
    links = [link for package in ("eropaf", "clients/eropaf_client") for link in (REPO / package).iterdir()]
    packages = {"clients", "eropaf"} | {link.name for link in links if link.is_symlink()}

    assert set(re.findall(r"^COPY (\w+) \1$", text, re.MULTILINE)) == packages
    kept = set(re.findall(r"^!(\w+)$", (REPO / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    assert packages <= kept
    assert re.findall(r"^USER (.+)$", text, re.MULTILINE) == ["10001:10001"]
    assert "/health/live" in text


def test_compose_is_valid_by_its_specification() -> None:
    content = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))  # anchors and merges resolved

    found = ComposeSpecification.model_validate(content)

    assert found.services
    # What it does not know it passes over.
    for service in content["services"].values():
        assert set(service) <= set(Service.model_fields)


def test_compose_keeps_what_brokers_write_on_their_volumes() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]

    brokers = {name: service for name, service in services.items() if name.startswith("kafka-")}
    assert len(brokers) == 3
    for name, broker in brokers.items():
        assert broker["volumes"] == [f"{name}:{broker['environment']['KAFKA_LOG_DIRS']}"]


def test_compose_lets_nothing_listen_beyond_this_host_and_workers_write_nothing() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]

    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert services["workers"]["read_only"]
    assert services["workers"]["cap_drop"] == ["ALL"]
    for name in ("board", "gateway", "webhooks"):
        assert services[name]["read_only"], name
        assert services[name]["cap_drop"] == ["ALL"], name
    assert len([name for name in services if name.startswith("kafka-")]) == 3


def test_compose_opens_no_door_unless_its_profile_is_asked_for() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    scraped = (DEPLOY / "prometheus" / "prometheus-compose.yml").read_text("utf-8")

    assert {name: each["profiles"] for name, each in services.items() if "profiles" in each} == {
        "gateway": ["gateway"],
        "webhooks": ["webhooks"],
    }
    for name in ("gateway", "webhooks"):
        port = services[name]["environment"]["EROPAF_GATEWAY_METRICS_PORT"]
        assert f'"{name}:{port}"' in scraped
    # How far each tool is outlives the container.
    (state, _) = services["webhooks"]["volumes"]
    assert state == f"webhooks:{services['webhooks']['environment']['EROPAF_WEBHOOK_STATE_DIR']}"


def test_resources_are_valid_by_kubernetes_own_schemas(tmp_path: Path) -> None:
    own = [part for part in everything() if not part["apiVersion"].startswith(OPERATORS)]
    assert len(own) > 5
    file = tmp_path / "resources.yaml"
    file.write_text(yaml.safe_dump_all(own), "utf-8")
    done = subprocess.run(
        [TOOLS / "kubernetes-validate", "--strict", "--quiet", file], capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_settings_agree_with_the_topics() -> None:
    given, defaults = one("ConfigMap")["data"], Settings()

    assert tuple(given["EROPAF_CREDITORS"].split(",")) == defaults.creditors
    assert int(given["EROPAF_PARTITIONS"]) == defaults.partitions
    assert one("ScaledObject")["spec"]["maxReplicaCount"] == defaults.partitions
    (trigger,) = one("ScaledObject")["spec"]["triggers"]
    assert trigger["metadata"]["consumerGroup"] == defaults.group
    assert "topic" not in trigger["metadata"], "every input of the group counts"
    assert "replicas" not in one("StatefulSet")["spec"], "the autoscaler alone says how many"
    users = {part["metadata"]["name"] for part in everything() if part["kind"] == "KafkaUser"}
    for name, pod in pods():
        (container,) = pod["containers"]
        (who,) = [each["value"] for each in container["env"] if each["name"] == "EROPAF_KAFKA_USERNAME"]
        assert who in users, name
        assert re.search(f"'(secretName|name)': '{who}'", str(pod["volumes"])), name


def test_a_worker_of_kubernetes_is_asked_what_it_answers_and_may_do_nothing_more() -> None:
    pod = one("StatefulSet")["spec"]["template"]["spec"]
    (worker,) = pod["containers"]
    endpoint = (REPO / "streams" / "observe" / "endpoint.py").read_text("utf-8")

    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert f'"{worker[probe]["httpGet"]["path"]}"' in endpoint
    assert worker["securityContext"]["readOnlyRootFilesystem"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert one("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1


def test_the_board_of_kubernetes_is_who_the_table_says_and_is_asked_what_it_answers() -> None:
    pod = one("Deployment")["spec"]["template"]["spec"]
    (board,) = pod["containers"]
    given = {each["name"]: each["value"] for each in board["env"]}

    assert given["EROPAF_KAFKA_USERNAME"] == roles.BOARD
    pages = (REPO / "board" / "routes.py").read_text("utf-8")
    probes = {name: part["httpGet"]["path"] for name, part in board.items() if name.endswith("Probe")}
    assert probes == {
        "startupProbe": "/health/live",
        "livenessProbe": "/health/live",
        "readinessProbe": "/health/ready",
    }
    assert all(f'"{path}"' in pages for path in probes.values())
    assert board["securityContext"]["readOnlyRootFilesystem"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    # Two pods must not write one SQLite.
    assert one("Deployment")["spec"]["replicas"] == 1
    assert one("Deployment")["spec"]["strategy"]["type"] == "Recreate"


UNITS = (
    "eropaf", "eropaf-savepoint", "eropaf-ledger", "eropaf-board", "eropaf-desk", "eropaf-gateway",
    "eropaf-webhooks", "eropaf-cases", "eropaf-logboek", "eropaf-lookup",
)  # fmt: skip


def test_the_unit_loads_what_its_settings_use_and_says_who_it_is() -> None:
    settings = (DEPLOY / "systemd" / "eropaf.env").read_text("utf-8")
    for name in UNITS:
        unit = (DEPLOY / "systemd" / f"{name}.service").read_text("utf-8")
        assert ("LoadCredential=eropaf_kafka_password:" in unit) == ("EROPAF_KAFKA_SASL=" in settings)
        # A variable of EnvironmentFile= goes before one of Environment=.
        assert "EROPAF_KAFKA_USERNAME" not in settings
        assert re.search(
            r"^Environment=EROPAF_KAFKA_USERNAME=(worker|backup|board|desk|gateway|webhooks|cases|logboek|lookup)$",
            unit,
            re.MULTILINE,
        )


def test_a_residents_page_has_no_user_no_setting_of_the_cluster_and_its_own_secret() -> None:
    unit = (DEPLOY / "systemd" / "eropaf-resident-page.service").read_text("utf-8").splitlines()

    assert [line for line in unit if line.startswith("EnvironmentFile=")] == [
        "EnvironmentFile=/etc/eropaf/resident-page.env"
    ]
    assert [line.partition(":")[0] for line in unit if line.startswith("LoadCredential=")] == [
        "LoadCredential=eropaf_resident_page_secret"
    ]
    assert not [line for line in unit if "KAFKA" in line or "StateDirectory" in line]


def test_each_unit_that_serves_metrics_has_a_port_of_its_own_that_is_scraped() -> None:
    units = [path.read_text("utf-8") for path in (DEPLOY / "systemd").glob("*.service")]
    ports = re.findall(r"^Environment=EROPAF_\w+_METRICS_PORT=(\d+)$", "\n".join(units), re.MULTILINE)
    scraped = (DEPLOY / "prometheus" / "prometheus.yml").read_text("utf-8")

    assert len(set(ports)) == len(ports) > 4
    assert [port for port in ports if f'"127.0.0.1:{port}"' not in scraped] == []


def test_the_gateways_unit_is_reached_by_its_proxys_group_alone() -> None:
    unit = (DEPLOY / "systemd" / "eropaf-gateway.service").read_text("utf-8")

    assert "Environment=EROPAF_GATEWAY_SOCKET=%t/eropaf-gateway/" in unit
    assert {"Group=eropaf-proxy", "RuntimeDirectory=eropaf-gateway", "RuntimeDirectoryMode=0710"} <= {
        *unit.splitlines()
    }
    assert "EROPAF_GATEWAY_TRUSTED_PROXIES" not in unit


def test_every_pod_is_reached_and_reaches_out_only_where_a_policy_lets_it() -> None:
    guarded = {
        part["spec"]["podSelector"]["matchLabels"]["app"]
        for part in everything()
        if part["kind"] == "NetworkPolicy"
        and "matchLabels" in part["spec"]["podSelector"]
        and part["spec"]["policyTypes"] == ["Ingress", "Egress"]
    }
    apps = {
        template["metadata"]["labels"]["app"]
        for template in map(template_of, everything())
        if template is not None
    }

    assert apps == guarded


@pytest.mark.parametrize("name", [*UNITS, "eropaf-resident-page"])
def test_the_unit_is_valid_by_systemds_own_tool(name: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("NO SYSTEMD-ANALYZE, SO THE UNIT IS NOT VERIFIED: install Debian's package `systemd`")
    unit = tmp_path / f"{name}.service"
    text = (DEPLOY / "systemd" / f"{name}.service").read_text("utf-8")
    unit.write_text(text.replace("/opt/eropaf/bin/eropaf", sys.executable), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, timeout=60
    )

    assert name not in done.stderr, done.stderr


def test_prometheus_reads_its_configuration() -> None:
    if shutil.which("promtool") is None:
        pytest.skip("NO PROMTOOL, SO PROMETHEUS' FILES ARE UNCHECKED: install Debian's package `prometheus`")
    for name in ("prometheus.yml", "prometheus-compose.yml"):
        done = subprocess.run(
            ["promtool", "check", "config", DEPLOY / "prometheus" / name], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
