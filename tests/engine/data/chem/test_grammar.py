"""The grammar of SMILES: what it lets through, and that what it lets through is a molecule."""

import numpy as np
import pytest
from rdkit import Chem

from engine.data.chem.grammar import Vocabulary, Writing, elements, tokens
from engine.data.chem.written import canonical, kekulized, vocabulary

# Aspirin, caffeine, a spiro compound, a salt's ion with charges and chirality, a bicycle closed by two ring numbers.
MOLECULES = [
    "CC(=O)Oc1ccccc1C(=O)O",
    "Cn1cnc2c1c(=O)n(C)c(=O)n2C",
    "C1CCC2(CC1)OCCO2",
    "C[C@@H]([NH3+])C(=O)[O-]",
    "C1CC2CCC1C2",
    "CS(=O)(=O)N1CCN(CC1)C#N",
    "C/C=C/Br",
]


@pytest.fixture
def known() -> Vocabulary:
    return vocabulary(text for smiles in MOLECULES if (text := kekulized(smiles)))


def test_a_smiles_is_cut_into_its_atoms_bonds_and_rings() -> None:
    assert tokens("CC(=O)[O-]") == ["C", "C", "(", "=", "O", ")", "[O-]"]
    assert tokens("BrC%12Cl") == ["Br", "C", "%12", "Cl"]


@pytest.mark.parametrize(
    ("smiles", "wanted"),
    [
        ("CC(=O)[O-].[Na+]", {"C", "O", "Na"}),
        ("c1cc[nH]c1Cl", {"C", "N", "Cl"}),
        ("[13CH4]", {"C"}),
        ("N[Pt@SP1](N)(Cl)Br", {"N", "Pt", "Cl", "Br"}),
        ("c1cc[se]c1[Sc]", {"C", "Se", "Sc"}),
        ("", set()),
    ],
)
def test_the_elements_of_a_molecule_are_those_that_its_smiles_names(smiles: str, wanted: set[str]) -> None:
    assert elements(smiles) == wanted


def test_the_most_bonds_of_each_atom_are_read_from_the_molecules(known: Vocabulary) -> None:
    bonds = dict(zip(known.names, known.bonds, strict=True))
    assert bonds["C"] == 4
    assert bonds["N"] == 3
    assert bonds["O"] == 2
    assert bonds["[O-]"] == 1
    assert bonds["S"] == 6
    assert bonds["("] == 0


@pytest.mark.parametrize("smiles", MOLECULES)
def test_every_molecule_can_be_written(known: Vocabulary, smiles: str) -> None:
    text = kekulized(smiles)
    numbers = known.encode(text, 64)
    writing = Writing(known)
    for number in numbers[1:]:
        assert writing.allowed()[number], f"{known.names[number]} in {text}"
        writing.push(int(number))
        if writing.is_over:
            break
    assert canonical(known.decode(numbers)) == canonical(smiles)


def test_whatever_is_written_within_the_grammar_is_a_molecule(known: Vocabulary) -> None:
    rng = np.random.default_rng(3)
    # Ends come often, so that most texts are over before the limit.
    weights = np.array([30.0 if name == "C" else 8.0 if name in ("<end>", ")") else 2.0 for name in known.names])
    finished = 0
    for _ in range(150):
        writing, numbers = Writing(known), []
        while not writing.is_over and len(numbers) < 80:
            chance = weights * writing.allowed()
            numbers.append(int(rng.choice(len(known), p=chance / chance.sum())))
            writing.push(numbers[-1])
        if writing.is_over:
            finished += 1
            assert Chem.MolFromSmiles(known.decode(numbers)) is not None, known.decode(numbers)
    assert finished > 50


@pytest.mark.parametrize("room", [2, 5, 12, 40])
def test_whatever_is_written_with_little_room_ends_within_it(known: Vocabulary, room: int) -> None:
    rng = np.random.default_rng(room)
    # Brackets and ring numbers come often, and ends never of themselves.
    weights = np.array([1e-9 if name == "<end>" else 8.0 if name in "(12" else 2.0 for name in known.names])
    for _ in range(100):
        writing, numbers = Writing(known), []
        while len(numbers) < room:
            chance = weights * writing.allowed(room - len(numbers))
            numbers.append(int(rng.choice(len(known), p=chance / chance.sum())))
            writing.push(numbers[-1])
        assert writing.is_over, known.decode(numbers)
        assert Chem.MolFromSmiles(known.decode(numbers)) is not None, known.decode(numbers)


def test_what_still_fits_may_be_written(known: Vocabulary) -> None:
    writing = Writing(known)
    for name in tokens("CC"):
        writing.push(known.names.index(name))
    # An open bracket takes an atom, the closing one and the end; a ring two atoms, too.
    assert not writing.allowed(3)[known.names.index("(")]
    assert writing.allowed(4)[known.names.index("(")]
    assert not writing.allowed(5)[known.names.index("1")]
    assert writing.allowed(6)[known.names.index("1")]
    assert writing.allowed(2)[known.names.index("C")]
    assert np.flatnonzero(writing.allowed(1)).tolist() == [known.names.index("<end>")]


@pytest.mark.parametrize(
    ("written", "token"),
    [
        ("", "("),  # a bracket before any atom
        ("C(", ")"),  # a branch without an atom
        ("C1C", "<end>"),  # a ring left open
        ("C1C", "1"),  # a second bond between the same two atoms
        ("O=C=O", "C"),  # a third bond of oxygen
        ("C=", "<end>"),  # a bond that leads nowhere
        ("Br", "="),  # a double bond of bromine
    ],
)
def test_what_no_molecule_goes_on_with_is_refused(known: Vocabulary, written: str, token: str) -> None:
    writing = Writing(known)
    for name in tokens(written):
        writing.push(known.names.index(name))
    assert not writing.allowed()[known.names.index(token)]


def test_a_text_with_an_unknown_atom_or_too_long_has_no_numbers(known: Vocabulary) -> None:
    assert known.encode("C[Se]C", 64) is None
    assert known.encode("CCCC", 5) is None
    assert known.encode("CCCC", 6) is not None


def test_unreadable_text_has_no_kekulized_form() -> None:
    assert kekulized("C1CC") is None
    assert kekulized("c1cccc1") is None
    assert canonical("") is None


@pytest.mark.parametrize(
    ("written", "closing"),
    [
        ("CCO", {"<end>"}),
        ("C1CCC", {"1"}),
        ("C(C", {")"}),
        ("C1CC(CC", {"1", ")"}),
        ("C1", {"C", "S"}),  # an atom that has bonds for the ring
    ],
)
def test_what_is_open_is_closed_before_the_end(known: Vocabulary, written: str, closing: set[str]) -> None:
    writing = Writing(known)
    for name in tokens(written):
        writing.push(known.names.index(name))
    assert {known.names[number] for number in np.flatnonzero(writing.closing())} == closing
