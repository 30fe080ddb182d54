"""Compiled code that looks at texts of ASCII; what it is not sure of, it says so and leaves to Python."""

from __future__ import annotations

import numpy as np

from engine.graph.compiled import compiled

# As in `engine.data.judging`, which this module does not import: numba compiles the numbers in.
_NUMBER, _INTEGER, _PADDED, _MISSING, _BLANKS, _NEGATIVE, _UNSURE = 1, 2, 4, 8, 16, 32, 64
# A whole number of at most 15 digits and a power of ten up to 22 are exact, so their product is rounded only once.
_MOST_DIGITS = 15
_MOST_POWER = 22
_POWERS = np.array([10.0**power for power in range(_MOST_POWER + 1)])


@compiled
def _is_blank(byte):  # type: ignore[no-untyped-def]  # numba infers types
    # What Python's strip takes away.
    return byte == 32 or (byte >= 9 and byte <= 13) or (byte >= 28 and byte <= 31)


@compiled
def judge_ascii(data, offsets, mark, missing, flags, numbers):  # type: ignore[no-untyped-def]  # numba infers types # noqa: C901 - one loop
    """Fill flags and numbers of texts; those that need Python are flagged as unsure.

    Args: data, offsets: the texts. mark: byte of the decimal mark. missing: words for "not known", packed.
    """
    for text in range(len(offsets) - 1):
        begin, end = offsets[text], offsets[text + 1]
        is_ascii = True
        for at in range(begin, end):
            if data[at] >= 128:
                is_ascii = False
                break
        if not is_ascii:
            flags[text] = _UNSURE
            continue
        first, last = begin, end
        while first < last and _is_blank(data[first]):
            first += 1
        while last > first and _is_blank(data[last - 1]):
            last -= 1
        found = _BLANKS if first != begin or last != end else 0
        found |= _word_flags(data, first, last, missing)
        at = first
        if at < last and (data[at] == 43 or data[at] == 45):
            at += 1
        # Digits, a mark and digits, an exponent.
        mantissa = np.int64(0)
        digits = 0  # that count: without zeros in front
        whole = 0
        while at < last and data[at] >= 48 and data[at] <= 57:
            if digits > 0 or data[at] != 48:
                digits += 1
                if digits <= _MOST_DIGITS:
                    mantissa = mantissa * 10 + (data[at] - 48)
            whole += 1
            at += 1
        if whole > 0:
            found |= _integer_flags(data, first, at, last)
        behind = 0
        if at < last and data[at] == mark:
            at += 1
            while at < last and data[at] >= 48 and data[at] <= 57:
                if digits > 0 or data[at] != 48:
                    digits += 1
                    if digits <= _MOST_DIGITS:
                        mantissa = mantissa * 10 + (data[at] - 48)
                behind += 1
                at += 1
        if whole + behind == 0:
            flags[text] = found
            continue
        power = 0
        is_number = True
        if at < last and (data[at] == 101 or data[at] == 69):
            at += 1
            sign = 1
            if at < last and (data[at] == 43 or data[at] == 45):
                sign = -1 if data[at] == 45 else 1
                at += 1
            is_number = at < last
            while at < last and data[at] >= 48 and data[at] <= 57:
                power = min(power * 10 + (data[at] - 48), 100_000)
                at += 1
            power *= sign
        if is_number and at == last:
            power -= behind
            if digits > _MOST_DIGITS or power > _MOST_POWER or power < -_MOST_POWER:
                found = _UNSURE
            else:
                value = float(mantissa)
                value = value * _POWERS[power] if power >= 0 else value / _POWERS[-power]
                numbers[text] = -value if data[first] == 45 else value
                found |= _NUMBER
        flags[text] = found


@compiled
def _word_flags(data, first, last, missing):  # type: ignore[no-untyped-def]  # numba infers types
    length = last - first
    if length == 0:
        return _MISSING
    found = _NEGATIVE if data[first] == 45 and length > 1 else 0
    if length <= 8:
        packed = np.uint64(0)
        for k in range(length):
            letter = np.uint64(data[first + k])
            if letter >= 65 and letter <= 90:
                letter += np.uint64(32)
            packed |= letter << np.uint64(8 * k)
        for word in missing:
            if word == packed:
                found |= _MISSING
    return found


@compiled
def _integer_flags(data, first, at, last):  # type: ignore[no-untyped-def]  # numba infers types
    """Return the flags of a text whose digits, from a sign on, reach to `at`."""
    if at == last:
        is_padded = data[first] == 48 and last - first > 1
        return _INTEGER | (_PADDED if is_padded else 0)
    if data[at] != 46 or at + 1 == last:
        return 0
    for place in range(at + 1, last):
        if data[place] != 48:
            return 0
    return _INTEGER


@compiled
def plainest_ascii(data, offsets, out, out_offsets, is_other):  # type: ignore[no-untyped-def]  # numba infers types
    """Write each text without case, blanks, and zeros around a number; mark those that are not ASCII, written empty."""
    used = 0
    for text in range(len(offsets) - 1):
        begin = used
        for at in range(offsets[text], offsets[text + 1]):
            byte = data[at]
            if byte >= 128:
                is_other[text] = True
                used = begin
                break
            if not _is_blank(byte):
                out[used] = byte + 32 if byte >= 65 and byte <= 90 else byte
                used += 1
        if used > begin and (out[used - 1] == 48 or out[begin] == 48):
            used = _trim_zeros(out, begin, used)
        out_offsets[text + 1] = used


@compiled
def _trim_zeros(out, begin, end):  # type: ignore[no-untyped-def]  # numba infers types
    """Take the zeros away that 007 and 7.0 have more than 7, where the text is such a number; return its end."""
    at = begin
    while at < end and out[at] >= 48 and out[at] <= 57:
        at += 1
    whole = at
    if whole == begin:
        return end
    if at < end:
        if out[at] != 46 or at + 1 == end:
            return end
        for place in range(at + 1, end):
            if out[place] != 48:
                return end
    first = begin
    while first < whole - 1 and out[first] == 48:
        first += 1
    for place in range(first, whole):
        out[begin + place - first] = out[place]
    return begin + whole - first
