"""What the sample of liquids is made of: name, SMILES and boiling point in whole degrees Celsius at one atmosphere.

The values are general knowledge, rounded to whole degrees so that no table's last digit matters. A line with # begins a
family.
"""

from typing import NamedTuple

MEASURED = """
# alkane
methane|C|-162
ethane|CC|-89
propane|CCC|-42
butane|CCCC|-1
isobutane|CC(C)C|-12
pentane|CCCCC|36
isopentane|CCC(C)C|28
neopentane|CC(C)(C)C|10
hexane|CCCCCC|69
heptane|CCCCCCC|98
isooctane|CC(C)CC(C)(C)C|99
octane|CCCCCCCC|126
nonane|CCCCCCCCC|151
decane|CCCCCCCCCC|174
undecane|CCCCCCCCCCC|196
dodecane|CCCCCCCCCCCC|216
cyclopentane|C1CCCC1|49
cyclohexane|C1CCCCC1|81
methylcyclohexane|CC1CCCCC1|101
cycloheptane|C1CCCCCC1|118
# alkene
ethylene|C=C|-104
propylene|CC=C|-48
1-butene|CCC=C|-6
1,3-butadiene|C=CC=C|-4
isoprene|CC(=C)C=C|34
1-hexene|CCCCC=C|63
cyclohexene|C1CCC=CC1|83
# arene
benzene|c1ccccc1|80
toluene|Cc1ccccc1|111
ethylbenzene|CCc1ccccc1|136
o-xylene|Cc1ccccc1C|144
m-xylene|Cc1cccc(C)c1|139
p-xylene|Cc1ccc(C)cc1|138
cumene|CC(C)c1ccccc1|152
mesitylene|Cc1cc(C)cc(C)c1|165
styrene|C=Cc1ccccc1|145
naphthalene|c1ccc2ccccc2c1|218
biphenyl|c1ccc(cc1)-c1ccccc1|256
# alcohol
methanol|CO|65
ethanol|CCO|78
1-propanol|CCCO|97
isopropanol|CC(C)O|82
1-butanol|CCCCO|118
2-butanol|CCC(C)O|99
isobutanol|CC(C)CO|108
tert-butanol|CC(C)(C)O|82
1-pentanol|CCCCCO|138
1-hexanol|CCCCCCO|157
1-octanol|CCCCCCCCO|195
cyclohexanol|OC1CCCCC1|161
benzyl alcohol|OCc1ccccc1|205
ethylene glycol|OCCO|197
propylene glycol|CC(O)CO|188
glycerol|OCC(O)CO|290
phenol|Oc1ccccc1|182
o-cresol|Cc1ccccc1O|191
p-cresol|Cc1ccc(O)cc1|202
# ether
dimethyl ether|COC|-25
diethyl ether|CCOCC|35
diisopropyl ether|CC(C)OC(C)C|68
methyl tert-butyl ether|COC(C)(C)C|55
tetrahydrofuran|C1CCOC1|66
1,4-dioxane|C1COCCO1|101
furan|c1ccoc1|31
anisole|COc1ccccc1|154
# carbonyl
formaldehyde|C=O|-19
acetaldehyde|CC=O|20
propanal|CCC=O|48
butanal|CCCC=O|75
benzaldehyde|O=Cc1ccccc1|179
acetone|CC(C)=O|56
butanone|CCC(C)=O|80
2-pentanone|CCCC(C)=O|102
4-methyl-2-pentanone|CC(C)CC(C)=O|117
cyclopentanone|O=C1CCCC1|131
cyclohexanone|O=C1CCCCC1|156
acetophenone|CC(=O)c1ccccc1|202
# acid or ester
formic acid|OC=O|101
acetic acid|CC(=O)O|118
propionic acid|CCC(=O)O|141
butyric acid|CCCC(=O)O|164
methyl formate|COC=O|32
ethyl formate|CCOC=O|54
methyl acetate|COC(C)=O|57
ethyl acetate|CCOC(C)=O|77
propyl acetate|CCCOC(C)=O|102
butyl acetate|CCCCOC(C)=O|126
dimethyl carbonate|COC(=O)OC|90
diethyl carbonate|CCOC(=O)OCC|126
acetic anhydride|CC(=O)OC(C)=O|140
methyl benzoate|COC(=O)c1ccccc1|199
# nitrogen
methylamine|CN|-6
dimethylamine|CNC|7
trimethylamine|CN(C)C|3
ethylamine|CCN|17
diethylamine|CCNCC|55
triethylamine|CCN(CC)CC|89
propylamine|CCCN|48
butylamine|CCCCN|77
aniline|Nc1ccccc1|184
pyridine|c1ccncc1|115
pyrrole|c1cc[nH]c1|130
pyrrolidine|C1CCNC1|87
piperidine|C1CCNCC1|106
morpholine|C1COCCN1|129
quinoline|c1ccc2ncccc2c1|237
acetonitrile|CC#N|82
propionitrile|CCC#N|97
benzonitrile|N#Cc1ccccc1|191
nitromethane|C[N+](=O)[O-]|101
nitroethane|CC[N+](=O)[O-]|114
nitrobenzene|O=[N+]([O-])c1ccccc1|211
dimethylformamide|CN(C)C=O|153
dimethylacetamide|CN(C)C(C)=O|165
N-methylpyrrolidone|CN1CCCC1=O|202
# sulfur
dimethyl sulfoxide|CS(C)=O|189
dimethyl sulfide|CSC|37
methanethiol|CS|6
ethanethiol|CCS|35
thiophene|c1ccsc1|84
sulfolane|O=S1(=O)CCCC1|285
# halide
chloromethane|CCl|-24
dichloromethane|ClCCl|40
chloroform|ClC(Cl)Cl|61
carbon tetrachloride|ClC(Cl)(Cl)Cl|77
chloroethane|CCCl|12
1,2-dichloroethane|ClCCCl|83
1,1-dichloroethane|CC(Cl)Cl|57
1-chlorobutane|CCCCCl|78
trichloroethylene|ClC=C(Cl)Cl|87
tetrachloroethylene|ClC(Cl)=C(Cl)Cl|121
chlorobenzene|Clc1ccccc1|132
1,2-dichlorobenzene|Clc1ccccc1Cl|180
fluorobenzene|Fc1ccccc1|85
bromomethane|CBr|4
bromoethane|CCBr|38
1-bromobutane|CCCCBr|102
bromoform|BrC(Br)Br|149
bromobenzene|Brc1ccccc1|156
iodomethane|CI|42
iodoethane|CCI|72
iodobenzene|Ic1ccccc1|188
"""

