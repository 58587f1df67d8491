"""A case system by the description of the Zaken API: it holds each request against it, keeps what it made."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from joserfc import jwt
from joserfc.jwk import OctKey
from jsonschema import Draft202012Validator, FormatChecker

from eropaf.gateway.cases.zaken import ZakenAccess
from tests.local_server import LocalHandler, LocalServer

# `make zaken-api` names the official description here; without it what we use of it, in our own words.
DESCRIPTION = Path(
    os.environ.get("EROPAF_ZAKEN_OPENAPI") or Path(__file__).parents[2] / "data" / "zaken-api.yaml"
)
SECRET = "a secret of the tests, at length"
CATALOGUE = "https://catalogue.example.org/api/v1"


class Described:
    """What an OpenAPI 3.0 description says of requests and answers."""

    def __init__(self, path: Path) -> None:
        self.document = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
        self._parts = {asked: self._plain(self.document["components"], asked) for asked in (False, True)}

    def operation(self, method: str, path: str) -> dict[str, Any]:
        for template, operations in self.document["paths"].items():
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in operations:
                found: dict[str, Any] = operations[method.lower()]
                return found
        raise AssertionError(f"{method} {path} is not described")

    def faults(
        self, operation: dict[str, Any], query: dict[str, str], headers: dict[str, str], body: Any
    ) -> list[str]:
        wrong = []
        for each in operation["parameters"]:
            if each["in"] == "header":
                wrong += self._of_header(each, headers)
        known = {each["name"] for each in operation["parameters"] if each["in"] == "query"}
        wrong += [f"query {name} is not described" for name in query if name not in known]
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            wrong += self.faults_of(body, schema, asked=True)
        return wrong

    def _of_header(self, described: dict[str, Any], headers: dict[str, str]) -> list[str]:
        name = described["name"].lower()
        if described.get("required") and name not in headers:
            return [f"header {name} is missing"]
        allowed = described.get("schema", {}).get("enum", [])
        return [f"header {name}"] if name in headers and allowed and headers[name] not in allowed else []

    def faults_of(self, value: Any, schema: dict[str, Any], *, asked: bool) -> list[str]:
        schema = self._chosen(schema, value)
        plain = {**self._plain(schema, asked), "components": self._parts[asked]}
        found = Draft202012Validator(plain, format_checker=FormatChecker()).iter_errors(value)
        unknown = set(value) - self._names(schema) if asked else set()
        return [f"{each.json_path}: {each.message}" for each in found] + [
            f"{name} is not described" for name in unknown
        ]

    def _chosen(self, schema: dict[str, Any], value: Any) -> dict[str, Any]:
        """Follow the discriminator, which JSON Schema does not know."""
        mapping = self._resolved(schema).get("discriminator", {}).get("mapping", {})
        kind = value.get("objectType") if isinstance(value, dict) else None
        return {"$ref": mapping[kind]} if kind in mapping else schema

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return schema

    def _names(self, schema: dict[str, Any]) -> set[str]:
        schema = self._resolved(schema)
        parts = [self._names(each) for each in schema.get("allOf", ())]
        return set(schema.get("properties", {})).union(*parts)

    def _plain(self, schema: Any, asked: bool) -> Any:
        """Return it as JSON Schema: null where it may be, and read-only fields for answers alone."""
        if isinstance(schema, list):
            return [self._plain(each, asked) for each in schema]
        if not isinstance(schema, dict):
            return schema
        made = {name: self._plain(each, asked) for name, each in schema.items()}
        if asked and isinstance(schema.get("required"), list):
            own = schema.get("properties", {})
            made["required"] = [each for each in schema["required"] if not own.get(each, {}).get("readOnly")]
        return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


DESCRIBED = Described(DESCRIPTION)


class CaseSystem(LocalServer):
    """It may be away, refuse, or lose its answer after it has stored."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.described = DESCRIBED
        self.made: dict[str, list[dict[str, Any]]] = {"zaken": [], "zaakobjecten": [], "statussen": []}
        self.faults: list[str] = []
        self.asked: list[str] = []
        self.status, self.with_headers = 0, dict[str, str]()
        self.loses: set[str] = set()
        self.refuses: set[str] = set()
        self.fails: dict[str, int] = {}
        """Numbers of which no case is made, and kinds that are not made; and what is answered."""

    @property
    def address(self) -> str:
        return f"{self.origin}/zaken/api/v1"

    @property
    def access(self) -> ZakenAccess:
        return ZakenAccess(
            address=self.address, client_id="eropaf", secret=SECRET, rsin="000000012",
            case_type=f"{CATALOGUE}/zaaktypen/{uuid.UUID(int=1)}",
            status_type=f"{CATALOGUE}/statustypen/{uuid.UUID(int=2)}",
        )  # fmt: skip

    def numbers(self) -> list[str]:
        return [each["identificatie"] for each in self.made["zaken"]]

    def make(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        made = str(uuid.uuid4())
        whole = {**FILLED[kind], **body, "url": f"{self.address}/{kind}/{made}", "uuid": made}
        self.made[kind].append(whole)
        return whole


# What the official description wants in an answer beside what we read of it.
FILLED: dict[str, dict[str, Any]] = {
    "zaken": {
        "betalingsindicatieWeergave": "", "deelzaken": [], "eigenschappen": [], "einddatum": None,
        "resultaat": None, "rollen": [], "status": None, "zaakinformatieobjecten": [], "zaakobjecten": [],
    },
    "zaakobjecten": {},
    "statussen": {"indicatieLaatstGezetteStatus": True, "zaakinformatieobjecten": []},
}  # fmt: skip


class Handler(LocalHandler):
    server: CaseSystem

    def do_GET(self) -> None:
        kind, path, query, operation, wrong = self.looked_at(None)
        if self.server.status:
            self.say(self.server.status, {})
            return
        if wrong:
            self.say(400, {"invalidParams": wrong})
            return
        found = self.server.made[kind]
        if path.count("/") > 1:
            cases = [each for each in found if path.endswith(each["uuid"])]
            self.say(*((200, cases[0], operation) if cases else (404, {})))
            return
        matching = [each for each in found if all(each.get(name) == value for name, value in query.items())]
        whole = {"count": len(matching), "next": None, "previous": None, "results": matching}
        self.say(200, whole, operation)

    def do_POST(self) -> None:
        body = json.loads(self.body())
        kind, _, _, operation, wrong = self.looked_at(body)
        if self.server.status:
            self.say(self.server.status, {})
            return
        if status := self.server.fails.get(kind) or self.server.fails.get(body.get("identificatie")):
            self.say(status, {})
            return
        if kind == "zaken" and body.get("identificatie") in self.server.numbers():
            wrong = ["identificatie-niet-uniek"]
        if wrong or body.get("identificatie") in self.server.refuses:
            self.say(400, {"invalidParams": wrong})
            return
        made = self.server.make(kind, body)
        if kind in self.server.loses:
            self.server.loses.discard(kind)
            self.close_connection = True  # stored, and nobody hears it
            return
        self.say(201, made, operation)

    def looked_at(self, body: Any) -> tuple[str, str, dict[str, str], dict[str, Any], list[str]]:
        split = urlsplit(self.path)
        path = split.path.removeprefix("/zaken/api/v1")
        query, headers = dict(parse_qsl(split.query)), {k.lower(): v for k, v in self.headers.items()}
        operation = self.server.described.operation(self.command, path)
        wrong = self.server.described.faults(operation, query, headers, body)
        with suppress_as(wrong, "token"):
            token = headers["authorization"].removeprefix("Bearer ")
            claims = jwt.decode(token, OctKey.import_key(SECRET), algorithms=["HS256"]).claims
            assert {"iss": "eropaf", "client_id": "eropaf"}.items() <= claims.items()
            assert {"iat", "user_id", "user_representation"} <= claims.keys()
        self.server.asked.append(f"{self.command} {path.split('/')[1]}")
        self.server.faults += wrong
        return path.split("/")[1], path, query, operation, wrong

    def say(self, status: int, content: Any, operation: dict[str, Any] | None = None) -> None:
        if operation is not None:
            schema = operation["responses"][str(status)]["content"]["application/json"]["schema"]
            self.server.faults += self.server.described.faults_of(content, schema, asked=False)
        self.answer(status, "application/json", json.dumps(content).encode(), **self.server.with_headers)


@contextmanager
def suppress_as(wrong: list[str], what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        wrong.append(f"{what}: {type(error).__name__}")


@contextmanager
def case_system() -> Iterator[CaseSystem]:
    with CaseSystem().serving() as made:
        yield made


@pytest.fixture
def system() -> Iterator[CaseSystem]:
    with case_system() as made:
        yield made
        assert made.faults == [], "all that was asked and answered is as described"
