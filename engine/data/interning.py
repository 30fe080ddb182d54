"""Texts to numbers: a hash table over bytes, each different text once, numbered as they first appear.

Texts up to 15 bytes are their own keys (two machine words); longer ones are compared byte by byte, so two texts are
never taken for one because their hashes agree.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.data.texts import Texts
from engine.graph.compiled import compiled
from engine.graph.wide import fetch_ahead, load8

_SHORT = 15  # bytes of a text that fits into its key
_LONG = 255
_LOAD = 0.6
_AHEAD = 32  # texts; a power of two
_LENGTH_BITS = 18  # of a long text's place in the arena
_MIX = 0x9E3779B97F4A7C15
_STIR = 0xD6E8FEB86659FD93
Codes = npt.NDArray[np.int32]


class Interner:
    """A growing list of different texts, and where each is in it.

    Args: expected: how many different texts there will be, about; it grows when there are more.
    """

    def __init__(self, expected: int = 1 << 15) -> None:
        self.count = 0
        capacity = 1 << max(10, int(expected / _LOAD).bit_length())
        self._slots = np.zeros(capacity, np.uint64)
        self._keys = np.empty(2 * max(1024, expected), np.uint64)
        self._places = np.empty(max(1024, expected), np.int64)
        self._arena = np.empty(1 << 12, np.uint8)
        self._state = np.zeros(2, np.int64)

    def add_cells(
        self,
        data: npt.NDArray[np.uint8],
        starts: npt.NDArray[np.integer],
        ends: npt.NDArray[np.integer],
        codes: Codes,
        *,
        empty: int = -1,
    ) -> None:
        """Number texts that lie in an array of bytes, new ones behind those there are.

        Args: data: uint8, 16 bytes longer than the last text. starts, ends: [M], where each text lies.
            codes: int32 [M], filled; an empty text is `empty`, or a text like others when that is -2.
        """
        done = 0
        while done < len(starts):
            done = _intern(
                data, starts, ends, codes, done, empty,
                self._slots, self._keys, self._places, self._arena, self._state, True,
            )  # fmt: skip
            self.count = int(self._state[0])
            if done < len(starts):
                self._grow(int(ends[done] - starts[done]))

    def add(self, texts: Texts) -> Codes:
        """Return the number of each text, int32 [M]; an empty text is one like others."""
        codes = np.empty(len(texts), np.int32)
        self.add_cells(texts.data, texts.offsets[:-1], texts.offsets[1:], codes, empty=-2)
        return codes

    def find(self, texts: Texts) -> Codes:
        """Return the number of each text, -1 for those that are not in the list: int32 [M]."""
        codes = np.empty(len(texts), np.int32)
        _intern(
            texts.data, texts.offsets[:-1], texts.offsets[1:], codes, 0, -2,
            self._slots, self._keys, self._places, self._arena, self._state, False,
        )  # fmt: skip
        return codes

    def texts(self) -> Texts:
        """Return the different texts in their order."""
        offsets = np.zeros(self.count + 1, np.int64)
        _lengths(self._keys, self._places, self.count, offsets)
        data = np.zeros(int(offsets[-1]) + Texts.PADDING, np.uint8)
        _copy_out(self._keys, self._places, self._arena, self.count, offsets, data)
        return Texts(data, offsets)

    def _grow(self, length: int) -> None:
        """Make room for more texts, one of which has that many bytes."""
        used = int(self._state[1])
        if used + length + 16 > len(self._arena):
            self._arena = _longer(self._arena, 2 * (used + length + 16))
        if self.count == len(self._places):
            self._keys = _longer(self._keys, 4 * self.count)
            self._places = _longer(self._places, 2 * self.count)
        if self.count >= int(_LOAD * len(self._slots)):
            slots = np.zeros((4 if len(self._slots) < 1 << 20 else 2) * len(self._slots), np.uint64)
            del self._slots
            _place_anew(self._keys, self.count, slots)
            self._slots = slots


def _longer(array: np.ndarray, size: int) -> np.ndarray:
    # A new one: what is lengthened in place stays on small pages, and finding an address costs more than the cell.
    longer = np.empty(size, array.dtype)
    longer[: len(array)] = array
    return longer


@compiled
def _hash(low, high):  # type: ignore[no-untyped-def]  # numba infers types
    h = (low ^ (high * np.uint64(_STIR))) * np.uint64(_MIX)
    h ^= h >> np.uint64(32)
    h *= np.uint64(_STIR)
    return h ^ (h >> np.uint64(29))


@compiled
def _low_of_long(data, start, length):  # type: ignore[no-untyped-def]  # numba infers types
    h = np.uint64(length) * np.uint64(_MIX)
    k = 0
    while k + 8 <= length:
        h = (h ^ load8(data, start + k)) * np.uint64(_MIX)
        h ^= h >> np.uint64(31)
        k += 8
    while k < length:
        h = (h ^ np.uint64(data[start + k])) * np.uint64(_MIX)
        k += 1
    return h ^ (h >> np.uint64(33))


@compiled
def _is_same(data, start, length, arena, place):  # type: ignore[no-untyped-def]  # numba infers types
    if place & ((1 << _LENGTH_BITS) - 1) != length:
        return False
    at = place >> _LENGTH_BITS
    same = 0
    while same < length and data[start + same] == arena[at + same]:
        same += 1
    return same == length


@compiled
def _intern(data, starts, ends, codes, first, empty, slots, keys, places, arena, state, is_adding):  # type: ignore[no-untyped-def]  # numba infers types # noqa: C901 - one loop
    """Number texts from `first` on; return the first one for which there was no room."""
    count, used = state[0], state[1]
    mask = np.uint64(len(slots) - 1)
    most = min(int(_LOAD * len(slots)), len(places))
    one = np.uint64(1)
    lows, highs, hashes = np.empty(_AHEAD, np.uint64), np.empty(_AHEAD, np.uint64), np.empty(_AHEAD, np.uint64)
    size = len(starts)
    low_word = np.uint64(0xFFFFFFFF)
    for i in range(first, size + _AHEAD):
        # A text is packed and its slot asked for; half a round later its key is; at the end of the round it is found.
        if i - _AHEAD >= first:
            turn = i & (_AHEAD - 1)
            text = i - _AHEAD
            low, high, h = lows[turn], highs[turn], hashes[turn]
            start = np.int64(starts[text])
            length = np.int64(ends[text]) - start
            if length == 0 and empty != -2:
                codes[text] = empty
            else:
                tag = h >> np.uint64(32)
                slot = h & mask
                code = np.int64(-1)
                while True:
                    entry = slots[slot]
                    if entry == 0:
                        break
                    if (entry >> np.uint64(32)) == tag:
                        known = np.int64((entry & low_word) - one)
                        is_same = keys[2 * known] == low and keys[2 * known + 1] == high
                        if is_same and (length <= _SHORT or _is_same(data, start, length, arena, places[known])):
                            code = known
                            break
                    slot = (slot + one) & mask
                if code < 0 and is_adding:
                    if count >= most or (length > _SHORT and used + length > len(arena)):
                        state[0], state[1] = count, used
                        return text
                    code = count
                    slots[slot] = (tag << np.uint64(32)) | np.uint64(code + 1)
                    keys[2 * code], keys[2 * code + 1] = low, high
                    if length > _SHORT:
                        for k in range(length):
                            arena[used + k] = data[start + k]
                        places[code] = (used << _LENGTH_BITS) | length
                        used += length
                    count += 1
                codes[text] = code
        if i < size:
            turn = i & (_AHEAD - 1)
            start = np.int64(starts[i])
            length = np.int64(ends[i]) - start
            if length <= _SHORT:
                low, high = load8(data, start), load8(data, start + 8)
                if length < 8:
                    low &= (one << np.uint64(8 * length)) - one
                    high = np.uint64(0)
                else:
                    high &= (one << np.uint64(8 * (length - 8))) - one
                high |= np.uint64(length) << np.uint64(56)
            else:
                low = _low_of_long(data, start, length)
                high = np.uint64(_LONG) << np.uint64(56)
            h = _hash(low, high)
            lows[turn], highs[turn], hashes[turn] = low, high, h
            fetch_ahead(slots, np.int64(h & mask))
        middle = i - _AHEAD // 2
        if middle >= first and middle < size:
            entry = slots[hashes[middle & (_AHEAD - 1)] & mask]
            if entry != 0:
                fetch_ahead(keys, 2 * np.int64((entry & low_word) - one))
    state[0], state[1] = count, used
    return size


@compiled
def _place_anew(keys, count, slots):  # type: ignore[no-untyped-def]  # numba infers types
    mask = np.uint64(len(slots) - 1)
    for first in range(0, count, 64):
        last = min(first + 64, count)
        for code in range(first, last):
            fetch_ahead(slots, np.int64(_hash(keys[2 * code], keys[2 * code + 1]) & mask))
        for code in range(first, last):
            h = _hash(keys[2 * code], keys[2 * code + 1])
            slot = h & mask
            while slots[slot] != 0:
                slot = (slot + np.uint64(1)) & mask
            slots[slot] = ((h >> np.uint64(32)) << np.uint64(32)) | np.uint64(code + 1)


@compiled
def _lengths(keys, places, count, offsets):  # type: ignore[no-untyped-def]  # numba infers types
    for code in range(count):
        length = np.int64(keys[2 * code + 1] >> np.uint64(56))
        if length == _LONG:
            length = places[code] & ((1 << _LENGTH_BITS) - 1)
        offsets[code + 1] = offsets[code] + length


@compiled
def _copy_out(keys, places, arena, count, offsets, data):  # type: ignore[no-untyped-def]  # numba infers types
    for code in range(count):
        at = offsets[code]
        length = offsets[code + 1] - at
        if length > _SHORT:
            begin = places[code] >> _LENGTH_BITS
            for k in range(length):
                data[at + k] = arena[begin + k]
        else:
            word = keys[2 * code]
            for k in range(length):
                if k == 8:
                    word = keys[2 * code + 1]
                data[at + k] = np.uint8(word & np.uint64(255))
                word >>= np.uint64(8)


@compiled
def first_rows(codes, firsts):  # type: ignore[no-untyped-def]  # numba infers types
    """Fill in the row of each number's first cell; numbers come in their order."""
    wanted = 0
    row = 0
    while wanted < len(firsts):
        if codes[row] == wanted:
            firsts[wanted] = row
            wanted += 1
        row += 1


