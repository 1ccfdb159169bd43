#!/usr/bin/env bash
# audiogram 0.1.0 (PyPI): hearing of both ears, with the grade of a loss; its default standard is "who2021".
# One expects: the grades of the WHO's World Report on Hearing (2021): mild from 20 dB, moderate from 35, moderately severe from 50,
#   severe from 65, profound from 80, complete from 95, by the mean at 500, 1000, 2000 and 4000 Hz. Of an ear that has been tested
#   at one of them no grade; where nothing was heard at all (nr) at the loudest tone of 90 dB, that the loss is at least that.
# Seen: the limits are those of before (26, 41, 56, 71, 91), so each loss is told a grade too light: 38 dB is a mild one.
#   One frequency is enough for a grade, and an ear that heard nothing is "severe", beside one that just hears 90 dB.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps audiogram==0.1.0
cat >"$folder/look.py" <<'END'
from audiogram import EarAudiogram, ThresholdPoint

TONES = (500, 1000, 2000, 4000)
for level, who in ((22, "mild"), (38, "moderate"), (52, "moderately severe"), (68, "severe"), (85, "profound"), (97, "complete")):
    print(level, "dB:", EarAudiogram(air=dict.fromkeys(TONES, level)).severity(), "- WHO 2021:", who)
print("at 500 Hz alone:", EarAudiogram(air={500: 15}).severity())
print("nothing heard at 90 dB:", EarAudiogram(air={tone: ThresholdPoint(90, nr=True) for tone in TONES}).severity())
END
seen=$("$folder/env/bin/python" "$folder/look.py")
expected=$(cat <<'END'
22 dB: normal - WHO 2021: mild
38 dB: mild - WHO 2021: moderate
52 dB: moderate - WHO 2021: moderately severe
68 dB: moderately_severe - WHO 2021: severe
85 dB: severe - WHO 2021: profound
97 dB: profound - WHO 2021: complete
at 500 Hz alone: normal
nothing heard at 90 dB: severe
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
