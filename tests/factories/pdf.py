"""Reading a PDF that typst has made: its characters by the fonts' own tables, in the order in which they are set."""

import re
import zlib

OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.DOTALL)
STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
PLAIN = rb"(?:\\.|[^\\()])*"
NESTED = rb"(?:\\.|[^\\()]|\((?:\\.|[^\\()]|\(" + PLAIN + rb"\))*\))*"
"""Text in brackets: brackets within that balance need no backslash."""
SHOWN = re.compile(rb"/(f\d+) [\d.]+ Tf|\((" + NESTED + rb")\)|<([0-9A-Fa-f]+)>", re.DOTALL)
ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(content: bytes) -> str:
    """Return what a PDF says, all in one: where its lines break says nothing."""
    objects = {int(number): body for number, body in OBJECT.findall(content)}
    streams = {number: _inflated(body) for number, body in objects.items() if b"stream" in body}
    fonts = {}
    for body in objects.values():
        for name, number in re.findall(rb"/(f\d+) (\d+) 0 R", body):
            found = re.search(rb"/ToUnicode (\d+) 0 R", objects[int(number)])
            assert found is not None, "a font does not say what its characters are"
            fonts[name] = _table(streams[int(found.group(1))])
    return "".join(_shown(stream, fonts) for stream in streams.values() if b"BT" in stream and b"Tf" in stream)


def _inflated(body: bytes) -> bytes:
    found = STREAM.search(body)
    if found is None or b"FlateDecode" not in body:
        return b""
    return zlib.decompress(found.group(1))


def _table(stream: bytes) -> dict[int, str]:
    pairs = re.findall(rb"^<([0-9A-F]{4})> <([0-9A-F]+)>$", stream, re.MULTILINE)
    return {int(code, 16): bytes.fromhex(value.decode()).decode("utf-16-be") for code, value in pairs}


def _shown(stream: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    said, font = [], dict[int, str]()
    for name, literal, written in SHOWN.findall(stream):
        if name:
            font = fonts[name]
        elif literal or written:
            codes = bytes.fromhex(written.decode()) if written else ESCAPED.sub(_unescaped, literal)
            said += [font.get(int.from_bytes(codes[at : at + 2]), "?") for at in range(0, len(codes), 2)]
    return "".join(said)


def _unescaped(found: re.Match[bytes]) -> bytes:
    escaped = found.group(1)
    return bytes([int(escaped, 8)]) if escaped.isdigit() else NAMED.get(escaped, escaped)
