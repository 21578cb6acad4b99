"""The GSM 7 bit alphabet and its shift tables (3GPP TS 23.038 §6.2.1, §6.2.1.1 and annex A.2.1).

The tables are our own because the published `gsm0338` codec lacks the Turkish one, takes the escape code for
a character. It is the independent witness in the tests.
"""

ESCAPE = "\x1b"
"""The code that announces a shifted character. It is no character itself."""

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ" + ESCAPE + "ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The default alphabet: the character at index *i* has the code *i*."""

EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
"""What may follow an escape without any announcement."""

TURKISH_SHIFT = EXTENSION | {
    "Ğ": 0x47,
    "İ": 0x49,
    "Ş": 0x53,
    "ç": 0x63,
    "ğ": 0x67,
    "\N{LATIN SMALL LETTER DOTLESS I}": 0x69,
    "ş": 0x73,
}
"""What may follow an escape in a message that announces the Turkish single shift table."""