# Faults that the story tells of: a ring that is not closed, a value in Fahrenheit, a bound, a salt.
FAULTY = """
# arene
sec-butylbenzene|CCC(C)c1ccccc|173
# alcohol
grain alcohol|OCC|173
# nitrogen
formamide|NC=O|>200
# acid or ester
sodium acetate|CC(=O)[O-].[Na+]|
"""

# Families that choose and that judge; all others train.
PARTS = {"ether": "valid", "sulfur": "valid", "carbonyl": "valid", "nitrogen": "test"}

# Standard atomic weights in u, rounded as chemists use them.
WEIGHTS = {
    "C": 12.011,
    "H": 1.008,
    "N": 14.007,
    "O": 15.999,
    "F": 18.998,
    "Na": 22.990,
    "S": 32.06,
    "Cl": 35.45,
    "Br": 79.904,
    "I": 126.904,
}


class Liquid(NamedTuple):
    """One row: name, SMILES, family, boiling point as it stands in the file."""

    name: str
    smiles: str
    family: str
    boiling_point: str


def rows() -> list[Liquid]:
    """Return every molecule, the faulty ones last."""
    found: list[Liquid] = []
    family = ""
    for line in (MEASURED + FAULTY).splitlines():
        if line.startswith("# "):
            family = line[2:]
        elif line:
            name, smiles, value = line.split("|")
            found.append(Liquid(name, smiles, family, value))
    return found
