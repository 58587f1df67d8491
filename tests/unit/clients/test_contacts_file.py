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
        ("email|telefoon|Contract nummer|name", "j@example.org|06 12345678|C-1|J. Voorbeeld"),
    ],
)
def test_a_line_is_a_contract_and_how_it_is_reached(tmp_path: Path, header: str, line: str) -> None:
    contact = Contact("J. Voorbeeld", "06 12345678", "j@example.org")

    assert read_contacts(file(tmp_path, header, line)) == [ContactOf("C-1", contact)]


def test_a_phone_alone_will_do_and_an_empty_cell_is_nothing(tmp_path: Path) -> None:
    found = read_contacts(file(tmp_path, "contract,phone,email", "C-1,0612345678,", "", "C-2,,j@example.org"))

    assert [each.contact for each in found] == [Contact(phone="0612345678"), Contact(email="j@example.org")]
    assert "0612345678" not in repr(found)


COLUMNS = "the columns must be some of contract, name, phone, email, each once, and contract among them"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("name,phone", "J. Voorbeeld,0612345678"), [f"line 1: {COLUMNS}"]),
        (("", "contract,phone,amount_eur", "C-1,0612345678,5"), [f"line 2: {COLUMNS}"]),
        (("contract,phone,phone", "C-1,0612345678,0612345678"), [f"line 1: {COLUMNS}"]),
        (
            ("contract,phone", "C-1,call 0612345678", "C-2,0612345678,more", "C-3,06123456789,", "C-4,12"),
            [
                "line 2, phone: is not a telephone number as 06 12345678 or +31612345678: it begins "
                "with 0 or +",
                "line 3: has 3 columns, not 2",
                "line 4: has 3 columns, not 2",
                "line 5, phone: is not a telephone number as 06 12345678 or +31612345678: it begins "
                "with 0 or +",
            ],
        ),
        (
            ("contract,name", "C-1,J. Voorbeeld"),
            ["line 2, contact: has neither a phone nor an email: there is nothing to give"],
        ),
        (
            ("contract,phone", ",0612345678"),
            ["line 2, contract: must be 1 to 200 characters, as in its signal"],
        ),
        (("contract,phone",), ["file: holds no contact details"]),
        (
            ("contract,phone", 'C-1,"06"12345678'),
            ["line 2: is not CSV: ',' expected after '\"'"],
        ),
    ],
)
def test_a_fault_names_its_place_and_no_detail(
    tmp_path: Path, lines: tuple[str, ...], said: list[str]
) -> None:
    with pytest.raises(FileRefused) as refused:
        read_contacts(file(tmp_path, *lines))

    told = " ".join([str(refused.value), *map(str, refused.value.problems)])
    assert [*map(str, refused.value.problems)] == said
    assert str(tmp_path / "contacts.csv") in str(refused.value)
    assert "0612345678" not in told
    assert "Voorbeeld" not in told


def test_a_file_in_an_encoding_that_was_asked_for_is_read_in_it(tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    path.write_bytes("contract,name,phone\nC-1,Zoë,0612345678\n".encode("cp850"))

    assert read_contacts(path, "cp850") == [ContactOf("C-1", Contact("Zoë", "0612345678"))]
    with pytest.raises(FileRefused):
        read_contacts(path)
