"""The contract of the gateway for programs in any language, as OpenAPI 3.1.

`python -m eropaf.gateway.contract` (`make schemas`) writes docs/reference/openapi.json. What a signal, an
answer, an update and an outcome hold is said once, in the schemas of the topics.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from eropaf.gateway.contract_bounds import TEXT
from eropaf.gateway.contract_schemas import CURSOR, ref, schemas
from eropaf.gateway.contract_webhooks import webhooks
from eropaf.gateway.headers import API_VERSION
from eropaf.gateway.pages import ITEMS_AT_ONCE, MOST_ITEMS_AT_ONCE
from eropaf.gateway.problems import MEDIA_TYPE
from eropaf.gateway.repeats import LONGEST_IDEMPOTENCY_KEY

CONTRACT = Path(__file__).resolve().parents[1] / "docs" / "reference" / "openapi.json"
JSON = "application/json"
NDJSON = "application/x-ndjson"
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SIGNALS, OUTREACH = ("eropaf:signals", "creditors"), ("eropaf:outreach", "outreach tools")
# Of what went wrong; docs/reference/gateway.md has the codes.
WRONG = {
    400: "What was sent cannot be used; every fault is named.",
    401: "No credential that holds.",
    403: "A credential of somebody for whom this is not.",
    404: "There is nothing of the caller's under this name.",
    408: "The body stopped coming.",
    409: "It contradicts what was said before, or the same request is in hand still.",
    413: "Larger than a body or a line may be.",
    415: "A media type, or an encoding, that is not taken.",
    422: "This Idempotency-Key came with another body.",
    429: "Too much is in hand; come again after Retry-After.",
    503: "It may or may not be stored; send it again after Retry-After: sending it twice does no harm.",
}
DESCRIPTION = """\
Early signalling of payment arrears over HTTP, for creditors and outreach tools that do not speak Kafka. A
signal or an outcome is stored before it is answered (202), and once however often it is sent. Who needs help,
where and by when is told to outreach tools; never why."""
EVENTS = (
    "Server-sent events: `rows` (a list of Update) and `whole` (how many), then `update` and `erasure` "
    "(an UpdateItem each), with the cursor as their id."
)
READING = (400, 401, 403, 503)
TAKING = (*READING, 408, 413, 415, 429)
VERSION = {"API-Version": {"$ref": "#/components/headers/API-Version"}}


class Operation(NamedTuple):
    """What one address does: for whom, what it takes and answers, and what may go wrong."""

    at: str
    name: str
    whose: tuple[str, str]
    summary: str
    answers: Mapping[int, Mapping[str, Any]]
    wrong: Sequence[int]
    parameters: Sequence[Mapping[str, Any]] = ()
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, Any] | None = None


@cache
def contract() -> dict[str, Any]:
    """Return the contract."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Eropaf",
            "version": API_VERSION,
            "description": DESCRIPTION,
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
            "contact": {
                "name": "The municipality's operator of Eropaf",
                "email": "eropaf@example.org",
                "url": "https://eropaf.example.org",
            },
        },
        "servers": [{"url": "https://eropaf.example.org/v1", "description": "The municipality's gateway."}],
        "tags": [
            {"name": "creditors", "description": "Report arrears, and hear what became of them."},
            {"name": "outreach", "description": "Hear who needs help, and say what came of it."},
        ],
        "paths": _paths(),
        "webhooks": webhooks(),
        "components": {
            "schemas": schemas(),
            "headers": {"API-Version": {"schema": TEXT, "description": "Version of this contract."}},
            "responses": {f"Problem{status}": _problem(status) for status in WRONG},
            "securitySchemes": _security(),
        },
    }


def text() -> str:
    """Return the contract as JSON."""
    return json.dumps(contract(), indent=1, ensure_ascii=False) + "\n"


def _paths() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in (*_of_creditors(), *_of_outreach()):
        method = "get" if each.body is None else "post"
        found.setdefault(each.at, {})[method] = _operation(each)
    return found


