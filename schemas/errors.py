"""Errors for bytes that should be one of our records."""

from __future__ import annotations


class ClientError(Exception):
    """Base of this library's errors.

    `code` is stable and for programs; `field` names the faulty field, if it is one; `retriable`: the same
    call may succeed later, unchanged.
    """

    code = "client-error"
    retriable = False
    field: str | None = None

    def __init__(self, message: str = "", *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        if field is not None:
            self.field = field
        if code is not None:
            self.code = code


class SchemaError(ClientError):
    """Base of errors with schemas, and with bytes that should be a record."""

    code = "schema"


class Undecodable(SchemaError):
    """These bytes are not the record that the topic holds.

    `reason` is a code of docs/reference/reasons.md; the message holds nothing of the content.
    """

    reason = "undecodable"


class NoValue(Undecodable):
    """The record has no value."""

    reason = "no-value"


class WrongMagic(Undecodable):
    """The value does not start with the wire format's zero byte and schema id."""

    reason = "wrong-magic"


class SchemaUnknown(Undecodable):
    """No schema is known under the id in the value."""

    reason = "unknown-schema"


class SchemaNotAsked(Undecodable):
    """The registry was not asked for the id in the value: too many that it does not know were asked for."""

    reason = "schema-not-asked"


class WrongRecord(Undecodable):
    """The schema is known, but describes another record, or cannot be read as ours."""

    reason = "wrong-record"


class BodyBroken(Undecodable):
    """The body ends too early, goes on too long, or holds impossible bytes."""

    reason = "broken-body"


class SchemaNotRegistered(SchemaError):
    """The registry does not hold a schema that we are about to write with."""

    code = "schema-not-registered"


class PasswordInTheClear(SchemaError):
    """The registry's password would go over plain HTTP to another machine."""


class RegistryUnavailable(SchemaError):
    """The registry did not answer. Nothing was skipped: the caller must wait or stop."""

    code = "registry-unavailable"
    retriable = True
