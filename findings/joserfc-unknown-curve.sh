#!/usr/bin/env bash
# joserfc 1.8.0 (PyPI): a JWK Set as an authorization server of an EHR publishes it, with one further key of a curve
#   that the library does not know. RFC 7517, section 5: implementations SHOULD ignore keys that they do not understand.
# One expects: the known key is found by its kid.
# Seen: the whole set cannot be imported, so nobody's token can be checked until the other key is gone. (PyJWT 2.15.1
#   leaves the unknown key out and goes on.)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check joserfc==1.8.0 'PyJWT[crypto]==2.15.1'
seen=$("$folder/env/bin/python" - <<'END'
from joserfc.jwk import ECKey, KeySet
from jwt import PyJWKSet

known = {**ECKey.generate_key("P-384").as_dict(private=False), "kid": "known", "use": "sig"}
new = {"kty": "EC", "crv": "P-999", "kid": "new", "x": "AA", "y": "AA"}
listed = {"keys": [new, known]}
for name, read in (
    ("joserfc", lambda: [key.kid for key in KeySet.import_key_set(listed).keys]),
    ("PyJWT", lambda: [key.key_id for key in PyJWKSet.from_dict(listed).keys]),
):
    try:
        print(f"{name}: {read()}")
    except Exception:
        print(f"{name}: the set cannot be read")
END
)
printf '%s\n' "$seen"
expected="joserfc: the set cannot be read
PyJWT: ['known']"
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
