#!/usr/bin/env bash
# Authlib 1.9.10 (PyPI): a SMART client that signs in by private_key_jwt, written as Authlib's own example has it.
# One expects: an assertion that SMART App Launch 2 takes: an algorithm by the key, its kid, and a
#   life of at most five minutes.
# Seen: the algorithm is RS256 whatever the key is, so an EC key cannot sign at all; with an RSA key the assertion has
#   no kid and lives for an hour. A server that follows SMART refuses it. All three have to be handed in.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check Authlib==1.9.10
seen=$("$folder/env/bin/python" - <<'END'
import base64
import json
import warnings

warnings.simplefilter("ignore")
from authlib.oauth2.rfc7523.assertion import private_key_jwt_sign
from joserfc.jwk import ECKey, RSAKey


def part(text, place):
    piece = text.split(".")[place]
    return json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))


url = "https://ehr.example.org/token"
try:
    private_key_jwt_sign(ECKey.generate_key("P-384"), "app", url)
    print("EC: signed")
except Exception:
    print("EC: cannot sign")
signed = private_key_jwt_sign(RSAKey.generate_key(2048, {"kid": "k1"}), "app", url)
head, claims = part(signed, 0), part(signed, 1)
print("RSA:", head["alg"], "kid" if "kid" in head else "no kid", claims["exp"] - claims["iat"], "s")
END
)
printf '%s\n' "$seen"
expected='EC: cannot sign
RSA: RS256 no kid 3600 s'
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
