# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False
"""The body of an Avro record as dictionaries, or as values with slots, and back, compiled (`make compiled`).

Does for the shapes that our schemas have what fastavro does, and nothing else: a schema that holds
another shape raises `NotCompiled` when it is prepared, and fastavro serves it. Reading never looks
behind the end of the bytes, whatever they say; what cannot be read raises ValueError.

A value's slots are filled, and read, where they lie: no dictionary is made, and no constructor runs.
"""

import dataclasses
import typing

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItem, PyDict_SetItem
from cpython.list cimport PyList_Append
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeUTF8
from libc.string cimport memcpy

cdef extern from *:
    """
    #include <structmember.h>

    static Py_ssize_t slot_of(PyObject *member) {
        return Py_IS_TYPE(member, &PyMemberDescr_Type)
            ? ((PyMemberDescrObject *) member)->d_member->offset : -1;
    }
    static PyObject **slot_at(PyObject *value, Py_ssize_t offset) {
        return (PyObject **) ((char *) value + offset);
    }
    static PyObject *without_slots_filled(PyObject *cls) {
        return PyType_GenericAlloc((PyTypeObject *) cls, 0);
    }
    static void fill_slot(PyObject *value, Py_ssize_t offset, PyObject *held) {
        Py_INCREF(held);
        *slot_at(value, offset) = held;
    }
    """
    Py_ssize_t slot_of(object member)
    PyObject **slot_at(object value, Py_ssize_t offset)
    object without_slots_filled(object cls)
    void fill_slot(object value, Py_ssize_t offset, object held)


class NotCompiled(Exception):
    """The schema, or the class of its values, holds a shape that this module does not know."""


cdef struct Cursor:
    const unsigned char *at
    const unsigned char *end
    bint unheld  # whether there was something for which a value has no slot


cdef class Out:
    """Bytes that grow."""

    cdef char *data
    cdef Py_ssize_t size
    cdef Py_ssize_t room
    cdef bint unheld  # whether something is no value of the class that was expected

    def __dealloc__(self):
        PyMem_Free(self.data)

    cdef int put(self, const char *data, Py_ssize_t size) except -1:
        if self.size + size > self.room:
            self.room = 2 * (self.size + size) + 64
            self.data = <char *> PyMem_Realloc(self.data, self.room)
            if self.data == NULL:
                raise MemoryError()
        memcpy(self.data + self.size, data, size)
        self.size += size
        return 0

    cdef int put_long(self, long long value) except -1:
        cdef char encoded[10]
        cdef int size = 0
        cdef unsigned long long rest = (<unsigned long long> value << 1) ^ <unsigned long long> (value >> 63)
        while rest > 0x7F:
            encoded[size] = <char> ((rest & 0x7F) | 0x80)
            size += 1
            rest >>= 7
        encoded[size] = <char> rest
        return self.put(encoded, size + 1)


cdef long long get_long(Cursor *cursor) except? -1:
    cdef unsigned long long value = 0
    cdef unsigned char byte
    cdef int shift = 0
    while True:
        if cursor.at >= cursor.end or shift > 63:
            raise ValueError("a number has no end")
        byte = cursor.at[0]
        cursor.at += 1
        value |= (<unsigned long long> (byte & 0x7F)) << shift
        if not byte & 0x80:
            return <long long> (value >> 1) ^ -(<long long> (value & 1))
        shift += 7


cdef Py_ssize_t get_size(Cursor *cursor) except -1:
    cdef long long size = get_long(cursor)
    if size < 0 or size > cursor.end - cursor.at:
        raise ValueError("a length is impossible")
    return size


cdef Py_ssize_t get_place(Cursor *cursor, Py_ssize_t count) except -1:
    """Give a place among `count`. Like fastavro it counts a broken, negative one from the end."""
    cdef long long place = get_long(cursor)
    if place < -count or place >= count:
        raise ValueError("no such place")
    return place if place >= 0 else place + count


cdef class Shape:
    """How one type is read and written."""

    cdef object read(self, Cursor *cursor):
        raise NotImplementedError

    cdef int write(self, Out out, object value) except -1:
        raise NotImplementedError


cdef class Null(Shape):
    cdef object read(self, Cursor *cursor):
        return None

    cdef int write(self, Out out, object value) except -1:
        if value is not None:
            raise ValueError("something where nothing is expected")
        return 0


