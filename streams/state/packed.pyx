# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Rows of a partition as bytes in one piece of memory, compiled: an option (`make compiled`).

A dictionary of bytes takes some 170 bytes for each row besides what the row holds, of which Python needs a
good part for two objects of each. Here they lie one behind the other, each after its `Head`; a table
with open addressing says where. A row that has grown moves to the end. What it leaves behind, and what
is deleted, is garbage, which is cleared away once it is a quarter.

Who asks for a range of keys has all of them sorted first. The order is kept as slots, which stay where they are
when a row moves, until an eighth is new or slots are laid out again: a round of ranges sorts once, and looks at its own keys.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_RawCalloc, PyMem_RawFree, PyMem_RawMalloc, PyMem_RawRealloc
from libc.stdint cimport uint32_t, uint64_t
from libc.stdlib cimport qsort
from libc.string cimport memcmp, memcpy

cdef enum:
    FREE = 0
    DELETED = 1
    FIRST = 2
    STEP = 8
    LEAST_SLOTS = 8
    LEAST_GARBAGE = 65536
    LEAST_LATE = 256
    PREFIX = 8
    MOST = 0xFFFFFFF0


cdef struct Head:
    uint32_t hash
    uint32_t key
    uint32_t row
    uint32_t room


cdef inline size_t _size(Head *head) noexcept:
    return (sizeof(Head) + head.key + head.room + STEP - 1) // STEP * STEP


cdef inline int _compare(Head *head, bytes key) noexcept:
    """Say whether a row's key comes before `key` (below zero), is it, or comes after it."""
    cdef uint32_t size = <uint32_t> PyBytes_GET_SIZE(key)
    cdef int order = memcmp(head + 1, PyBytes_AS_STRING(key), min(head.key, size))
    return order if order else (head.key > size) - (head.key < size)


cdef struct Sorted:
    # The first bytes of a key, most significant first: they alone order most keys, without a look at the row.
    uint64_t prefix
    Head *head
    size_t slot


cdef struct Late:
    uint64_t prefix
    size_t slot


cdef uint64_t _prefix(const unsigned char *key, size_t size) noexcept:
    cdef uint64_t prefix = 0
    cdef size_t at
    for at in range(PREFIX):
        prefix = prefix << 8 | (key[at] if at < size else 0)
    return prefix


cdef uint64_t _prefix_of(bytes key) noexcept:
    return _prefix(<const unsigned char *> PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key))


cdef int _in_order(const void *one, const void *other) noexcept nogil:
    cdef const Sorted *a = <const Sorted *> one
    cdef const Sorted *b = <const Sorted *> other
    cdef int order
    if a.prefix != b.prefix:
        return -1 if a.prefix < b.prefix else 1
    order = memcmp(a.head + 1, b.head + 1, min(a.head.key, b.head.key))
    return order if order else (a.head.key > b.head.key) - (a.head.key < b.head.key)


