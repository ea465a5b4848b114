"""Addresses as people write them: one spelling, segments, and whether one lies in another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collab.health.addresses import ADDRESS_MAX_CHARS, INSIDE, Level, match, normal, parse

P, C, D, S, N, R = Level.PROVINCE, Level.CITY, Level.DISTRICT, Level.STREET, Level.NEIGHBOURHOOD, Level.ROAD
LANE, NO, E, B, U, ROOM = Level.LANE, Level.NUMBER, Level.ESTATE, Level.BUILDING, Level.UNIT, Level.ROOM

WHOLE = "湖北省武汉市洪山区关东街道曙光社区关山大道1号光谷软件园A座2单元1201室"

EXAMPLES: list[tuple[str, dict[Level, str]]] = [
    (
        WHOLE,
        {P: "湖北", C: "武汉", D: "洪山", S: "关东", N: "曙光", R: "关山大道", NO: "1", E: "光谷软件园"}
        | {B: "a", U: "2", ROOM: "1201"},
    ),
    ("湖北武汉洪山区珞喻路１０３７號", {P: "湖北", C: "武汉", D: "洪山", R: "珞喻路", NO: "1037"}),
    (
        "上海市浦东新区张江镇祖冲之路2288弄3号楼二单元五〇一室",
        {P: "上海", C: "上海", D: "浦东", S: "张江", R: "祖冲之路", LANE: "2288", B: "3", U: "2", ROOM: "501"},
    ),
    ("北京市海淀区中关村大街27号", {P: "北京", C: "北京", D: "海淀", R: "中关村大街", NO: "27"}),
    ("武汉东湖新技术开发区光谷三路777号", {C: "武汉", D: "东湖新技术", R: "光谷3路", NO: "777"}),
    ("新疆维吾尔自治区乌鲁木齐市天山区解放北路", {P: "新疆", C: "乌鲁木齐", D: "天山", R: "解放北路"}),
    ("江苏省苏州市昆山市玉山镇", {P: "江苏", C: "苏州", D: "昆山", S: "玉山"}),
    ("洪山区 光谷坐标城 3-2-501", {D: "洪山", E: "光谷坐标城", B: "3", U: "2", ROOM: "501"}),
    ("光谷新世界小区十二号楼", {E: "光谷新世界", B: "12"}),
    ("光谷世界城三楼星巴克", {E: "光谷世界城"}),
    ("五一路12号", {R: "五一路", NO: "12"}),
    (
        "朝阳区建国门外大街1号国贸大厦A座2301",
        {D: "朝阳", R: "建国门外大街", NO: "1", E: "国贸大厦", B: "a", ROOM: "2301"},
    ),
    ("武汉市", {C: "武汉"}),
    ("", {}),
]


@pytest.mark.parametrize(("text", "expected"), EXAMPLES)
def test_an_address_is_cut_into_its_segments(text: str, expected: dict[Level, str]) -> None:
    assert dict(parse(text).segments) == expected


SAME = [
    ("3号楼201室", "三幢二〇一室"),
    ("光谷软件园A座", "光谷软件园ａ栋"),
    ("珞喻路１０３７号", "珞喻路1037號"),
    ("坐标城12#1801", "坐标城12栋1801室"),
    ("光谷一路 8 号", "光谷1路8号"),
    ("洪山区，关山大道（1号）", "洪山区关山大道1号"),
    ("一百零三号", "103号"),
    ("十号楼", "10栋"),
    ("3门501房", "3单元501室"),
    ("08号", "8号"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_ways_of_writing_the_same_are_one(one: str, other: str) -> None:
    assert normal(one) == normal(other)


# place, declared, matches?, sure?
PAIRS = [
    ("武汉市洪山区", "湖北省武汉市洪山区珞喻路1037号", True, True),
    ("武汉市洪山区", "湖北省武汉市武昌区珞喻路1037号", False, False),
    ("武汉市", "湖北武汉江岸区解放大道1号", True, True),
    ("洪山区关东街道", "武汉市洪山区关东街道曙光社区", True, True),
    ("洪山区关东街道", "武汉市洪山区狮子山街道", False, False),
    ("洪山区关东街道", "武汉市洪山区关山大道1号", False, False),  # the street is not named: nobody knows
    ("武汉市洪山区关东街道曙光社区", "关东街道曙光社区3栋", True, False),
    ("武汉市洪山区关山大道1号光谷软件园", "光谷软件园A座1201", True, False),
    ("武汉市洪山区关山大道1号光谷软件园", "武汉市洪山区光谷软件园 B 栋 3 楼", True, True),
    ("武汉市洪山区光谷软件园A栋", "武汉市洪山区光谷软件园Ａ座1201室", True, True),
    ("武汉市洪山区光谷软件园A栋", "武汉市洪山区光谷软件园B座1201室", False, False),
    ("武汉市洪山区光谷软件园A栋", "武汉市洪山区保利时代A栋1201", False, False),  # a building alone is no place
    ("武汉市洪山区光谷软件园A栋", "武汉市洪山区光谷软件园", False, False),  # wider than the place
    ("武汉市洪山区珞喻路1037号", "武汉市洪山区珞喻路一千零三十七号", True, True),
    ("武汉市洪山区珞喻路1037号", "武汉市洪山区关山大道1037号", False, False),
    ("武汉市洪山区珞喻路1037号", "武汉市洪山区珞喻路103号", False, False),
    ("上海市浦东新区祖冲之路2288弄3号楼", "浦东新区张江镇祖冲之路2288弄三幢501", True, True),
    ("上海市浦东新区祖冲之路2288弄3号楼", "浦东新区祖冲之路2290弄3号楼", False, False),
    ("上海市解放路12号", "湖北省武汉市解放路12号", False, False),
    ("光谷世界城", "武汉光谷世界城三楼星巴克", True, True),
    ("光谷坐标城3栋2单元", "洪山区光谷坐标城 3-2-501", True, True),
    ("光谷坐标城3栋2单元", "洪山区光谷坐标城 3-1-501", False, False),
    ("光谷坐标城3栋2单元", "洪山区光谷坐标城2单元", False, False),
]


@pytest.mark.parametrize(("place", "declared", "lies", "sure"), PAIRS)
def test_whether_an_address_lies_in_a_place(place: str, declared: str, lies: bool, sure: bool) -> None:
    found = match(parse(place), parse(declared))
    assert (found is not None) is lies
    if found is not None:
        assert found.sure is sure


def test_the_words_that_matched_are_told() -> None:
    found = match(parse("武汉市洪山区光谷软件园A栋"), parse(WHOLE))
    assert found is not None
    assert found.words == ("武汉", "洪山", "光谷软件园", "a")


DIGITS = "〇一二三四五六七八九"
districts = st.sampled_from(["洪山区", "武昌区", "浦东新区", "天河区", "东湖新技术开发区"])
streets = st.sampled_from(["", "关东街道", "狮子山街道", "流芳街道", "九峰镇"])
communities = st.sampled_from(["", "曙光社区", "长江社区", "南湖社区"])
roads = st.sampled_from(["珞喻路", "关山大道", "光谷三路", "高新大道", "雄楚大街"])
estates = st.sampled_from(["光谷软件园", "保利时代", "金地花园", "万科城市花园小区"])
small = st.integers(1, 39)
parts = st.tuples(
    districts, streets, communities, roads, st.integers(1, 1999), estates, small, small, st.integers(101, 999)
)


def written(one: tuple[str, str, str, str, int, str, int, int, int], style: int) -> list[str]:
    """The segments of an address, in one of the ways in which people write them."""
    district, street, community, road, number, estate, building, unit, room = one
    words = ["栋", "幢", "座", "号楼"]
    spoken = "".join(DIGITS[int(digit)] for digit in str(room))
    return [
        "武汉市" if style % 2 else "湖北省武汉市",
        district,
        street,
        community,
        road,
        f"{number}号",
        estate,
        f"{building}{words[style % 4]}",
        f"{unit}单元",
        f"{spoken}室" if style % 3 == 0 else f"{room}室",
    ]


@given(parts, st.integers(0, 11), st.integers(0, 11), st.integers(0, 1), st.integers(2, 10))
def test_an_address_lies_in_every_place_that_is_its_beginning(
    one: tuple[str, str, str, str, int, str, int, int, int], style: int, other: int, wide: int, length: int
) -> None:
    place, declared = "".join(written(one, style)[:length]), "".join(written(one, other))
    full = "".join(
        chr(ord(letter) + 0xFEE0) if letter.isdigit() and letter.isascii() else letter for letter in declared
    )
    found = match(parse(place), parse(full if wide else declared))
    assert found is not None
    assert found.sure


@given(parts, parts, st.integers(0, 11), st.integers(1, 10))
def test_another_number_or_name_is_another_place(
    one: tuple[str, str, str, str, int, str, int, int, int],
    other: tuple[str, str, str, str, int, str, int, int, int],
    style: int,
    length: int,
) -> None:
    place, declared = written(one, style)[:length], written(other, style)
    differ = any(here and there and here != there for here, there in zip(place, declared, strict=False))
    missing = bool(place[-1]) and not declared[len(place) - 1]
    found = match(parse("".join(place)), parse("".join(declared)))
    if differ or missing:
        assert found is None


@given(st.text(max_size=600))
def test_whatever_is_written_is_read_and_lies_in_itself_or_nowhere(text: str) -> None:
    address = parse(text)
    if len(address.text) <= ADDRESS_MAX_CHARS:
        assert normal(address.text) == address.text
    levels = [level for level, _ in address.segments]
    assert levels == sorted(set(levels))
    if address.deepest is not None and address.deepest not in (*INSIDE, Level.LANE, Level.NUMBER):
        assert match(address, address) is not None


@given(st.text(alphabet="省市区县街道路弄号楼单元室栋幢座一二十百〇零12ab-#武汉洪山", max_size=60))
def test_heaps_of_words_are_read_too(text: str) -> None:
    address = parse(text)
    assert normal(address.text) == address.text
    match(address, parse(text[: len(text) // 2]))
