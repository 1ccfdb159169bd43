"""UCUM's atoms, as far as clinical forms use them: factor and dimension in metre, gram, second.

From the UCUM tables; customary units are exact by definition. What has no exact factor (deg) or no
other unit to be compared with (pH, arbitrary units) is a dimension of its own.
"""

from collections.abc import Mapping
from fractions import Fraction

Dimension = Mapping[str, int]
Atom = tuple[Fraction, Dimension]

_F = Fraction

PREFIXES: Mapping[str, Fraction] = {
    "Y": _F(10**24),
    "Z": _F(10**21),
    "E": _F(10**18),
    "P": _F(10**15),
    "T": _F(10**12),
    "G": _F(10**9),
    "M": _F(10**6),
    "k": _F(1000),
    "h": _F(100),
    "da": _F(10),
    "d": _F(1, 10),
    "c": _F(1, 100),
    "m": _F(1, 10**3),
    "u": _F(1, 10**6),
    "n": _F(1, 10**9),
    "p": _F(1, 10**12),
    "f": _F(1, 10**15),
    "a": _F(1, 10**18),
}

_LENGTH, _MASS, _TIME, _AMOUNT = {"m": 1}, {"g": 1}, {"s": 1}, {"mol": 1}
_VOLUME, _AREA = {"m": 3}, {"m": 2}
_FORCE = {"g": 1, "m": 1, "s": -2}
_PRESSURE = {"g": 1, "m": -1, "s": -2}
_ENERGY = {"g": 1, "m": 2, "s": -2}
_POWER = {"g": 1, "m": 2, "s": -3}
_CATALYSIS = {"mol": 1, "s": -1}

# Atoms that take a prefix.
METRIC: Mapping[str, Atom] = {
    "m": (_F(1), _LENGTH),
    "g": (_F(1), _MASS),
    "s": (_F(1), _TIME),
    "K": (_F(1), {"K": 1}),
    "mol": (_F(1), _AMOUNT),
    "eq": (_F(1), _AMOUNT),
    "osm": (_F(1), _AMOUNT),
    "kat": (_F(1), _CATALYSIS),
    "U": (_F(1, 60 * 10**6), _CATALYSIS),
    "L": (_F(1, 1000), _VOLUME),
    "l": (_F(1, 1000), _VOLUME),
    "t": (_F(10**6), _MASS),
    "Hz": (_F(1), {"s": -1}),
    "Bq": (_F(1), {"s": -1}),
    "Ci": (_F(37 * 10**9), {"s": -1}),
    "N": (_F(1000), _FORCE),
    "dyn": (_F(1, 100), _FORCE),
    "Pa": (_F(1000), _PRESSURE),
    "bar": (_F(10**8), _PRESSURE),
    "m[Hg]": (_F(133322 * 1000), _PRESSURE),
    "m[H2O]": (_F(980665 * 10), _PRESSURE),
    "J": (_F(1000), _ENERGY),
    "cal": (_F(4184), _ENERGY),
    "W": (_F(1000), _POWER),
    "C": (_F(1), {"C": 1}),
    "A": (_F(1), {"C": 1, "s": -1}),
    "V": (_F(1000), {**_ENERGY, "C": -1}),
    "Ohm": (_F(1000), {"g": 1, "m": 2, "s": -1, "C": -2}),
    "Gy": (_F(1), {"m": 2, "s": -2}),
    "Sv": (_F(1), {"m": 2, "s": -2}),
    "B": (_F(1), {"B": 1}),
    "[iU]": (_F(1), {"iU": 1}),
    "[IU]": (_F(1), {"iU": 1}),
}

# Atoms that take none.
PLAIN_UNITS: Mapping[str, Atom] = {
    "10*": (_F(10), {}),
    "10^": (_F(10), {}),
    "%": (_F(1, 100), {}),
    "[ppth]": (_F(1, 1000), {}),
    "[ppm]": (_F(1, 10**6), {}),
    "[ppb]": (_F(1, 10**9), {}),
    "min": (_F(60), _TIME),
    "h": (_F(3600), _TIME),
    "d": (_F(86400), _TIME),
    "wk": (_F(604800), _TIME),
    # UCUM: mo and a are the Julian mean month and year.
    "mo": (_F(2629800), _TIME),
    "a": (_F(31557600), _TIME),
    "mo_j": (_F(2629800), _TIME),
    "a_j": (_F(31557600), _TIME),
    "[in_i]": (_F(254, 10000), _LENGTH),
    "[ft_i]": (_F(3048, 10000), _LENGTH),
    "[yd_i]": (_F(9144, 10000), _LENGTH),
    "[mi_i]": (_F(1609344, 1000), _LENGTH),
    "[nmi_i]": (_F(1852), _LENGTH),
    "[sin_i]": (_F(254**2, 10**8), _AREA),
    "[sft_i]": (_F(3048**2, 10**8), _AREA),
    "[lb_av]": (_F(45359237, 100000), _MASS),
    "[oz_av]": (_F(45359237, 1600000), _MASS),
    "[stone_av]": (_F(45359237 * 14, 100000), _MASS),
    "[gr]": (_F(6479891, 10**8), _MASS),
    "[foz_us]": (_F(29573529562500, 10**18), _VOLUME),
    "[gal_us]": (_F(3785411784, 10**12), _VOLUME),
    "[cup_us]": (_F(2365882365, 10**13), _VOLUME),
    "[tbs_us]": (_F(1478676478125, 10**17), _VOLUME),
    "[tsp_us]": (_F(492892159375, 10**17), _VOLUME),
    "[pt_us]": (_F(473176473, 10**12), _VOLUME),
    "[qt_us]": (_F(946352946, 10**12), _VOLUME),
    "[drp]": (_F(1, 20 * 10**6), _VOLUME),
    "atm": (_F(101325 * 1000), _PRESSURE),
    "[psi]": (_F(6894757293168, 10**6), _PRESSURE),
    "[Cal]": (_F(4184 * 1000), _ENERGY),
    "g%": (_F(10**4), {"g": 1, "m": -3}),
    "[pH]": (_F(1), {"pH": 1}),
    "[arb'U]": (_F(1), {"arb'U": 1}),
    "[CFU]": (_F(1), {"CFU": 1}),
    "deg": (_F(1), {"deg": 1}),
}

# Scales with a zero of their own: factor to kelvin, and the kelvin at their zero.
SCALES: Mapping[str, tuple[Fraction, Fraction]] = {
    "K": (_F(1), _F(0)),
    "Cel": (_F(1), _F(27315, 100)),
    "[degF]": (_F(5, 9), _F(45967, 100) * _F(5, 9)),
}