cdef class PackedRows:
    """Rows by key; as a dictionary has them, but for the objects."""

    cdef char *_data
    cdef size_t _end
    cdef size_t _room
    cdef size_t _garbage
    # Where heads begin, in steps of STEP, counted from FIRST.
    cdef uint32_t *_slots
    cdef size_t _mask
    # Slots that are not free.
    cdef size_t _used
    cdef size_t _count
    cdef uint64_t _changes
    # Slots in the order of their keys, NULL while nobody asked, and those of keys that came since. Some are deleted.
    cdef uint32_t *_ordered
    cdef size_t _ordered_count
    cdef Late *_late
    cdef size_t _late_count
    cdef size_t _late_room

    def __cinit__(self):
        self._slots = <uint32_t *> PyMem_RawCalloc(LEAST_SLOTS, sizeof(uint32_t))
        if self._slots == NULL:
            raise MemoryError()
        self._mask = LEAST_SLOTS - 1

    def __dealloc__(self):
        PyMem_RawFree(self._slots)
        PyMem_RawFree(self._data)
        self._forget_order()

    def __len__(self):
        return self._count

    def __contains__(self, key):
        return isinstance(key, bytes) and self._find(key, <uint32_t> hash(key)) != NULL

    def items(self):
        """Return every key and its row; ends with an error where rows are taken on the way."""
        cdef size_t slot
        cdef uint64_t changes = self._changes
        for slot in range(self._mask + 1):
            if self._changes != changes:
                raise RuntimeError("rows changed while they were gone through")
            if self._slots[slot] >= FIRST:
                yield self._key(self._head(self._slots[slot])), self._row(self._head(self._slots[slot]))

    def get(self, bytes key not None, /):
        """Return the row under `key`, or None."""
        cdef uint32_t *slot = self._find(key, <uint32_t> hash(key))
        return None if slot == NULL else self._row(self._head(slot[0]))

    def between(self, bytes first not None, bytes beyond not None):
        """Return every key from `first` to below `beyond`."""
        cdef list found = []
        cdef uint64_t least = _prefix_of(first)
        cdef uint64_t most = _prefix_of(beyond)
        cdef Head *head
        cdef size_t at
        if self._ordered == NULL:
            self._order()
        for at in range(self._first_from(first), self._ordered_count):
            if self._slots[self._ordered[at]] >= FIRST:
                if _compare(self._head(self._slots[self._ordered[at]]), beyond) >= 0:
                    break
                found.append(self._key(self._head(self._slots[self._ordered[at]])))
        for at in range(self._late_count):
            if least <= self._late[at].prefix <= most and self._slots[self._late[at].slot] >= FIRST:
                head = self._head(self._slots[self._late[at].slot])
                if _compare(head, first) >= 0 and _compare(head, beyond) < 0:
                    found.append(self._key(head))
        return found

    def take(self, changes):
        """Store each row under its key, in the order given; None deletes."""
        cdef bytes key
        cdef bytes row
        for key, row in changes:
            self._changes += 1
            if key is None:
                raise TypeError("a row's key is bytes")
            if row is None:
                self._delete(key)
            else:
                self._put(key, row)

    cdef inline Head *_head(self, uint32_t place) noexcept:
        return <Head *> (self._data + <size_t> (place - FIRST) * STEP)

    cdef bytes _key(self, Head *head):
        return PyBytes_FromStringAndSize(<char *> (head + 1), head.key)

    cdef bytes _row(self, Head *head):
        return PyBytes_FromStringAndSize(<char *> (head + 1) + head.key, head.row)

    cdef uint32_t *_find(self, bytes key, uint32_t hashed) noexcept:
        """Return the slot of `key`, NULL where there is none."""
        cdef size_t slot = hashed & self._mask
        cdef Head *head
        while self._slots[slot] != FREE:
            if self._slots[slot] != DELETED:
                head = self._head(self._slots[slot])
                if (
                    head.hash == hashed
                    and head.key == <uint32_t> PyBytes_GET_SIZE(key)
                    and memcmp(head + 1, PyBytes_AS_STRING(key), head.key) == 0
                ):
                    return &self._slots[slot]
            slot = (slot + 1) & self._mask
        return NULL

    cdef int _put(self, bytes key, bytes row) except -1:
        cdef uint32_t hashed = <uint32_t> hash(key)
        cdef uint32_t size = <uint32_t> PyBytes_GET_SIZE(row)
        cdef uint32_t *slot = self._find(key, hashed)
        cdef Head *head
        if slot != NULL:
            head = self._head(slot[0])
            if size <= head.room:
                head.row = size
                memcpy(<char *> (head + 1) + head.key, PyBytes_AS_STRING(row), size)
                return 0
        self._make_room(sizeof(Head) + PyBytes_GET_SIZE(key) + size + 8)
        # Where rows and slots lie may have changed.
        slot = self._find(key, hashed)
        if slot != NULL:
            self._garbage += _size(self._head(slot[0]))
        else:
            slot = self._free(hashed)
            self._used += 1
            self._count += 1
            if self._ordered != NULL:
                self._came(_prefix_of(key), slot - self._slots)
        slot[0] = <uint32_t> (self._end // STEP) + FIRST
        head = <Head *> (self._data + self._end)
        head.hash = hashed
        head.key = <uint32_t> PyBytes_GET_SIZE(key)
        head.row = head.room = size
        memcpy(head + 1, PyBytes_AS_STRING(key), head.key)
        memcpy(<char *> (head + 1) + head.key, PyBytes_AS_STRING(row), size)
        self._end += _size(head)
        return 0

    cdef int _delete(self, bytes key) except -1:
        cdef uint32_t *slot = self._find(key, <uint32_t> hash(key))
        if slot != NULL:
            self._garbage += _size(self._head(slot[0]))
            self._count -= 1
            slot[0] = DELETED
        return 0

    cdef uint32_t *_free(self, uint32_t hashed) noexcept:
        cdef size_t slot = hashed & self._mask
        while self._slots[slot] != FREE:
            slot = (slot + 1) & self._mask
        return &self._slots[slot]

    cdef int _make_room(self, size_t size) except -1:
        """Make room for `size` bytes more, and for a slot."""
        cdef char *data
        if self._garbage > LEAST_GARBAGE and self._garbage > self._end // 4:
            self._clear()
        if (self._end + size) // STEP > MOST:
            raise MemoryError("a partition holds 32 GiB of rows at most")
        if self._end + size > self._room:
            # By an eighth: pages that are added cost little, ones that stay empty much.
            data = <char *> PyMem_RawRealloc(self._data, self._end + self._end // 8 + size)
            if data == NULL:
                raise MemoryError()
            self._data = data
            self._room = self._end + self._end // 8 + size
        if 3 * (self._used + 1) > 2 * (self._mask + 1):
            self._lay_out()
        return 0

    cdef int _clear(self) except -1:
        """Move rows together."""
        cdef size_t room = self._end - self._garbage
        cdef char *data = <char *> PyMem_RawMalloc(room + 1)
        cdef size_t end = 0
        cdef Head *head
        cdef size_t slot
        cdef size_t size
        if data == NULL:
            raise MemoryError()
        for slot in range(self._mask + 1):
            if self._slots[slot] >= FIRST:
                head = self._head(self._slots[slot])
                size = _size(head)
                memcpy(data + end, head, size)
                self._slots[slot] = <uint32_t> (end // STEP) + FIRST
                end += size
        PyMem_RawFree(self._data)
        self._data = data
        self._room = room
        self._end = end
        self._garbage = 0
        return 0

    cdef int _order(self) except -1:
        """Sort the slots of all rows by their keys."""
        cdef Sorted *by_key = <Sorted *> PyMem_RawMalloc((self._count + 1) * sizeof(Sorted))
        cdef size_t slot
        cdef size_t at = 0
        self._ordered = <uint32_t *> PyMem_RawMalloc((self._count + 1) * sizeof(uint32_t))
        self._late_room = self._count // 8 + LEAST_LATE
        self._late = <Late *> PyMem_RawMalloc(self._late_room * sizeof(Late))
        if by_key == NULL or self._ordered == NULL or self._late == NULL:
            PyMem_RawFree(by_key)
            self._forget_order()
            raise MemoryError()
        for slot in range(self._mask + 1):
            if self._slots[slot] >= FIRST:
                by_key[at].slot = slot
                by_key[at].head = self._head(self._slots[slot])
                by_key[at].prefix = _prefix(<const unsigned char *> (by_key[at].head + 1), by_key[at].head.key)
                at += 1
        qsort(by_key, at, sizeof(Sorted), _in_order)
        self._ordered_count = at
        for at in range(self._ordered_count):
            self._ordered[at] = <uint32_t> by_key[at].slot
        PyMem_RawFree(by_key)
        return 0

    cdef void _forget_order(self) noexcept:
        PyMem_RawFree(self._ordered)
        PyMem_RawFree(self._late)
        self._ordered = NULL
        self._late = NULL
        self._ordered_count = self._late_count = 0

    cdef void _came(self, uint64_t prefix, size_t slot) noexcept:
        if self._late_count == self._late_room:
            self._forget_order()
            return
        self._late[self._late_count].prefix = prefix
        self._late[self._late_count].slot = slot
        self._late_count += 1

    cdef size_t _first_from(self, bytes key) noexcept:
        """Return where among the ordered the first stands that does not come before `key`."""
        cdef size_t low = 0
        cdef size_t high = self._ordered_count
        cdef size_t middle
        cdef size_t at
        while low < high:
            middle = at = (low + high) // 2
            while at < high and self._slots[self._ordered[at]] < FIRST:
                at += 1
            if at < high and _compare(self._head(self._slots[self._ordered[at]]), key) < 0:
                low = at + 1
            else:
                high = middle
        return low

    cdef int _lay_out(self) except -1:
        """Give every row a slot again, in a table that is a third to two thirds empty."""
        cdef size_t slots = LEAST_SLOTS
        cdef uint32_t *before = self._slots
        cdef size_t many = self._mask + 1
        cdef size_t slot
        cdef uint32_t *laid
        while 3 * (self._count + 1) > slots + slots // 2:
            slots *= 2
        laid = <uint32_t *> PyMem_RawCalloc(slots, sizeof(uint32_t))
        if laid == NULL:
            raise MemoryError()
        self._slots = laid
        self._mask = slots - 1
        self._used = self._count
        for slot in range(many):
            if before[slot] >= FIRST:
                self._free(self._head(before[slot]).hash)[0] = before[slot]
        PyMem_RawFree(before)
        self._forget_order()
        return 0