cdef class Boolean(Shape):
    cdef object read(self, Cursor *cursor):
        if cursor.at >= cursor.end:
            raise ValueError("the bytes end")
        cursor.at += 1
        return (cursor.at - 1)[0] != 0

    cdef int write(self, Out out, object value) except -1:
        cdef char byte = 1 if value else 0
        return out.put(&byte, 1)


cdef class Long(Shape):
    cdef long long least
    cdef long long most

    def __init__(self, bits):
        self.least = -(2 ** (bits - 1))
        self.most = 2 ** (bits - 1) - 1

    cdef object read(self, Cursor *cursor):
        return get_long(cursor)

    cdef int write(self, Out out, object value) except -1:
        cdef long long number = value
        if number < self.least or number > self.most:
            raise ValueError("a number is too large for its type")
        return out.put_long(number)


cdef class Text(Shape):
    cdef object read(self, Cursor *cursor):
        cdef Py_ssize_t size = get_size(cursor)
        cursor.at += size
        return PyUnicode_DecodeUTF8(<const char *> cursor.at - size, size, NULL)

    cdef int write(self, Out out, object value) except -1:
        cdef Py_ssize_t size = 0
        cdef const char *data = PyUnicode_AsUTF8AndSize(value, &size)
        out.put_long(size)
        return out.put(data, size)


cdef class Bytes(Shape):
    cdef object read(self, Cursor *cursor):
        cdef Py_ssize_t size = get_size(cursor)
        cursor.at += size
        return PyBytes_FromStringAndSize(<const char *> cursor.at - size, size)

    cdef int write(self, Out out, object value) except -1:
        cdef bytes held = value
        if held is None:
            raise TypeError("no bytes")
        out.put_long(PyBytes_GET_SIZE(held))
        return out.put(PyBytes_AS_STRING(held), PyBytes_GET_SIZE(held))


cdef class Enumeration(Shape):
    cdef tuple symbols
    cdef dict places

    def __init__(self, symbols):
        self.symbols = tuple(symbols)
        self.places = {symbol: place for place, symbol in enumerate(symbols)}

    cdef object read(self, Cursor *cursor):
        return self.symbols[get_place(cursor, len(self.symbols))]

    cdef int write(self, Out out, object value) except -1:
        place = self.places.get(value)
        if place is None:
            raise ValueError("no such symbol")
        return out.put_long(place)


cdef class Nullable(Shape):
    """A union of null and one other type, in either order."""

    cdef Shape other
    cdef long long null_at

    def __init__(self, other, null_at):
        self.other = other
        self.null_at = null_at

    cdef object read(self, Cursor *cursor):
        if get_place(cursor, 2) == self.null_at:
            return None
        return self.other.read(cursor)

    cdef int write(self, Out out, object value) except -1:
        if value is None:
            return out.put_long(self.null_at)
        out.put_long(1 - self.null_at)
        return self.other.write(out, value)


cdef class Array(Shape):
    cdef Shape items

    def __init__(self, items):
        self.items = items

    cdef object read(self, Cursor *cursor):
        cdef list found = []
        cdef long long count = get_long(cursor)
        while count:
            if count < 0:
                count = -count
                get_long(cursor)
            # Each item takes a byte at least.
            if count < 0 or count > cursor.end - cursor.at:
                raise ValueError("a count is impossible")
            while count:
                PyList_Append(found, self.items.read(cursor))
                count -= 1
            count = get_long(cursor)
        return found

    cdef int write(self, Out out, object value) except -1:
        if len(value):
            out.put_long(len(value))
            for item in value:
                self.items.write(out, item)
        return out.put_long(0)


cdef class Field:
    cdef str name
    cdef Shape shape
    cdef bint has_default
    cdef object default

    def __init__(self, name, shape, has_default, default):
        self.name = name
        self.shape = shape
        self.has_default = has_default
        self.default = default


cdef class Record(Shape):
    cdef list fields

    def __init__(self, fields):
        self.fields = fields

    cdef object read(self, Cursor *cursor):
        cdef dict found = {}
        cdef Field field
        for field in self.fields:
            PyDict_SetItem(found, field.name, field.shape.read(cursor))
        return found

    cdef int write(self, Out out, object value) except -1:
        cdef dict record = value
        cdef Field field
        cdef void *held
        if record is None:
            raise TypeError("no record")
        for field in self.fields:
            held = <void *> PyDict_GetItem(record, field.name)
            if held != NULL:
                field.shape.write(out, <object> held)
            elif field.has_default:
                field.shape.write(out, field.default)
            else:
                raise ValueError(f"no {field.name}")
        return 0


