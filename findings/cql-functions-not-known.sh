#!/usr/bin/env bash
# ms-cql-sdk 0.7.1 (PyPI; imported as cql_sdk): CQL, compiled and run by it.
# One expects: the functions of the language (CQL 1.5.2, appendix B: Avg, Max, AllTrue, Power, EndsWith) or a word that one
#   is not there; Foo, which nobody defines, is an error. 1 g and 500 mg are 1.5 g.
# Seen: a function that it does not have gives back its first argument, without an error: the mean of three values is the
#   three values, AllTrue of a list is that list, Power(2, 3) is 2 and Foo(3) is 3. Quantities are added by number: 501.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check ms-cql-sdk==0.7.1
cat >"$folder/look.cql" <<'END'
library Look version '1'
using FHIR version '4.0.1'
context Patient
define Mean: Avg({4.1, 4.3, 6.0})
define Highest: Max({4.1, 6.0, 4.3})
define All: AllTrue({true, false})
define Raised: Power(2, 3)
define Ends: EndsWith('E11.9', 'X')
define Undefined: Foo(3)
define Weight: 1 'g' + 500 'mg'
END
seen=$("$folder/env/bin/python" - "$folder/look.cql" <<'END'
import sys

from cql_sdk.api import invoke, load_library_from_cql

library = load_library_from_cql(sys.argv[1])
for name in ("Mean", "Highest", "All", "Raised", "Ends", "Undefined", "Weight"):
    found = invoke(library, definition=name)
    print(name, [str(one) for one in found] if isinstance(found, list) else found)
END
)
expected=$(cat <<'END'
Mean ['4.1', '4.3', '6.0']
Highest ['4.1', '6.0', '4.3']
All ['True', 'False']
Raised 2
Ends E11.9
Undefined 3
Weight 501 g
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
