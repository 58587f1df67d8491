"""What goes over the gateway, as JSON Schema, made from the topics' own schemas: both say the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from eropaf.gateway.contract_bounds import BOUNDS, MORE_WORDS, NULL, OWN_ID, SHAPES, TEXT
from eropaf.gateway.contract_webhooks import event_schemas
from eropaf.gateway.outcome_json import OUTCOME
from eropaf.gateway.signal_json import SIGNAL, Field
from eropaf_client.contact_slips import EMAIL, LONGEST_CONTACT, PHONE
from eropaf_client.outcomes import ContactChannel, DayPart, EndResult
from eropaf_client.records import ConsentOffer, CrisisKind, PartnerType, SignalKind
from eropaf_client.schemas import catalogue
from eropaf_client.wire_enum import WireEnum

# Words that a caller may say; of what a caller is told, those of the topic.
WORDS: dict[str, type[WireEnum]] = {
    each.__name__: each
    for each in (SignalKind, PartnerType, CrisisKind, ConsentOffer, ContactChannel, DayPart, EndResult)
}
PLAIN = {"string": "string", "long": "integer", "int": "integer", "boolean": "boolean"}
WHOLE = {"type": "integer"}
INSTANT = {"type": "string", "format": "date-time"}
CURSOR = TEXT | {"format": "cursor"}
NEXT = CURSOR | {"description": "What to ask with as `after` the next time."}


def schemas() -> dict[str, Any]:
    """Return every schema by its name."""
    feedback = _of("CreditorFeedback")
    caused = "When what caused it was stored: of a refusal the signal, else what outreach reported."
    feedback["properties"]["caused_at"] = INSTANT | {"description": caused}
    feedback["required"].append("caused_at")
    return {
        "Signal": _of("ArrearsSignal", SIGNAL),
        "Outcome": _of("OutreachOutcome", OUTCOME),
        "Contact": _contact(),
        "ContactReceived": _object(contract=TEXT, status=TEXT),
        "Feedback": feedback,
        "Question": _of("CreditorQuestion"),
        "Update": _of("PriorityUpdate"),
        "Received": _object(
            signal_id=TEXT, version=WHOLE, status=TEXT, known={"type": "boolean"}, content_sha256=TEXT
        ),
        "Counted": _object(
            ("understood", "left"), status=TEXT, stored=WHOLE, known=WHOLE, understood=TEXT, left=_list(TEXT)
        ),
        "Receipt": _receipt(),
        "FeedbackPage": _object(feedback=_list(ref("Feedback")), next=NEXT),
        "QuestionsPage": _object(questions=_list(ref("Question")), next=NEXT),
        "UpdateItem": _object(household=TEXT, update=_or_null(ref("Update")), caused_at=INSTANT),
        "UpdatesPage": _object(updates=_list(ref("UpdateItem")), next=NEXT),
        "OutcomeReceived": _object(outcome_id=TEXT, status=TEXT),
        "Problem": _problem(),
        **event_schemas(ref("Update")),
    }


def _contact() -> dict[str, Any]:
    text = TEXT | {"minLength": 1, "maxLength": LONGEST_CONTACT}
    name = _or_null(text | {"format": "visible"}) | {"description": "Who it is."}
    phone = _or_null(text | {"pattern": f"^{PHONE.pattern}$"}) | {"description": "As 06 12345678."}
    email = _or_null(text | {"pattern": f"^{EMAIL.pattern}$"}) | {"description": "An e-mail address."}
    ways = ("name", "phone", "email")
    made = _object(ways, contract=TEXT | OWN_ID, name=name, phone=phone, email=email)
    either = [{"properties": {name: TEXT}, "required": [name]} for name in ("phone", "email")]
    return made | {"additionalProperties": False, "anyOf": either}


def _receipt() -> dict[str, Any]:
    status = TEXT | {"enum": ["received", "accepted", "refused"]}
    refusal = _object(code=_or_null(TEXT), source=_or_null(TEXT))
    return _object(
        signal_id=TEXT,
        version=WHOLE,
        contract=TEXT,
        kind=TEXT,
        status=status,
        received_at=INSTANT,
        content_sha256=TEXT,
        stored=_object(topic=TEXT, partition=WHOLE, offset=WHOLE),
        refusal=_or_null(refusal),
        answers=_list(ref("Feedback")),
        versions=_list(WHOLE),
    )


def _problem() -> dict[str, Any]:
    wrong = _object(("field", "place"), code=TEXT, detail=TEXT, field=TEXT, place=TEXT)
    return _object(
        ("faults", "errors"),
        type=TEXT,
        title=TEXT,
        status=WHOLE,
        detail=TEXT,
        code=TEXT,
        faults=WHOLE,
        errors=_list(wrong),
    )


def _of(record: str, taken: Mapping[str, Field] | None = None) -> dict[str, Any]:
    """Return the schema of a record of the topics; `taken`: the fields that a caller may fill."""
    return _Names(taken is not None).record(json.loads(catalogue.latest(record).text), taken)


class _Names:
    """Types by their names: a schema says each once, and refers to it from then on."""

    def __init__(self, takes: bool) -> None:
        self._takes = takes
        self._known: dict[str, dict[str, Any]] = {}

    def record(self, schema: dict[str, Any], taken: Mapping[str, Field] | None = None) -> dict[str, Any]:
        """Return the schema of a record."""
        fields = {each["name"]: each for each in schema["fields"]}
        names = fields if taken is None else [name for name in fields if name in taken]
        for name in fields.keys() - set(names):
            self._made(fields[name]["type"])  # what is said in it may be referred to later
        properties = {name: self._field(schema["name"], fields[name]) for name in names}
        made = {"type": "object", "description": schema["doc"], "properties": properties}
        if not self._takes:
            return made | {"required": list(names)}
        needed = [name for name in names if "default" not in fields[name]]
        return made | {"required": needed, "additionalProperties": False} | SHAPES.get(schema["name"], {})

    def _field(self, record: str, field: dict[str, Any]) -> dict[str, Any]:
        name, made = field["name"], self._made(field["type"])
        if not self._takes:
            return made | {"description": field["doc"]}
        if "default" in field and "anyOf" not in made:
            made = _or_null(made)  # what is null is as good as left out
        more = MORE_WORDS.get(f"{record}.{name}", "")
        return made | BOUNDS.get(name, {}) | {"description": f"{field['doc']} {more}".rstrip()}

    def _made(self, schema: Any) -> dict[str, Any]:
        if isinstance(schema, list):
            (kind,) = [each for each in schema if each != "null"]
            return _or_null(self._made(kind))
        if isinstance(schema, str):
            return {"type": PLAIN[schema]} if schema in PLAIN else dict(self._known[schema.split(".")[-1]])
        kind = schema["type"]
        if schema.get("logicalType") == "date":
            return {"type": "string", "format": "date"}
        if schema.get("logicalType") == "timestamp-millis":
            return dict(INSTANT)
        if kind == "array":
            return _list(self._made(schema["items"]))
        if kind not in ("enum", "record"):
            return self._made(kind)
        name = schema["name"].split(".")[-1]
        self._known[name] = self._enum(name, schema) if kind == "enum" else self.record(schema)
        return dict(self._known[name])

    def _enum(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        words = [each.value for each in WORDS[name]] if self._takes and name in WORDS else schema["symbols"]
        return {"type": "string", "enum": words}


def _object(optional: Iterable[str] = (), /, **properties: dict[str, Any]) -> dict[str, Any]:
    needed = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": needed}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, NULL]}


def ref(name: str) -> dict[str, Any]:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}