cdef class Part:
    """What stands for one field of a record in a value."""

    cdef int take(self, Cursor *cursor, object value) except -1:
        raise NotImplementedError

    cdef int give(self, Out out, object value) except -1:
        raise NotImplementedError


cdef class Slot(Part):
    """A slot of the field's name."""

    cdef Shape shape
    cdef Py_ssize_t offset

    def __init__(self, shape, offset):
        self.shape = shape
        self.offset = offset

    cdef int take(self, Cursor *cursor, object value) except -1:
        fill_slot(value, self.offset, self.shape.read(cursor))
        return 0

    cdef object held(self, object value):
        cdef PyObject *held = slot_at(value, self.offset)[0]
        if held == NULL:
            raise ValueError("a slot is empty")
        return <object> held

    cdef int give(self, Out out, object value) except -1:
        return self.shape.write(out, self.held(value))


cdef class Spread(Part):
    """A slot for each field of a record that may be null: all None where it is, the first never else."""

    cdef list slots
    cdef long long null_at

    def __init__(self, slots, null_at):
        self.slots = slots
        self.null_at = null_at

    cdef int take(self, Cursor *cursor, object value) except -1:
        cdef Slot slot
        cdef bint null = get_place(cursor, 2) == self.null_at
        for slot in self.slots:
            if null:
                fill_slot(value, slot.offset, None)
            else:
                slot.take(cursor, value)
        return 0

    cdef int give(self, Out out, object value) except -1:
        cdef Slot slot = self.slots[0]
        if slot.held(value) is None:
            return out.put_long(self.null_at)
        out.put_long(1 - self.null_at)
        for slot in self.slots:
            slot.give(out, value)
        return 0


cdef class Unheld(Part):
    """No slot: what differs from the field's default makes the record none of these values."""

    cdef Shape shape
    cdef object default

    def __init__(self, shape, default):
        self.shape = shape
        self.default = default

    cdef int take(self, Cursor *cursor, object value) except -1:
        if self.shape.read(cursor) != self.default:
            cursor.unheld = True
        return 0

    cdef int give(self, Out out, object value) except -1:
        return self.shape.write(out, self.default)


cdef class Value(Shape):
    """A record as a value of a class with slots."""

    cdef object cls
    cdef list parts

    def __init__(self, cls, parts):
        self.cls = cls
        self.parts = parts

    cdef object read(self, Cursor *cursor):
        cdef Part part
        value = without_slots_filled(self.cls)
        for part in self.parts:
            part.take(cursor, value)
        return value

    cdef int write(self, Out out, object value) except -1:
        cdef Part part
        if type(value) is not self.cls:
            out.unheld = True
            return 0
        for part in self.parts:
            part.give(out, value)
        return 0


cdef class Tuple(Array):
    """An array in a value."""

    cdef object read(self, Cursor *cursor):
        return tuple(Array.read(self, cursor))


def prepare(schema, cls=None):
    """Give `Body` for a schema as JSON values, in one piece; with `cls` for values of it.

    `cls` is a dataclass with slots, by the schema's names. What it has no slot for, a dictionary shows:
    that is read in its place.

    Raises:
        NotCompiled: it holds a shape that is not known here.

    """
    record = _shape(schema, {})
    return Body(record) if cls is None else ValueBody(record, _value(record, cls))


def _value(record, cls):
    """Give the shape of a record's values, each of whose slots stands for a field or a part of one."""
    if not isinstance(record, Record) or not dataclasses.is_dataclass(cls):
        raise NotCompiled("no record, or no class of values")
    hints = typing.get_type_hints(cls)
    left = {field.name for field in dataclasses.fields(cls)}
    parts = [_part(field, cls, hints, left) for field in (<Record> record).fields]
    if left:
        raise NotCompiled(f"no field for {sorted(left)} of {cls.__name__}")
    return Value(cls, parts)


def _part(Field field, cls, hints, left):
    if field.name in left:
        return _slot(field.name, _held(field.shape, hints[field.name]), cls, left)
    if isinstance(field.shape, Nullable) and isinstance((<Nullable> field.shape).other, Record):
        inner = (<Record> (<Nullable> field.shape).other).fields
        names = [f"{field.name}_{(<Field> each).name}" for each in inner]
        if left.issuperset(names):
            slots = [
                _slot(name, _held((<Field> each).shape, hints[name]), cls, left)
                for name, each in zip(names, inner)
            ]
            return Spread(slots, (<Nullable> field.shape).null_at)
    if not field.has_default:
        raise NotCompiled(f"no slot for {field.name} in {cls.__name__}")
    return Unheld(field.shape, field.default)


