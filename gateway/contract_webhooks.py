"""What an outreach tool's own address is sent: the webhooks of the contract, from the tool's side."""

from __future__ import annotations

from typing import Any

from eropaf.gateway.contract_bounds import TEXT
from eropaf.gateway.webhooks.event import CHANGED, FORGOTTEN, MEDIA_TYPE
from eropaf.gateway.webhooks.post import OF_THE_EVENT

SIGNED = {
    "webhook-id": "The event's `id`: what comes with one that is known was told before.",
    "webhook-timestamp": "When it was sent, in seconds since 1970: refuse what is older than five minutes.",
    "webhook-signature": (
        "By Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body`, "
        "one for each secret, separated by spaces."
    ),
}
ORIGIN = "Who sends: the municipality's gateway."
TOLD = {
    "householdChanged": (CHANGED, "EventChanged", "Learn that a household's place on the list changed."),
    "householdForgotten": (FORGOTTEN, "EventForgotten", "Learn that a household was forgotten: so must you."),
}
LATER = "Take nothing now: all waits, in its order."
ANSWERS = {
    "2XX": "It is stored, or was before: it comes no more.",
    **{
        str(status): "This event cannot be used; it is tried for 24 hours." for status in sorted(OF_THE_EVENT)
    },
    "429": LATER,
    "503": LATER,
}


def webhooks() -> dict[str, Any]:
    """Return the webhooks, by their names."""
    return {name: {"post": _operation(name, *each)} for name, each in TOLD.items()}


def event_schemas(update: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of each event, a CloudEvent 1.0 by the NL GOV profile; `update`: of its data."""
    about_update = {"datacontenttype": {"const": "application/json"}, "data": update}
    return {"EventChanged": _event(CHANGED, **about_update), "EventForgotten": _event(FORGOTTEN)}


def _event(kind: str, **more: dict[str, Any]) -> dict[str, Any]:
    properties = {
        "specversion": {"const": "1.0"},
        "id": TEXT | {"minLength": 1, "description": "The same however often it is sent."},
        "source": TEXT | {"format": "uri", "description": "The municipality's system, as a URN."},
        "subject": TEXT | {"minLength": 1, "description": "Household key."},
        "type": {"const": kind},
        "time": TEXT | {"format": "date-time"},
        **more,
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _operation(name: str, kind: str, schema: str, summary: str) -> dict[str, Any]:
    headers = SIGNED | {"WebHook-Request-Origin": ORIGIN}
    body = {"schema": {"$ref": f"#/components/schemas/{schema}"}}
    return {
        "operationId": name,
        "summary": summary,
        "description": f"For outreach tools with a webhook: an event of the type `{kind}`.",
        "tags": ["outreach"],
        "security": [{"webhookToken": []}, {}],
        "parameters": [
            {"name": each, "in": "header", "required": True, "description": said, "schema": TEXT}
            for each, said in headers.items()
        ],
        "requestBody": {"required": True, "content": {MEDIA_TYPE.partition(";")[0]: body}},
        "responses": {status: _answer(status, said) for status, said in ANSWERS.items()},
    }


def _answer(status: str, said: str) -> dict[str, Any]:
    made: dict[str, Any] = {"description": said}
    if said == LATER:
        waits = {"schema": {"type": "integer", "minimum": 0}, "description": "Seconds to be left alone."}
        made["headers"] = {"Retry-After": waits}
    return made