def _of_creditors() -> list[Operation]:
    printable = f"^[!-~]([ -~]{{0,{LONGEST_IDEMPOTENCY_KEY - 2}}}[!-~])?$"
    key = _parameter("Idempotency-Key", "header", TEXT | {"pattern": printable})
    named = {"name": "signal_id", "in": "path", "required": True, "schema": TEXT | {"minLength": 1}}
    files = {each: TEXT | {"contentMediaType": each} for each in ("text/csv", EXCEL)}
    return [
        Operation(
            "/signals",
            "postSignals",
            SIGNALS,
            "Report one signal, or one per line.",
            {202: {JSON: {"anyOf": [ref("Received"), ref("Counted")]}}},
            wrong=(*TAKING, 409, 422),
            parameters=[key],
            body={JSON: ref("Signal"), NDJSON: TEXT | {"description": "One signal a line."}},
            headers={"Location": {"schema": TEXT, "description": "Of one signal: where its receipt is."}},
        ),
        Operation(
            "/signals/{signal_id}",
            "getSignal",
            SIGNALS,
            "Read the dated receipt of a signal.",
            {200: {JSON: ref("Receipt")}},
            wrong=(*READING, 404),
            parameters=[named],
        ),
        Operation(
            "/contacts",
            "postContacts",
            SIGNALS,
            "Leave how whoever has a contract is reached, before its signal.",
            {202: {JSON: ref("ContactReceived")}},
            wrong=TAKING,
            body={JSON: ref("Contact")},
        ),
        Operation(
            "/files",
            "postFiles",
            SIGNALS,
            "Report a file: CSV, Excel, or DDAS 1.2.",
            {202: {JSON: ref("Counted")}},
            wrong=(*TAKING, 409, 422),
            parameters=[key],
            body=files | {JSON: {"type": "object"}},
        ),
        Operation(
            "/feedback",
            "getFeedback",
            SIGNALS,
            "Read what became of signals.",
            {200: {JSON: ref("FeedbackPage")}},
            wrong=READING,
            parameters=_page(),
        ),
        Operation(
            "/questions",
            "getQuestions",
            SIGNALS,
            "Read of which arrears it is asked whether they still stand; a signal answers.",
            {200: {JSON: ref("QuestionsPage")}},
            wrong=READING,
            parameters=_page(),
        ),
    ]


def _of_outreach() -> list[Operation]:
    return [
        Operation(
            "/updates",
            "getUpdates",
            OUTREACH,
            "Read what changed on the list.",
            {200: {JSON: ref("UpdatesPage")}, 304: {}},
            wrong=READING,
            parameters=[*_page(), _parameter("If-None-Match", "header", TEXT)],
        ),
        Operation(
            "/list",
            "getList",
            OUTREACH,
            "Hear the list, and each change of it, as server-sent events.",
            {200: {"text/event-stream": {"description": EVENTS}}},
            wrong=(*READING, 429),
            parameters=[_parameter("Last-Event-ID", "header", CURSOR)],
        ),
        Operation(
            "/outcomes",
            "postOutcomes",
            OUTREACH,
            "Report what came of an update.",
            {202: {JSON: ref("OutcomeReceived")}},
            wrong=(*TAKING, 404),
            body={JSON: ref("Outcome")},
        ),
    ]


def _page() -> list[dict[str, Any]]:
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS_AT_ONCE, "default": ITEMS_AT_ONCE}
    return [_parameter("after", "query", CURSOR), _parameter("limit", "query", limit)]


def _operation(each: Operation) -> dict[str, Any]:
    scope, who = each.whose
    made: dict[str, Any] = {
        "operationId": each.name,
        "summary": each.summary,
        "description": f"For {who}.",
        "tags": [who.split()[0]],
        "security": [{"oauth2": [scope]}, {"mutualTLS": []}],
        "parameters": list(each.parameters),
        "responses": {str(status): _answer(status, content) for status, content in each.answers.items()},
    }
    if each.headers is not None:
        made["responses"]["202"]["headers"] |= each.headers
    for status in sorted(each.wrong):
        made["responses"][str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    if each.body is not None:
        made["requestBody"] = {"required": True, "content": _content(each.body)}
    return made


def _answer(status: int, content: Mapping[str, Any]) -> dict[str, Any]:
    said = {200: "What was asked.", 202: "It is stored.", 304: "Nothing changed."}[status]
    made: dict[str, Any] = {"description": said, "headers": dict(VERSION)}
    return made | ({"content": _content(content)} if content else {})


def _problem(status: int) -> dict[str, Any]:
    return {
        "description": WRONG[status],
        "headers": VERSION,
        "content": _content({MEDIA_TYPE: ref("Problem")}),
    }


def _security() -> dict[str, Any]:
    scopes = {scope: f"What is for {who}." for scope, who in (SIGNALS, OUTREACH)}
    flow = {"tokenUrl": "https://issuer.example.org/token", "scopes": scopes}
    return {
        "oauth2": {
            "type": "oauth2",
            "description": "Client credentials, by the NL GOV assurance profile for OAuth 2.0.",
            "flows": {"clientCredentials": flow},
        },
        "webhookToken": {
            "type": "http",
            "scheme": "bearer",
            "description": "Of a webhook: the tool's own token, where it asked the municipality for one.",
        },
        "mutualTLS": {"type": "mutualTLS", "description": "A certificate that the municipality knows."},
    }


def _parameter(name: str, where: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": where, "required": False, "schema": schema}


def _content(found: Mapping[str, Any]) -> dict[str, Any]:
    return {kind: {"schema": schema} for kind, schema in found.items()}


if __name__ == "__main__":
    CONTRACT.write_text(text(), encoding="utf-8")
