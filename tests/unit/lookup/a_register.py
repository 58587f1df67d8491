"""A register of persons by the description of the BRP Personen API, to which it holds question and answer."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from eropaf.lookup.persons import PersonsAccess
from eropaf.lookup.service import Credentials
from tests.local_server import LocalHandler, LocalServer

# `make brp-api` names the official description here; without it what we use of it, in our own words.
DESCRIPTION = Path(
    os.environ.get("EROPAF_BRP_OPENAPI") or Path(__file__).parents[2] / "data" / "brp-personen-api.yaml"
)
SCHEMAS = "#/components/schemas/"
# What each answer holds by itself, and may not be asked for.
BY_ITSELF = (
    "opschortingBijhouding", "geheimhoudingPersoonsgegevens", "inOnderzoek", "rni", "verificatie", "type",
    "indicatieVastgesteldVerblijftNietOpAdres",
)  # fmt: skip
KEY, CLIENT, SECRET = "a-key-of-the-tests", "eropaf", "a secret of the tests"
PREFIX = "/haalcentraal/api/brp"


class Described:
    """The description as JSON Schema. A reference outside of `allOf` follows the discriminator."""

    def __init__(self, path: Path) -> None:
        document = yaml.load(path.read_text("utf-8"), yaml.CSafeLoader)
        self.schemas: dict[str, Any] = document["components"]["schemas"]
        operation = document["paths"]["/personen"]["post"]
        self._asked = next(iter(operation["requestBody"]["content"].values()))["schema"]
        shared = document["components"].get("responses", {})
        self._answers: dict[str, Any] = {}
        for status, response in operation["responses"].items():
            named = response.get("$ref", "").rpartition("/")[2]
            content = (shared[named] if named else response)["content"]
            self._answers[status] = next(iter(content.values()))["schema"]
        self._parts = {name: self._plain(each) for name, each in self.schemas.items()}
        self._parts |= {f"{name}.chosen": self._chosen(name) for name in self.schemas}

    def faults_asked(self, value: Any) -> list[str]:
        unknown = set(value) - self.names("RaadpleegMetBurgerservicenummer")
        fields = [each for each in value.get("fields", ()) if not self.has_field(each)]
        return self._faults(value, self._asked) + [f"{each} is not described" for each in (*unknown, *fields)]

    def faults_answered(self, status: int, value: Any) -> list[str]:
        schema = self._answers.get(str(status))
        return [] if schema is None else self._faults(value, schema)

    def has_field(self, path: str) -> bool:
        """Return whether a path may be asked for, of any kind of place."""
        found = ["Persoon"]
        for name in path.split("."):
            if name in BY_ITSELF:
                return False
            found = [each for schema in found for each in self._reached(schema, name)]
        return bool(found)

    def names(self, schema: str) -> set[str]:
        return set(self._properties(self.schemas[schema]))

    def _reached(self, schema: str, name: str) -> list[str]:
        reached = []
        for one in (schema, *self._mapping(schema).values()):
            found = self._properties(self.schemas.get(one, {})).get(name)
            if found is not None:
                reached.append(found.get("$ref", "").rpartition("/")[2] or "a value")
        return reached

    def _properties(self, schema: dict[str, Any]) -> dict[str, Any]:
        found = dict(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            part = self.schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
            found |= self._properties(part)
        return found

    def _mapping(self, name: str) -> dict[str, str]:
        mapping = self.schemas.get(name, {}).get("discriminator", {}).get("mapping", {})
        return {kind: ref.rpartition("/")[2] for kind, ref in mapping.items()}

    def _faults(self, value: Any, schema: dict[str, Any]) -> list[str]:
        whole = {**self._plain(schema), "components": {"schemas": self._parts}}
        found = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value)
        return [f"{each.json_path}: {each.message}" for each in found]

    def _plain(self, schema: Any, *, a_part: bool = False) -> Any:
        if isinstance(schema, list):
            return [self._plain(each, a_part=a_part) for each in schema]
        if not isinstance(schema, dict):
            return schema
        if "$ref" in schema and not a_part:
            return {"$ref": f"{schema['$ref']}.chosen"}
        return {
            name: each if name == "example" else self._plain(each, a_part=name == "allOf")
            for name, each in schema.items()
        }

    def _chosen(self, name: str) -> dict[str, Any]:
        mapping = self._mapping(name)
        if not mapping:
            return {"$ref": f"{SCHEMAS}{name}"}
        kinds = {"required": ["type"], "properties": {"type": {"enum": sorted(mapping)}}}
        each = [
            {"if": {"properties": {"type": {"const": kind}}}, "then": {"$ref": f"{SCHEMAS}{one}"}}
            for kind, one in mapping.items()
        ]
        return {"allOf": [{"$ref": f"{SCHEMAS}{name}"}, kinds, *each]}


DESCRIBED = Described(DESCRIPTION)


def lives(postcode: str, house_number: int, municipality: str = "0363", **more: Any) -> dict[str, Any]:
    """Return a person as the register holds one who lives at an address."""
    at = {"postcode": postcode, "huisnummer": house_number, "korteStraatnaam": "Voorbeeldstraat", **more}
    return {
        "gemeenteVanInschrijving": {"code": municipality, "omschrijving": "Voorbeeldstad"},
        "naam": {"geslachtsnaam": "Voorbeeld"},
        "verblijfplaats": {"type": "Adres", "verblijfadres": at},
    }


def suspended(code: str) -> dict[str, Any]:
    """Return a person whose record is kept no longer, and where they lived last."""
    gone = {"reden": {"code": code, "omschrijving": "zie tabel"}}
    return {**lives("1011 AB", 1), "opschortingBijhouding": gone}


class RegisterOfPersons(LocalServer):
    """It may be away, or say something else."""

    def __init__(self) -> None:
        super().__init__(Handler)
        self.persons: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []
        self.asked: list[list[str]] = []
        self.headers_of: list[dict[str, str]] = []
        self.status, self.with_headers = 200, dict[str, str]()
        self.says: bytes | None = None
        self.tokens_drawn, self.token_s, self.revoked = 0, 3600, set[str]()
        self.meanwhile: Callable[[], object] = lambda: None
        """What happens between a question and its answer."""

    @property
    def address(self) -> str:
        return f"{self.origin}{PREFIX}"

    @property
    def access(self) -> PersonsAccess:
        return PersonsAccess(self.address, api_key=KEY, headers={"x-doelbinding": "vroegsignalering"})

    @property
    def access_by_token(self) -> PersonsAccess:
        known_as = Credentials(
            token_address=f"{self.address}/token",
            client_id=CLIENT,
            client_secret=SECRET,
            scope="personen",
        )
        return PersonsAccess(self.address, known_as=known_as)

    def answer_to(self, question: dict[str, Any]) -> dict[str, Any]:
        wanted = question["burgerservicenummer"]
        persons = [self.chosen(each, question["fields"]) for each in wanted if each in self.persons]
        return {"type": question["type"], "personen": persons}

    def chosen(self, number: str, fields: list[str]) -> dict[str, Any]:
        whole = {**self.persons[number], "burgerservicenummer": number}
        return _only(whole, [each.split(".") for each in fields])


def _only(value: dict[str, Any], paths: list[list[str]]) -> dict[str, Any]:
    """Return what was asked for, and what each answer holds by itself."""
    made: dict[str, Any] = {}
    for name, each in value.items():
        under = [path[1:] for path in paths if path[0] == name]
        if name in BY_ITSELF or [] in under:
            made[name] = each
        elif under and isinstance(each, dict):
            made[name] = _only(each, under)
    return made


class Handler(LocalHandler):
    server: RegisterOfPersons

    def do_POST(self) -> None:
        body = self.body()
        if self.path == f"{PREFIX}/token":
            self.draw(parse_qs(body.decode()))
            return
        assert self.path == f"{PREFIX}/personen"
        self.server.headers_of.append({name.lower(): value for name, value in self.headers.items()})
        if not self.let_in():
            self.problem(401, "authentication")
            return
        if self.server.status != 200:
            self.problem(self.server.status, "tooManyRequests")
            return
        question = json.loads(body)
        wrong = DESCRIBED.faults_asked(question)
        self.server.faults += wrong
        if wrong:
            self.problem(400, "paramsValidation")
            return
        self.server.asked.append(question["burgerservicenummer"])
        self.server.meanwhile()
        if self.server.says is not None:
            self.send(200, "application/json", self.server.says)
            return
        answer = self.server.answer_to(question)
        self.server.faults += DESCRIBED.faults_answered(200, answer)
        self.send(200, "application/json; charset=utf-8", json.dumps(answer).encode())

    def let_in(self) -> bool:
        bearer = (self.headers["authorization"] or "").removeprefix("Bearer ")
        if bearer:
            return bearer == f"token-{self.server.tokens_drawn}" and bearer not in self.server.revoked
        return bool(self.headers["x-api-key"] == KEY)

    def draw(self, form: dict[str, list[str]]) -> None:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        assert self.headers["authorization"] == f"Basic {basic}"
        assert form == {"grant_type": ["client_credentials"], "scope": ["personen"]}
        self.server.tokens_drawn += 1
        token = {
            "access_token": f"token-{self.server.tokens_drawn}",
            "token_type": "Bearer",
            "expires_in": self.server.token_s,
        }
        self.send(200, "application/json", json.dumps(token).encode())

    def problem(self, status: int, code: str) -> None:
        told = {
            "type": "https://www.example.org/fout", "title": "Nu niet.", "status": status, "code": code,
            "instance": f"https://www.example.org{PREFIX}/personen",
        }  # fmt: skip
        self.server.faults += DESCRIBED.faults_answered(status, told)
        self.send(status, "application/problem+json", json.dumps(told).encode())

    def send(self, status: int, media_type: str, body: bytes) -> None:
        self.answer(status, media_type, body, **self.server.with_headers)


@contextmanager
def register_of_persons() -> Iterator[RegisterOfPersons]:
    with RegisterOfPersons().serving() as made:
        yield made


@pytest.fixture
def persons() -> Iterator[RegisterOfPersons]:
    with register_of_persons() as made:
        yield made
        assert made.faults == [], "all that was asked and answered is as described"
