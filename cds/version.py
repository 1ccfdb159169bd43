"""The version of the software: printed, emitted in every Device, and read by the build."""

VERSION = "0.1.0"
