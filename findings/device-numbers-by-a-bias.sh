#!/usr/bin/env bash
# bluetooth-sig 0.6.0 (PyPI): readings of Bluetooth health devices, as their profiles lay them out in bytes.
# One expects: the numbers that the device sent. They are IEEE 11073-20601's SFLOAT and FLOAT, whose exponent is a
#   signed number (two's complement) of 4 and 8 bits; and a weight that could not be taken, which the Weight Scale
#   Service sends as 0xFFFF, as none.
# Seen: the exponent is read with a bias (8 and 128). 120 over 80 mmHg come out as 0.0000012 over 0.0000008, 98 % of
#   oxygen as 0.00000098, and 36.5 degrees as 3.65e+129; only the kPa of a pressure are looked at for being possible.
#   The weight that could not be taken is 327.675 kg.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet --disable-pip-version-check bluetooth-sig==0.6.0
seen=$("$folder/env/bin/python" - <<'END'
from bluetooth_sig import BluetoothSIGTranslator

translator = BluetoothSIGTranslator()


def read(characteristic, data):
    return translator.parse_characteristic(characteristic, bytes.fromhex(data))


pressure = read("2A35", "00" "7800" "5000" "5d00")  # 120, 80, mean 93, in mmHg
print("blood pressure", pressure.systolic, pressure.diastolic, pressure.unit.value)
print("oxygen", read("2A5E", "00" "6200" "4800").spo2)  # 98 %, pulse 72
print("temperature", read("2A1C", "00" "6d0100ff").temperature)  # 365 times 10 to the -1
weight = read("2A9D", "00" "ffff")
print("weight", weight.weight, weight.weight_unit.value)
END
)
printf '%s\n' "$seen"
expected='blood pressure 1.2e-06 8e-07 mmHg
oxygen 9.8e-07
temperature 3.65e+129
weight 327.675 kg'
[ "$seen" = "$expected" ] || { echo 'This has changed.' >&2; exit 1; }
