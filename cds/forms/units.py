"""UCUM codes of common clinical units.

Dimension, factor and offset to the base unit of the dimension.
"""

from collections.abc import Mapping
from fractions import Fraction

_F = Fraction
_PREFIXES: Mapping[str, Fraction] = {
    "": _F(1),
    "k": _F(1000),
    "h": _F(100),
    "d": _F(1, 10),
    "c": _F(1, 100),
    "m": _F(1, 10**3),
    "u": _F(1, 10**6),
    "n": _F(1, 10**9),
    "p": _F(1, 10**12),
    "f": _F(1, 10**15),
    "M": _F(10**6),
    "G": _F(10**9),
}

# code: (dimension, factor). From the UCUM tables; customary units are exact by definition.
_METRIC: Mapping[str, tuple[str, Fraction]] = {
    "m": ("length", _F(1)),
    "g": ("mass", _F(1)),
    "L": ("volume", _F(1)),
    "l": ("volume", _F(1)),
    "s": ("time", _F(1)),
    "mol": ("amount", _F(1)),
    "Pa": ("pressure", _F(1)),
    "J": ("energy", _F(1)),
    "Hz": ("frequency", _F(1)),
    "W": ("power", _F(1)),
    "eq": ("equivalents", _F(1)),
    "[iU]": ("iu", _F(1)),
    "[IU]": ("iu", _F(1)),
    "U": ("enzyme", _F(1)),
    "cal": ("energy", _F(4184, 1000)),
    "m[Hg]": ("pressure", _F(133322)),
    "B": ("level", _F(1)),
    "V": ("voltage", _F(1)),
    "Gy": ("dose", _F(1)),
    "Bq": ("activity", _F(1)),
    "osm": ("osmoles", _F(1)),
}
_PLAIN: Mapping[str, tuple[str, Fraction]] = {
    "min": ("time", _F(60)),
    "h": ("time", _F(3600)),
    "d": ("time", _F(86400)),
    "wk": ("time", _F(604800)),
    # UCUM: mo and a are the Julian mean month and year.
    "mo": ("time", _F(2629800)),
    "a": ("time", _F(31557600)),
    "mo_j": ("time", _F(2629800)),
    "a_j": ("time", _F(31557600)),
    "[in_i]": ("length", _F(254, 10000)),
    "[ft_i]": ("length", _F(3048, 10000)),
    "[yd_i]": ("length", _F(9144, 10000)),
    "[mi_i]": ("length", _F(1609344, 1000)),
    "[nmi_i]": ("length", _F(1852)),
    "[lb_av]": ("mass", _F(45359237, 100000)),
    "[oz_av]": ("mass", _F(45359237, 1600000)),
    "[stone_av]": ("mass", _F(45359237 * 14, 100000)),
    "t": ("mass", _F(10**6)),
    "[gr]": ("mass", _F(6479891, 10**8)),
    "[foz_us]": ("volume", _F(29573529562500, 10**15)),
    "[gal_us]": ("volume", _F(3785411784, 10**9)),
    "[cup_us]": ("volume", _F(2365882365, 10**10)),
    "[tbs_us]": ("volume", _F(1478676478125, 10**14)),
    "[tsp_us]": ("volume", _F(492892159375, 10**14)),
    "[pt_us]": ("volume", _F(473176473, 10**9)),
    "[qt_us]": ("volume", _F(946352946, 10**9)),
    "cm3": ("volume", _F(1, 1000)),
    "mm3": ("volume", _F(1, 10**6)),
    "dm3": ("volume", _F(1)),
    "m3": ("volume", _F(1000)),
    "m2": ("area", _F(1)),
    "cm2": ("area", _F(1, 10**4)),
    "mm2": ("area", _F(1, 10**6)),
    "bar": ("pressure", _F(100000)),
    "mbar": ("pressure", _F(100)),
    "atm": ("pressure", _F(101325)),
    "[psi]": ("pressure", _F(6894757293168, 10**9)),
    "1": ("number", _F(1)),
    "%": ("number", _F(1, 100)),
    "[ppth]": ("number", _F(1, 1000)),
    "[ppm]": ("number", _F(1, 10**6)),
    "10*3": ("number", _F(1000)),
    "10*6": ("number", _F(10**6)),
    "10*9": ("number", _F(10**9)),
    "10*12": ("number", _F(10**12)),
    "[pH]": ("ph", _F(1)),
    "deg": ("angle", _F(1)),
}
_ZERO_FAHRENHEIT = _F(45967, 100) * _F(5, 9)


def _base_units() -> dict[str, tuple[str, Fraction, Fraction]]:
    units = {code: (dimension, factor, _F(0)) for code, (dimension, factor) in _PLAIN.items()}
    for base, (dimension, factor) in _METRIC.items():
        for prefix, scale in _PREFIXES.items():
            units.setdefault(prefix + base, (dimension, factor * scale, _F(0)))
    units["K"] = ("temperature", _F(1), _F(0))
    units["Cel"] = ("temperature", _F(1), _F(27315, 100))
    units["[degF]"] = ("temperature", _F(5, 9), _ZERO_FAHRENHEIT)
    return units


UNITS: Mapping[str, tuple[str, Fraction, Fraction]] = _base_units()
