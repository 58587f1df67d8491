"""What the Helm chart takes from topics and settings: `python -m eropaf.derived.chart HELM` writes it.

Also what the chart renders with its own values, as plain resources (`deploy/kubernetes/eropaf.yaml`), for
those without helm.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from eropaf.derived.strimzi import resources
from eropaf.settings import Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
CHART = DEPLOY / "helm"
TOPICS = CHART / "templates" / "topics-and-users.yaml"
SCHEMA = CHART / "values.schema.json"
PLAIN = DEPLOY / "kubernetes" / "eropaf.yaml"
NAMESPACE = "eropaf"
KUBERNETES = "1.31.0"
# Stands for every creditor while the template is made, and for the number of partitions.
CREDITOR, PARTITIONS = "creditor-in-the-chart", 7919
# What the chart says itself, by its other values or since pods are as they are.
BY_THE_CHART = {
    "bootstrap", "secrets_dir", "group", "creditors", "partitions", "replication", "workers", "worker_name",
    "state_dir", "clock", "log_format", "metrics_host", "metrics_port", "board_host", "board_port",
    "board_metrics_port", "board_address", "board_database", "board_trusted_proxies",
    "gateway_host", "gateway_port", "gateway_socket", "gateway_metrics_port", "gateway_address",
    "gateway_callers", "gateway_trusted_proxies",
    # Before a gateway of the chart an ingress speaks TLS.
    "gateway_certificate_file", "gateway_key_file", "gateway_client_ca_file",
    "webhook_source", "webhook_secrets", "webhook_state_dir", "cases_state_dir", "logboek_state_dir",
    "resident_page_host", "resident_page_port", "resident_page_metrics_port", "resident_page_trusted_proxies",
}  # fmt: skip


def topics_and_users() -> str:
    """Return the template of every topic and user, in which what is of one creditor is there for each."""
    made = yaml.safe_load_all(resources(Settings(creditors=(CREDITOR,), partitions=PARTITIONS)))
    head = (
        "{{- /* Written by `make chart` from the table of topics and its rights. */}}\n"
        "{{- if not .Values.kafka.bootstrap }}\n"
    )
    return head + "".join(map(_document, made)) + "{{- end }}\n"


def _document(resource: dict[str, Any]) -> str:
    acls = resource["spec"].get("authorization", {}).pop("acls", None)
    text = "---\n" + yaml.safe_dump(resource, sort_keys=False)
    if acls is not None:  # the last of a user
        text += "    acls:\n" + "".join(_right(each, CREDITOR in text) for each in acls)
    text = text.replace(f"partitions: {PARTITIONS}", "partitions: {{ $.Values.partitions }}")
    return _for_each(text) if CREDITOR in resource["metadata"]["name"] else text


def _right(acl: dict[str, Any], of_a_creditor: bool) -> str:
    text = "".join(f"    {line}\n" for line in yaml.safe_dump([acl], sort_keys=False).splitlines())
    return _for_each(text) if CREDITOR in text and not of_a_creditor else text


def _for_each(text: str) -> str:
    return "{{- range $.Values.creditors }}\n" + text.replace(CREDITOR, "{{ . }}") + "{{- end }}\n"


def schema() -> str:
    """Return the schema of the values, in which each setting has its type and bounds."""
    held = json.loads(SCHEMA.read_text("utf-8"))
    held["$defs"]["settings"] = {
        "description": "Written by `make chart` from the settings: those that are no secret and that "
        "no other value gives.",
        "type": "object",
        "additionalProperties": False,
        "properties": dict(_settings()),
    }
    return json.dumps(held, indent=2) + "\n"


def _settings() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, said in Settings.model_json_schema()["properties"].items():
        if name in BY_THE_CHART or name.startswith("kafka_"):
            continue
        kinds = [kind for kind in said.get("anyOf", [said]) if kind.get("type") != "null"]
        if any(kind.get("format") == "password" for kind in kinds):
            continue
        yield f"EROPAF_{name.upper()}", _value(kinds[0]) | {"description": said["description"]}


def _value(kind: dict[str, Any]) -> dict[str, Any]:
    if kind["type"] == "array":  # as a variable has it, separated by commas
        return {"type": "string", "minLength": 1}
    kept = ("type", "pattern", "minimum", "exclusiveMinimum", "maximum")
    return {name: kind[name] for name in kept if name in kind}


def rendered(helm: str, *values: str) -> str:
    """Return what the chart gives with these words of `helm template` besides.

    Raises:
        subprocess.CalledProcessError: helm refused them; its `stderr` says why.
    """
    command = [helm, "template", "eropaf", str(CHART), "--namespace", NAMESPACE]
    command += ["--kube-version", KUBERNETES, *values]  # one built from source knows an old one alone
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  # ours
    return done.stdout


def plain(helm: str) -> str:
    """Return the plain resources: what the chart gives with its own values."""
    head = "# Written by `make chart`: what deploy/helm gives with its own values, in the namespace "
    return f"{head}{NAMESPACE}.\n" + rendered(helm)


if __name__ == "__main__":
    TOPICS.write_text(topics_and_users(), "utf-8")
    SCHEMA.write_text(schema(), "utf-8")
    PLAIN.write_text(plain(sys.argv[1]), "utf-8")
