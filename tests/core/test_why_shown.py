"""What is shown as the smallest change of answers, for people whose answers were thought of."""

import pytest

from cds.core.why import Alternative, alternatives
from cds.flows.explaining.again import Again
from cds.flows.explaining.explain import as_choice
from cds.flows.synthetic.responses import response_of
from tests.strategies import Given, engine_of, read

SAFE: Given = {
    "safety.consciousness": ("none",),
    "safety.urine": ("usual",),
    "safety.circulation": ("none",),
    "safety.fluid-loss": ("none",),
    "safety.nerve": ("none",),
    "safety.pelvic-mass": ("no",),
    "safety.limb": ("none",),
}
WELL: Given = {
    **SAFE,
    "history.hemodialysis": ("no",),
    "history.duration": ("1-7-days",),
    "history.site": ("calf",),
    "history.frequency": ("less-often",),
    "history.episode": ("under-1-minute",),
    "history.triggers": ("nothing-known",),
    "history.relievers": ("stretching",),
    "history.symptoms": ("none",),
    "history.medications": ("none",),
    "history.conditions": ("none",),
}


def well(**changed: str) -> Given:
    """A person who is well but for these; a space between answers, none: not answered."""
    given = dict(WELL)
    for name, codes in changed.items():
        link_id = name.replace("__", ".").replace("_", "-")
        given[link_id] = tuple(codes.split())
    return {link_id: codes for link_id, codes in given.items() if codes}


def shown(alternative: Alternative | None) -> tuple[str, ...]:
    """The level, and the changes in the order of the form's ids."""
    if alternative is None:
        return ()
    changes = (f"{link_id} {' '.join(codes)}" for link_id, codes in alternative.changes)
    return (alternative.level.code, *sorted(changes))


