"""What one box understands; see Note [One box]."""

import pytest

from labs.catalogue.understanding import Reading, read, runs_of

NAMES = {
    "黄埔": ("district", "440112"),
    "黄埔区": ("district", "440112"),
    "huangpu": ("district", "440112"),
    "天河": ("district", "440106"),
    "拉伸": ("parameter", "拉伸"),
    "铅": ("parameter", "铅"),
    "力学性能测试仪器": ("category", "0201"),
    "mechanical testing": ("category", "0201"),
    "五山大学分析测试中心": ("lab", "LAB-TH-01"),
}


def measured(text: str) -> dict[str, str] | None:
    """The quantities of these cases."""
    known = {
        "50kN": ("force", "50", "kN"),
        "0.05 mm": ("length", "0.05", "mm"),
        "≥ 50 kN": ("force", "50", "kN"),
    }
    found = known.get(text)
    return dict(zip(("quantity", "value", "unit"), found, strict=True)) if found else None


def said(reading: Reading) -> tuple[list[tuple[str, ...]], str]:
    """The terms as (name, values...), and what is left."""
    return [(term.name, *(value for _, value in term.parameters)) for term in reading.terms], reading.rest


@pytest.mark.parametrize(
    ("text", "terms", "rest"),
    [
        (
            "GB/T 228.1 拉伸 50kN 黄埔",
            [
                ("standard", "GB/T 228.1"),
                ("parameter", "拉伸"),
                ("capability", "force", "50", "kN"),
                ("district", "440112"),
            ],
            "",
        ),
        ("gb/t228.1—2021", [("standard", "GB/T 228.1-2021")], ""),
        ("GBT228.1 拉力机", [("standard", "GB/T 228.1")], "拉力机"),
        ("黄埔 jjg 30-2012 卡尺", [("standard", "JJG 30-2012"), ("district", "440112")], "卡尺"),
        ("ISO 9001:2015", [("standard", "ISO 9001:2015")], ""),
        ("IEC 60068-2-6 振动", [("standard", "IEC 60068-2-6")], "振动"),
        ("QB/T 2262 UTM-100", [("standard", "QB/T 2262")], "UTM-100"),
        ("HG-50", [], "HG-50"),
        ("screen 50", [], "screen 50"),
        ("0.05 mm 卡尺", [("capability", "length", "0.05", "mm")], "卡尺"),
        ("≥ 50 kN", [("capability", "force", "50", "kN")], ""),
        ("50 只", [], "50 只"),
        ("universal mechanical testing machine", [], "universal mechanical testing machine"),
        ("Mechanical Testing 黄埔", [("category", "0201"), ("district", "440112")], ""),
        ("黄埔拉伸试验", [("district", "440112")], "拉伸试验"),
        ("拉伸试验黄埔区", [("district", "440112")], "拉伸试验"),
        ("黄埔、天河 校准", [("district", "440112"), ("district", "440106"), ("kind", "calibration")], ""),
        ("黄埔 黄埔区 huangpu", [("district", "440112")], ""),
        ("ＣＮＡＳ　铅", [("accreditation", "CNAS"), ("parameter", "铅")], ""),
        ("五山大学分析测试中心 电镜", [("lab", "LAB-TH-01")], "电镜"),
        ("卡尺", [], "卡尺"),
        ("", [], ""),
        ("% _ '", [], "% _ '"),
    ],
)
def test_a_query_is_told_apart(text: str, terms: list[tuple[str, ...]], rest: str) -> None:
    assert said(read(text, names=NAMES, measured=measured)) == (terms, rest)


@pytest.mark.parametrize("text", ["GB/T 228.1 拉伸 50kN 黄埔 卡尺", "黄埔拉伸试验", "拉伸试验黄埔区 HG-50"])
def test_reading_what_is_left_changes_nothing(text: str) -> None:
    rest = read(text, names=NAMES, measured=measured).rest

    assert said(read(rest, names=NAMES, measured=measured)) == ([], rest)


def test_runs_are_what_may_be_a_name() -> None:
    assert runs_of("GB/T 228.1 a b") == ["a", "a b", "b"]
