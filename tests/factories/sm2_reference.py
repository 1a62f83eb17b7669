"""SM3 and SM2 once more, slowly and from the standards alone, to judge the product by: it shares no code and no library with it.

GB/T 32905 (SM3), GB/T 32918.2 (signatures). Affine points and big integers; not for secrets.
"""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[int, int] | None
_WORD = 0xFFFFFFFF


def _turn(word: int, by: int) -> int:
    by %= 32
    return (word << by | word >> (32 - by)) & _WORD


def sm3(message: bytes) -> bytes:
    """GB/T 32905 section 5."""
    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = message + b"\x80" + bytes(-(len(message) + 9) % 64) + (8 * len(message)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        state = [old ^ new for old, new in zip(state, _compress(state, padded[start : start + 64]), strict=True)]
    return b"".join(word.to_bytes(4, "big") for word in state)


def _compress(state: list[int], block: bytes) -> list[int]:
    w = [int.from_bytes(block[at : at + 4], "big") for at in range(0, 64, 4)]
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _turn(w[j - 3], 15)
        w.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        constant = 0x79CC4519 if j < 16 else 0x7A879D8A
        ss1 = _turn((_turn(a, 12) + e + _turn(constant, j)) & _WORD, 7)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
        tt1 = (ff + d + (ss1 ^ _turn(a, 12)) + (w[j] ^ w[j + 4])) & _WORD
        tt2 = (gg + h + ss1 + w[j]) & _WORD
        a, b, c, d = tt1, a, _turn(b, 9), c
        e, f, g, h = tt2 ^ _turn(tt2, 9) ^ _turn(tt2, 17), e, _turn(f, 19), g
    return [a, b, c, d, e, f, g, h]


@dataclass(frozen=True)
class Curve:
    p: int
    a: int
    b: int
    g: tuple[int, int]
    n: int

    def has(self, point: tuple[int, int]) -> bool:
        x, y = point
        return 0 <= x < self.p and 0 <= y < self.p and (y * y - x * x * x - self.a * x - self.b) % self.p == 0

    def add(self, left: Point, right: Point) -> Point:
        if left is None or right is None:
            return left or right
        (x1, y1), (x2, y2) = left, right
        if x1 == x2 and (y1 + y2) % self.p == 0:
            return None
        slope = (3 * x1 * x1 + self.a) * pow(2 * y1, -1, self.p) if left == right else (y2 - y1) * pow(x2 - x1, -1, self.p)
        x = (slope * slope - x1 - x2) % self.p
        return x, (slope * (x1 - x) - y1) % self.p

    def times(self, factor: int, point: Point) -> Point:
        total: Point = None
        while factor:
            if factor & 1:
                total = self.add(total, point)
            point, factor = self.add(point, point), factor >> 1
        return total

    def z(self, signer_id: bytes, public: tuple[int, int]) -> bytes:
        """Section 5.5: what binds the signer's name and key into the hash."""
        numbers = (self.a, self.b, *self.g, *public)
        return sm3((8 * len(signer_id)).to_bytes(2, "big") + signer_id + b"".join(number.to_bytes(32, "big") for number in numbers))

    def e(self, signer_id: bytes, public: tuple[int, int], message: bytes) -> int:
        return int.from_bytes(sm3(self.z(signer_id, public) + message), "big")

    def sign(self, private: int, e: int, nonce: int) -> tuple[int, int]:
        """Section 6 with a given nonce."""
        point = self.times(nonce, self.g)
        assert point is not None
        r = (e + point[0]) % self.n
        return r, pow(1 + private, -1, self.n) * (nonce - r * private) % self.n

    def verify(self, public: tuple[int, int], e: int, r: int, s: int) -> bool:
        """Section 7."""
        t = (r + s) % self.n
        if not (0 < r < self.n and 0 < s < self.n and t and self.has(public)):
            return False
        point = self.add(self.times(s, self.g), self.times(t, public))
        return point is not None and (e + point[0]) % self.n == r


SM2P256V1 = Curve(
    p=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF,
    a=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC,
    b=0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93,
    g=(
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    ),
    n=0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
)


def halves(pair: bytes) -> tuple[int, int]:
    """64 bytes as two numbers: a raw signature's (r, s), a point's (x, y)."""
    return int.from_bytes(pair[:32], "big"), int.from_bytes(pair[32:], "big")
