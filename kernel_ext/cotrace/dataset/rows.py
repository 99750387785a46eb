"""A `Record` as one line of JSON, and back.

A row ends with a checksum (`crc`) over all its other fields in a canonical form, so that an edit by another
program is noticed whatever it does to spaces and order. Rows of an older schema are brought up to date one
version at a time when they are read; rows of a newer one are refused.

Text stays readable: only the characters that some programs take for a line break are escaped beyond what JSON
asks.
"""

from __future__ import annotations

import dataclasses
import json
import re
import secrets
import time
import zlib
from collections.abc import Callable, Mapping
from typing import Any

from cotrace.dataset.shapes import Json, expected, from_json, to_text
from cotrace.errors import NewerVersionError, RecordError
from cotrace.model.record import SCHEMA, Record

Upgrade = Callable[[dict[str, Any]], dict[str, Any]]

UPGRADES: Mapping[int, Upgrade] = {}
"""For each older schema, what makes a row of it one of the next."""

_FIELDS = frozenset(field.name for field in dataclasses.fields(Record))
_LINE_BREAKS = ("\x85", "\u2028", "\u2029")
_LAST_FIELD = ',"crc":"'
_FIRST_FIELD = re.compile(rb'\{"id":"([^"\\]*)"')


def new_id() -> str:
    """Return an id that no other record has; ids sort by the millisecond in which they were made."""
    return f"{time.time_ns() // 1_000_000:012x}-{secrets.token_hex(8)}"


def checksum(row: Mapping[str, Json]) -> str:
    """Return the crc of a row's fields other than `crc`."""
    return _crc(_canonical({name: value for name, value in row.items() if name != "crc"}))


def _canonical(row: Mapping[str, Json]) -> str:
    return json.dumps(row, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _crc(canonical: str) -> str:
    return f"{zlib.crc32(canonical.encode('utf-8', 'surrogatepass')):08x}"


def encode(record: Record, extra: Mapping[str, Json] | None = None) -> bytes:
    """Return the record as one line with its newline; `extra` are fields of someone else that the row keeps.

    Raises RecordError if a field's value is not of the field's type.
    """
    text = to_text(record)
    canonical = text[: text.rindex(_LAST_FIELD)] + (f",{_canonical(extra)[1:-1]}}}" if extra else "}")
    text = f'{canonical[:-1]}{_LAST_FIELD}{_crc(canonical)}"}}'
    if not text.isascii():
        for character in _LINE_BREAKS:
            text = text.replace(character, f"\\u{ord(character):04x}")
    return text.encode("utf-8") + b"\n"


def parse(line: bytes) -> dict[str, Json]:
    """Return the JSON object of a line; raises RecordError if there is none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"expected one JSON object, found text that is not JSON: {error}") from None
    if not isinstance(row, dict):
        raise expected("the line", "one JSON object", row)
    return row


def decode(line: bytes) -> Record:
    """Return the record of a line, whatever schema it was written in.

    Raises RecordError, or NewerVersionError if it takes a newer cotrace to read it.
    """
    row = upgraded(parse(line))
    record = from_json(Record, {name: value for name, value in row.items() if name in _FIELDS})
    if not record.id:
        raise expected("id", "a text that is not empty", record.id)
    return record


def upgraded(
    row: dict[str, Json], upgrades: Mapping[int, Upgrade] = UPGRADES, newest: int = SCHEMA
) -> dict[str, Json]:
    """Return the row as one of the newest schema."""
    schema = row.get("schema")
    if type(schema) is not int or schema < 1:
        raise expected("schema", "a whole number from 1", schema)
    if schema > newest:
        raise NewerVersionError(
            f"expected schema {newest} or older, found {schema}: "
            "a newer cotrace wrote this row; upgrade cotrace to read it"
        )
    for version in range(schema, newest):
        row = {**upgrades[version](row), "schema": version + 1}
    return row


def is_old(line: bytes) -> bool:
    """Tell whether a line is a row of an older schema that can be brought up to date."""
    try:
        return bool(parse(line).get("schema") != SCHEMA and decode(line))
    except (RecordError, NewerVersionError):
        return False


def migrated(line: bytes) -> bytes:
    """Return the line in the newest schema, or as it is if it is no row of an older one."""
    return encode(decode(line), extra_fields(upgraded(parse(line)))) if is_old(line) else line


def extra_fields(row: Mapping[str, Json]) -> dict[str, Json]:
    """Return the fields that are not of a record: another program added them."""
    return {name: value for name, value in row.items() if name not in _FIELDS}


def id_of(line: bytes) -> str:
    """Return the id in a line, or an empty text; quick for lines that cotrace wrote."""
    if match := _FIRST_FIELD.match(line):
        return match[1].decode("utf-8", "replace")
    try:
        found = parse(line).get("id")
    except RecordError:
        return ""
    return found if isinstance(found, str) else ""


def is_row(line: bytes) -> bool:
    """Tell whether bytes are a whole JSON object: a part of one never is."""
    try:
        parse(line)
    except RecordError:
        return False
    return True
