#!/usr/bin/env bash
# sbm69 0.4.1 (PyPI; with construct 2.10.70): readings of a SilverCrest SBM69 blood pressure monitor over Bluetooth, here sent by a
#   connection made up in place of the device.
# One expects: the measurement status is that of Bluetooth's Blood Pressure Measurement, from which the package says where the monitor
#   differs (its numbers): in bits 3 and 4 a 1 is a pulse above the upper limit, a 2 one below the lower limit.
# Seen: the bits of a byte are turned round, and with them the two of this number: a pulse of 150 above its limit has "lower limit
#   exceeded", one of 38 below it "upper limit exceeded". Flags of one bit (movement, loose cuff, irregular pulse) are right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install -q --disable-pip-version-check --no-deps sbm69==0.4.1 bleak==3.1.0 bleak-retry-connector==4.7.1 \
  bluetooth-adapters==2.4.0 construct==2.10.70 dbus-fast==5.2.0 aiooui==0.1.11 uart-devices==0.1.1 usb-devices==0.5.1 \
  inflection==0.5.1 typing-extensions==4.16.0
seen=$("$folder/env/bin/python" - <<'END'
import asyncio
import struct

import sbm69.connection

UP_TO_STATUS = 0b11110  # of the flags: mmHg, with time, pulse, user and status
MOVED, LOOSE, IRREGULAR, ABOVE, BELOW = 0b1, 0b10, 0b100, 0b01000, 0b10000


def reading(pulse, status):
    time = struct.pack("<H5B", 2026, 11, 30, 8, 0, 0)
    return struct.pack("<B3H", UP_TO_STATUS, 120, 80, 93) + time + struct.pack("<HBH", pulse, 1, status)


class Monitor:
    def __init__(self, gone):
        self.gone = gone

    async def pair(self): ...

    async def read_gatt_char(self, which):
        return bytearray(b"example")

    async def start_notify(self, which, told):
        for pulse, status in [(72, 0), (72, MOVED), (72, LOOSE), (72, IRREGULAR), (150, ABOVE), (38, BELOW)]:
            told(which, bytearray(reading(pulse, status)))
        self.gone(self)


async def connected(disconnected_callback, **also):
    return Monitor(disconnected_callback)


sbm69.connection.establish_connection = connected
data = asyncio.run(sbm69.SBM69Connection(None).fetch_data())
for one in data["blood_pressure_measurements"]:
    status = one.measurement_status
    flags = [name for name in ("body_movement_detected", "cuff_too_loose", "irregular_pulse") if status[name]]
    print(f"{one.systolic}/{one.diastolic}, pulse {one.pulse_rate}: {status.pulse_rate_range}", *flags)
END
)
expected=$(cat <<'END'
120/80, pulse 72: not_exceeded
120/80, pulse 72: not_exceeded body_movement_detected
120/80, pulse 72: not_exceeded cuff_too_loose
120/80, pulse 72: not_exceeded irregular_pulse
120/80, pulse 150: lower_limit_exceeded
120/80, pulse 38: upper_limit_exceeded
END
)
echo "$seen"
[[ "$seen" == "$expected" ]] || { echo "This has changed. It was:"; echo "$expected"; exit 1; }
