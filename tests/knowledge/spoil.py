"""Faults put into a pack on purpose, and what is told of them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cds.errors import PackError
from cds.knowledge.read.pack import load_pack

RULE = """
[[rule]]
id = "A2"
finding = "other"
title = "Other"
level = "alarm"
basis = "engineering"
reading = "Ours."
action = "Act."
"""
WHEN = 'when = { question = "safety.sign", operator = "=", answerCoding = "yes" }\n'


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text, (file, old)
    path.write_text(text.replace(old, new), "utf-8")


def told(folder: Path) -> list[tuple[str, str]]:
    try:
        load_pack(folder)
    except PackError as error:
        return [(one.where, f"{one.problem} {one.hint}".strip()) for one in error.faults]
    return []


def twice(spoil: Callable[[Path], None]) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        spoil(folder)
        spoil(folder)

    return write


def rule(rest: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = folder / "rules.toml"
        path.write_text(path.read_text("utf-8") + RULE + rest, "utf-8")

    return write


def edit(file: str, old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: change(folder, file, old, new)


def form(**changes: Any) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        path = folder / "questionnaire.json"
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | changes), "utf-8")

    return write
