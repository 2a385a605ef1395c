"""Takes a good message and breaks it in random places."""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_WHOLE = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_REAL = [math.nan, math.inf, -math.inf, 0.0, -1.0, 1e-9, 1e300]
_TEXT = ["", "nowhere", "x" * 300, "a\nb", "\N{ZERO WIDTH SPACE}", "default"]


def mutate(message: Message, random: Random, count: int) -> None:
    """Break a message in ``count`` places."""
    for _ in range(count):
        _break(random.choice(list(_nodes(message))), random)


def _nodes(message: Message) -> Iterator[Message]:
    """Yield a message and all messages in it."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if not field.is_repeated:
            yield from _nodes(value)
        elif field.message_type.GetOptions().map_entry:
            if field.message_type.fields_by_name["value"].message_type is not None:
                for entry in value.values():
                    yield from _nodes(entry)
        else:
            for item in value:
                yield from _nodes(item)


def _break(message: Message, random: Random) -> None:
    """Clear, double or change one field."""
    field = random.choice(message.DESCRIPTOR.fields) if message.DESCRIPTOR.fields else None
    if field is None:
        return
    kind = field.message_type
    if random.random() < 0.2:
        message.ClearField(field.name)
    elif field.is_repeated and kind is not None and kind.GetOptions().map_entry:
        _break_map(getattr(message, field.name), kind.fields_by_name["value"], random)
    elif field.is_repeated:
        _break_list(getattr(message, field.name), field, random)
    elif kind is not None:
        getattr(message, field.name).SetInParent()
    else:
        setattr(message, field.name, _odd(field, random))


def _break_map(entries: Any, value: FieldDescriptor, random: Random) -> None:
    key = random.choice([*entries, *_TEXT])
    if value.message_type is None:
        entries[key] = _odd(value, random)
    else:
        entries[key].SetInParent()


def _break_list(values: Any, field: FieldDescriptor, random: Random) -> None:
    if len(values) and random.random() < 0.5:
        del values[random.randrange(len(values))]
    elif field.message_type is None:
        values.append(_odd(field, random))
    elif len(values):
        values.append(random.choice(list(values)))
    else:
        values.add()


def _odd(field: FieldDescriptor, random: Random) -> Any:
    """Return a value of a field's type that few expect."""
    kind = field.cpp_type
    if kind in _WHOLE:
        least, most = _WHOLE[kind]
        small = [0, 1, 7, 3600, 999_999_999]
        return random.choice([least, most, max(least, -1), min(most, 2**53), *small])
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return random.random() < 0.5
    if kind == FieldDescriptor.CPPTYPE_ENUM:
        return random.randrange(len(field.enum_type.values) + 2)
    if kind in (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT):
        return random.choice(_REAL)
    text = random.choice(_TEXT)
    return text.encode() if field.type == FieldDescriptor.TYPE_BYTES else text