@compiled
def number_in_row_order(left_rows, right_rows, left, right, anew, count, origin):  # type: ignore[no-untyped-def]  # numba infers types
    """Number texts as their rows come, the left column before the right one in each; return how many there are then.

    Args: left_rows, right_rows: where each text of a column comes first, ascending. left: int32, place of each text in
        a table, changed to its number. right: the same, -1 for a text that is not in the table. anew: int32, number of
        each place in the table, -1 without one, filled. count: numbers that are taken. origin: int32, filled: for each
        new number the place of its text among the left texts, or behind them among the right ones.
    """
    a, b, first = 0, 0, count
    while a < len(left) or b < len(right):
        if b == len(right) or (a < len(left) and left_rows[a] <= right_rows[b]):
            if anew[left[a]] < 0:
                anew[left[a]] = count
                origin[count - first] = a
                count += 1
            left[a] = anew[left[a]]
            a += 1
        else:
            place = right[b]
            if place >= 0 and anew[place] >= 0:
                right[b] = anew[place]
            else:
                if place >= 0:
                    anew[place] = count
                right[b] = count
                origin[count - first] = len(left) + b
                count += 1
            b += 1
    return count


def chosen_texts(left: Texts, right: Texts, places: Codes) -> Texts:
    """Return texts of two lists. Args: places: int32, among the left ones, or behind them among the right ones."""
    offsets = np.zeros(len(places) + 1, np.int64)
    _add_lengths(left.offsets, right.offsets, places, offsets)
    data = np.zeros(int(offsets[-1]) + Texts.PADDING, np.uint8)
    _copy_chosen(left.data, left.offsets, right.data, right.offsets, places, offsets, data)
    return Texts(data, offsets)


@compiled
def _add_lengths(left, right, places, offsets):  # type: ignore[no-untyped-def]  # numba infers types
    size = len(left) - 1
    for number in range(len(places)):
        place = places[number]
        length = left[place + 1] - left[place] if place < size else right[place - size + 1] - right[place - size]
        offsets[number + 1] = offsets[number] + length


@compiled
def _copy_chosen(left, left_offsets, right, right_offsets, places, offsets, data):  # type: ignore[no-untyped-def]  # numba infers types
    size = len(left_offsets) - 1
    for number in range(len(places)):
        place, at = places[number], offsets[number]
        if place < size:
            begin = left_offsets[place]
            for k in range(offsets[number + 1] - at):
                data[at + k] = left[begin + k]
        else:
            begin = right_offsets[place - size]
            for k in range(offsets[number + 1] - at):
                data[at + k] = right[begin + k]


@compiled
def look_up(table, codes, out):  # type: ignore[no-untyped-def]  # numba infers types
    """Fill out with table[codes]; the codes are those of a column without empty cells."""
    size = len(codes)
    for place in range(size):
        if place + _AHEAD < size:
            fetch_ahead(table, np.int64(codes[place + _AHEAD]))
        out[place] = table[codes[place]]
