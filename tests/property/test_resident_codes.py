"""A code opens the household that it was drawn for, and no other text opens anything."""

from __future__ import annotations

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from eropaf.board.resident import codes
from eropaf.board.resident.store import ResidentStore
from eropaf.board.store import Store

PLACES = st.integers(0, codes.FOUND_BY + codes.OF_THE_LETTER - 1)
CHANGES = st.lists(st.tuples(st.integers(0, 4), PLACES, st.sampled_from(codes.ALPHABET)), max_size=12)
TAKEN_OVER = st.tuples(st.integers(0, 4), st.integers(0, 4), PLACES)


@settings(max_examples=40, deadline=None)
@given(CHANGES, st.lists(TAKEN_OVER, max_size=6), st.permutations(range(5)))
def test_a_code_of_one_household_never_opens_another(
    changes: list[tuple[int, int, str]], mixed: list[tuple[int, int, int]], order: list[int]
) -> None:
    async def tried() -> None:
        database = Store("sqlite+aiosqlite:///:memory:")
        await database.open()
        store = ResidentStore(database.engine)
        drawn = [(await store.draw(f"1011 AB {number}"))[0] for number in range(5)]
        guesses = [drawn[of][:at] + letter + drawn[of][at + 1 :] for of, at, letter in changes]
        guesses += [drawn[one][:at] + drawn[other][at:] for one, other, at in mixed]
        for guess in guesses:
            if guess not in drawn:
                assert await store.begin_by_code(guess) is None
        for number in order:
            token = await store.begin_by_code(drawn[number])
            assert token is not None
            session = await store.session(token)
            assert session is not None
            assert session.who == f"1011 AB {number}"
            assert await store.begin_by_code(drawn[number]) is None
        await database.close()

    asyncio.run(tried())


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    read = codes.read(typed)

    assert read is None or codes.read(codes.written(read)) == read