def _slot(name, shape, cls, left):
    left.remove(name)
    offset = slot_of(cls.__dict__.get(name))
    if offset < 0:
        raise NotCompiled(f"{name} of {cls.__name__} is no slot")
    return Slot(shape, offset)


def _held(shape, hint):
    """Give the shape of what a slot with this type holds: values and tuples in place of records and arrays."""
    if isinstance(shape, Nullable):
        return Nullable(_held((<Nullable> shape).other, hint), (<Nullable> shape).null_at)
    if isinstance(shape, Array):
        return Tuple(_held((<Array> shape).items, hint))
    if isinstance(shape, Record):
        kinds = _kinds(hint)
        if dict not in kinds:
            return _value(shape, next(filter(dataclasses.is_dataclass, kinds), None))
    return shape


def _kinds(hint):
    """Give the classes that a type is made of."""
    inner = [kind for part in typing.get_args(hint) for kind in _kinds(part)]
    return [typing.get_origin(hint) or hint, *inner]


def _shape(schema, known):
    if isinstance(schema, list):
        if len(schema) != 2 or schema.count("null") != 1:
            raise NotCompiled("a union of other than null and one type")
        null_at = schema.index("null")
        return Nullable(_shape(schema[1 - null_at], known), null_at)
    if isinstance(schema, str):
        simple = {
            "null": Null, "boolean": Boolean, "string": Text, "bytes": Bytes,
            "int": lambda: Long(32), "long": lambda: Long(64),
        }
        if schema in simple:
            return simple[schema]()
        if schema in known:
            return known[schema]
        raise NotCompiled(schema)
    kind = schema["type"]
    if kind == "array":
        return Array(_shape(schema["items"], known))
    if kind == "enum":
        return _named(schema, known, Enumeration(schema["symbols"]))
    if kind == "record":
        fields = []
        record = _named(schema, known, Record(fields))
        for field in schema["fields"]:
            fields.append(
                Field(field["name"], _shape(field["type"], known), "default" in field, field.get("default"))
            )
        if not fields:
            raise NotCompiled("a record without fields")
        return record
    return _shape(kind, known)


def _named(schema, known, shape):
    known[f"{schema.get('namespace', 'nl.eropaf')}.{schema['name']}"] = shape
    known[schema["name"]] = shape
    return shape


cdef class Body:
    """Reads and writes the bodies of one schema."""

    cdef Shape shape

    def __init__(self, shape):
        self.shape = shape

    cpdef object read(self, bytes data, Py_ssize_t first):
        """Give the value that begins at `first` of `data`, and where it ends."""
        cdef Cursor cursor
        cdef const unsigned char *start = <const unsigned char *> PyBytes_AS_STRING(data)
        cursor.at = start + first
        cursor.end = start + PyBytes_GET_SIZE(data)
        cursor.unheld = False
        value = self.shape.read(&cursor)
        return (None if cursor.unheld else value), cursor.at - start

    cpdef bytes write(self, bytes header, object value):
        """Give `header` and the bytes of `value` behind it."""
        cdef Out out = Out()
        out.put(PyBytes_AS_STRING(header), PyBytes_GET_SIZE(header))
        try:
            self.shape.write(out, value)
        except OverflowError:
            raise ValueError("a number is too large for its type") from None
        return None if out.unheld else PyBytes_FromStringAndSize(out.data, out.size)


cdef class ValueBody:
    """Reads and writes the bodies of one schema as values of a class: as dictionaries where it has no slot."""

    cdef Body records
    cdef Body values

    def __init__(self, records, values):
        self.records = Body(records)
        self.values = Body(values)

    cpdef object read(self, bytes data, Py_ssize_t first):
        """Give the value, or the dictionary, that begins at `first` of `data`, and where it ends."""
        found = self.values.read(data, first)
        return self.records.read(data, first) if (<tuple> found)[0] is None else found

    cpdef bytes write(self, bytes header, object value):
        """Give `header` and the bytes of `value` behind it."""
        cdef bytes written = self.values.write(header, value)
        return self.records.write(header, value.to_record()) if written is None else written
