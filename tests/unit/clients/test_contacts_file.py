"""A file of contact details is read as a whole or not at all, and a fault repeats none of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from eropaf_client.contact_slips import Contact
from eropaf_client.errors import FileRefused
from eropaf_client.files.contacts_file import ContactOf, read_contacts


def file(folder: Path, *lines: str) -> Path:
    made = folder / "contacts.csv"
    made.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("contract,name,phone,email", "C-1,J. Voorbeeld,06 12345678,j@example.org"),
        ("Contractnummer;Naam;Telefoonnummer;E-mailadres", "C-1;J. Voorbeeld;06 12345678;j@example.org"),
    ],
)
def test_a_line_is_a_contract_and_how_it_is_reached(tmp_path: Path, header: str, line: str) -> None:
    contact = Contact("J. Voorbeeld", "06 12345678", "j@example.org")

    assert read_contacts(file(tmp_path, header, line)) == [ContactOf("C-1", contact)]


def test_a_phone_alone_will_do_and_an_empty_cell_is_nothing(tmp_path: Path) -> None:
    found = read_contacts(file(tmp_path, "contract,phone,email", "C-1,0612345678,", "", "C-2,,j@example.org"))

    assert [each.contact for each in found] == [Contact(phone="0612345678"), Contact(email="j@example.org")]
    assert "0612345678" not in repr(found)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("name,phone", "J. Voorbeeld,0612345678"), "contract among them"),
        (("contract,phone,amount_eur", "C-1,0612345678,5"), "must be some of contract, name, phone, email"),
        (("contract,phone,phone", "C-1,0612345678,0612345678"), "each once"),
        (("contract,phone", "C-1,call 0612345678"), "line 2, phone"),
        (("contract,phone", "C-1,0612345678,more"), "line 2: has 3 columns, not 2"),
        (("contract,name", "C-1,J. Voorbeeld"), "line 2, contact"),
        (("contract,phone", ",0612345678"), "line 2, contract"),
        (("contract,phone",), "holds no contact details"),
    ],
)
def test_a_fault_names_its_place_and_no_detail(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(FileRefused) as refused:
        read_contacts(file(tmp_path, *lines))

    told = " ".join([str(refused.value), *map(str, refused.value.problems)])
    assert said in told
    assert "0612345678" not in told
    assert "Voorbeeld" not in told
