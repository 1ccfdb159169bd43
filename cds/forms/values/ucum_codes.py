"""Which texts are UCUM codes at all, convertible here or not: its grammar over all of its atoms.

The atoms are those of ucum-essence 2.2 (2024-06-17; copyright Regenstrief Institute, taken from the
package ucumvert 0.3.2, under the licence of UCUM): the codes alone, no factor and no name.
"""

import re

from cds.core.remember import remember

_METRIC_WORDS = """
m s g rad K C cd mol sr Hz N Pa J W A V F Ohm S Wb Cel T H lm lx Bq Gy Sv l L ar t bar u eV pc
[c] [h] [k] [eps_0] [mu_0] [e] [m_e] [m_p] [G] [g] [ly] gf Ky Gal dyn erg P Bi St Mx G Oe Gb sb
Lmb ph Ci R RAD REM cal_[15] cal_[20] cal_m cal_IT cal_th cal tex m[H2O] m[Hg] eq osm g% kat U
[iU] [IU] Np B B[SPL] B[V] B[mV] B[uV] B[10.nV] B[W] B[kW] st mho bit By Bd
"""
_METRIC = frozenset(_METRIC_WORDS.split())
_PLAIN_WORDS = """
10* 10^ [pi] % [ppth] [ppm] [ppb] [pptr] gon deg ' '' min h d a_t a_j a_g a wk mo_s mo_j mo_g mo
AU atm [lbf_av] [in_i] [ft_i] [yd_i] [mi_i] [fth_i] [nmi_i] [kn_i] [sin_i] [sft_i] [syd_i]
[cin_i] [cft_i] [cyd_i] [bf_i] [cr_i] [mil_i] [cml_i] [hd_i] [ft_us] [yd_us] [in_us] [rd_us]
[ch_us] [lk_us] [rch_us] [rlk_us] [fth_us] [fur_us] [mi_us] [acr_us] [srd_us] [smi_us] [sct]
[twp] [mil_us] [in_br] [ft_br] [rd_br] [ch_br] [lk_br] [fth_br] [pc_br] [yd_br] [mi_br] [nmi_br]
[kn_br] [acr_br] [gal_us] [bbl_us] [qt_us] [pt_us] [gil_us] [foz_us] [fdr_us] [min_us] [crd_us]
[bu_us] [gal_wi] [pk_us] [dqt_us] [dpt_us] [tbs_us] [tsp_us] [cup_us] [foz_m] [cup_m] [tsp_m]
[tbs_m] [gal_br] [pk_br] [bu_br] [qt_br] [pt_br] [gil_br] [foz_br] [fdr_br] [min_br] [gr]
[lb_av] [oz_av] [dr_av] [scwt_av] [lcwt_av] [ston_av] [lton_av] [stone_av] [pwt_tr] [oz_tr]
[lb_tr] [sc_ap] [dr_ap] [oz_ap] [lb_ap] [oz_m] [lne] [pnt] [pca] [pnt_pr] [pca_pr] [pied]
[pouce] [ligne] [didot] [cicero] [degF] [degR] [degRe] [Cal] [Btu_39] [Btu_59] [Btu_60] [Btu_m]
[Btu_IT] [Btu_th] [Btu] [HP] [den] [in_i'H2O] [in_i'Hg] [PRU] [wood'U] [diop] [p'diop] %[slope]
[mesh_i] [Ch] [drp] [hnsf'U] [MET] [hp'_X] [hp'_C] [hp'_M] [hp'_Q] [hp_X] [hp_C] [hp_M] [hp_Q]
[kp_X] [kp_C] [kp_M] [kp_Q] [pH] [S] [HPF] [LPF] [arb'U] [USP'U] [GPL'U] [MPL'U] [APL'U]
[beth'U] [anti'Xa'U] [todd'U] [dye'U] [smgy'U] [bdsk'U] [ka'U] [knk'U] [mclg'U] [tb'U] [CCID_50]
[TCID_50] [EID_50] [PFU] [FFU] [CFU] [IR] [BAU] [AU] [Amb'a'1'U] [PNU] [Lf] [D'ag'U] [FEU] [ELU]
[EU] Ao b att [psi] circ sph [car_m] [car_Au] [smoot] [m/s2/Hz^(1/2)] [NTU] [FNU] bit_s
"""
_PLAIN = frozenset(_PLAIN_WORDS.split())
_PREFIXES_WORDS = """
Y Z E P T G M k h da d c m u n p f a z y Ki Mi Gi Ti
"""
_PREFIXES = frozenset(_PREFIXES_WORDS.split())

_MAX_CODE = 255
# A component: an atom (brackets may hold anything), its exponent, an annotation.
_COMPONENT = re.compile(
    r"(?P<atom>10[*^]|(?:[^\s0-9./(){}\[\]+\-]|\[[^\s\[\]]+\]|(?<=_)[0-9]+|_)+)?"
    r"(?P<exponent>[+-]?[0-9]+)?(?P<note>\{[\x20-\x7e]*?\})?",
    re.ASCII,
)


_MAX_KNOWN = 512
_known: dict[str, None] = {}


def is_unit_code(code: str) -> bool:
    """Whether a text is a UCUM code (case sensitive), by grammar and atoms.

    >>> is_unit_code("mg/dL"), is_unit_code("10*9/L"), is_unit_code("milligram")
    (True, True, False)
    """
    if code in _known:
        return True
    if not code or len(code) > _MAX_CODE:
        return False
    at = _term(code, 1 if code[0] == "/" else 0, 0)
    # What is no unit, or has a note, may be a patient's words: it is not kept.
    if at == len(code) and "{" not in code:
        remember(_known, code, None, _MAX_KNOWN)
    return at == len(code)


def _term(code: str, at: int, depth: int) -> int:
    """Where the term that begins here ends; -1 if there is none."""
    while at >= 0:
        at = _component(code, at, depth)
        if at < 0 or at == len(code) or code[at] not in "./":
            return at
        at += 1
    return at


def _component(code: str, at: int, depth: int) -> int:
    if code[at : at + 1] == "(" and depth < 20:  # noqa: PLR2004 - nobody nests deeper
        end = _term(code, at + 1, depth + 1)
        return end + 1 if 0 <= end < len(code) and code[end] == ")" else -1
    found = _COMPONENT.match(code, at)
    if found is None or found.end() == at:
        return -1
    atom, exponent = found["atom"], found["exponent"]
    # A number by itself is a factor, and has no sign.
    good = (exponent is None or exponent.isdigit()) if atom is None else _is_atom(atom)
    return found.end() if good else -1


def _is_atom(atom: str) -> bool:
    if atom in _PLAIN or atom in _METRIC:
        return True
    return any(atom[:n] in _PREFIXES and atom[n:] in _METRIC for n in (1, 2))