@pytest.mark.parametrize(
    ("given", "higher", "lower"),
    [
        (
            {},
            ("emergency-911", "safety.consciousness fainted-recovered"),
            (
                "routine",
                "safety.circulation none",
                "safety.consciousness none",
                "safety.fluid-loss none",
                "safety.limb none",
                "safety.nerve none",
                "safety.pelvic-mass no",
                "safety.urine usual",
            ),
        ),
        (
            SAFE,
            ("urgent", "safety.urine much-less-or-very-dark"),
            (
                "self-care",
                "history.conditions none",
                "history.duration under-1-day",
                "history.episode under-1-minute",
                "history.frequency weekly",
                "history.hemodialysis no",
                "history.medications none",
                "history.relievers stretching",
                "history.site calf",
                "history.symptoms none",
                "history.triggers exercise-or-overuse",
            ),
        ),
        (WELL, ("routine", "safety.fluid-loss vomiting-or-diarrhea"), ()),
        (
            well(safety__urine="none-new"),
            (),
            ("emergency-evaluation", "safety.urine brown-red-or-cola"),
        ),
        (
            well(
                safety__urine="none-new",
                safety__pelvic_mass="yes",
                safety__limb="cold-pale-or-blue",
            ),
            (),
            ("emergency-evaluation", "safety.urine usual"),
        ),
        (
            well(safety__urine="none-new", safety__consciousness="fainted-recovered"),
            (),
            ("self-care", "safety.consciousness none", "safety.urine usual"),
        ),
        (
            well(
                safety__urine="none-new",
                safety__consciousness="fainted-recovered",
                safety__circulation="seizure cold-clammy-skin",
            ),
            (),
            (
                "self-care",
                "safety.circulation none",
                "safety.consciousness none",
                "safety.urine usual",
            ),
        ),
        (
            well(safety__limb="", safety__nerve="unknown"),
            ("urgent", "safety.urine much-less-or-very-dark"),
            ("self-care", "safety.limb none", "safety.nerve none"),
        ),
        (
            well(safety__limb="", safety__nerve="", safety__urine=""),
            ("urgent", "safety.urine much-less-or-very-dark"),
            ("self-care", "safety.limb none", "safety.nerve none", "safety.urine usual"),
        ),
        (
            well(
                safety__limb="red-or-warm",
                safety__nerve="",
                safety__urine="",
                safety__fluid_loss="",
            ),
            ("emergency-evaluation", "safety.urine brown-red-or-cola"),
            ("indeterminate", "safety.limb none"),
        ),
        (
            well(
                safety__urine="none-new", safety__nerve="", safety__limb="", safety__fluid_loss=""
            ),
            (),
            ("emergency-evaluation", "safety.urine brown-red-or-cola"),
        ),
        (
            well(
                safety__circulation="fast-or-irregular-heartbeat cold-clammy-skin too-weak-to-stand"
            ),
            (),
            ("urgent", "safety.circulation fast-or-irregular-heartbeat"),
        ),
        (
            well(history__medications="statin diuretic"),
            ("urgent", "safety.urine much-less-or-very-dark"),
            ("self-care", "history.medications none"),
        ),
        (
            well(history__medications="none statin"),
            ("urgent", "safety.urine much-less-or-very-dark"),
            ("self-care", "history.medications none"),
        ),
        (
            well(safety__limb="red-or-warm unknown"),
            ("emergency-evaluation", "safety.urine brown-red-or-cola"),
            ("routine", "safety.limb new-sore-or-skin-change"),
        ),
        (
            well(safety__nerve_course="new-or-worse"),
            ("urgent", "safety.urine much-less-or-very-dark"),
            (),
        ),
        (
            {"safety.consciousness": ("unresponsive-now",)},
            (),
            ("indeterminate", "safety.consciousness none"),
        ),
        (
            {**SAFE, "safety.consciousness": ("unresponsive-now",), "safety.urine": ("none-new",)},
            (),
            ("indeterminate", "safety.consciousness none", "safety.urine "),
        ),
        (
            well(history__duration="", history__symptoms=""),
            ("urgent", "safety.urine much-less-or-very-dark"),
            ("self-care", "history.duration under-1-day", "history.symptoms none"),
        ),
        (
            well(
                safety__nerve="leg-weakness", safety__nerve_course="longstanding-assessed-unchanged"
            ),
            ("emergency-911", "safety.consciousness fainted-recovered"),
            ("urgent", "safety.nerve mouth-tingling-or-hands-locked"),
        ),
        (
            well(history__relievers="nothing-helps", history__frequency="daily"),
            ("urgent", "safety.urine much-less-or-very-dark"),
            ("self-care", "history.frequency weekly", "history.relievers stretching"),
        ),
        (
            well(
                history__relievers="nothing-helps",
                history__frequency="daily",
                history__duration="over-6-months",
            ),
            ("urgent", "safety.urine much-less-or-very-dark"),
            (
                "self-care",
                "history.duration under-1-day",
                "history.frequency weekly",
                "history.relievers stretching",
            ),
        ),
        (
            well(history__symptoms="shaky-sweaty-hungry", history__conditions=""),
            ("emergency-evaluation", "safety.urine brown-red-or-cola"),
            ("routine", "history.symptoms none"),
        ),
        (
            well(
                safety__fluid_loss="vomiting-or-diarrhea",
                safety__circulation="fast-or-irregular-heartbeat",
            ),
            ("emergency-911", "safety.consciousness fainted-recovered"),
            ("urgent", "safety.fluid-loss none"),
        ),
    ],
)
def test_the_change_that_is_shown(
    given: Given, higher: tuple[str, ...], lower: tuple[str, ...]
) -> None:
    engine = engine_of("cramps")
    again = Again(response_of(engine.form, given), engine)
    items = engine.reading.questionnaire.by_link_id
    choices = [
        as_choice(items[one], engine, asked=one in again.asked) for one in engine.reading.asked
    ]

    found = alternatives(engine.scorer, read("cramps", given).codes, choices, again.read)

    assert tuple(map(shown, found)) == (higher, lower)
