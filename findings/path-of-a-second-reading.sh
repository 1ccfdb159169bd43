#!/usr/bin/env bash
# oehrpy 0.17.0 (PyPI): openEHR's FLAT format, in which a path names each value of a composition.
# One expects: a path that is read and written again is the same path: of two blood pressures with two readings each there are
#   four; a context that is written can be read.
# Seen: of the numbers in a path the last alone is kept, and it is put at the end: the second reading of the first blood
#   pressure and that of the second are one path, so one overwrites the other. A composition in German by Dr Example, from
#   Austria, is read as one in English, from the United States, by nobody.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check oehrpy==0.17.0
seen=$("$folder/env/bin/python" - <<'END'
from oehrpy.serialization.flat import FlatContext, FlatPath

values = {f"vitals/bp:{bp}/any_event:{event}/systolic|magnitude": value
          for bp, event, value in ((0, 0, 118), (0, 1, 121), (1, 0, 152), (1, 1, 158))}
print({str(FlatPath.parse(path)): value for path, value in values.items()})
written = FlatContext(language="de", territory="AT", composer_name="Dr Example").to_flat()
read = FlatContext.from_flat(written)
print(written["ctx/language|code"], written["ctx/territory|code"], written["ctx/composer|name"])
print(read.language, read.territory, read.composer_name)
END
)
expected=$(cat <<'END'
{'vitals/bp/any_event/systolic:0|magnitude': 152, 'vitals/bp/any_event/systolic:1|magnitude': 158}
de AT Dr Example
en US None
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
