"""Which encoding a text is in, judged by its words: tables of names and places have too few letters for statistics of
whole languages, so each word is held against the alphabets that people write together."""

from __future__ import annotations

import codecs
import re

from ceap.core.sheets.contracts import BadFile

# What a person can choose, in the order in which equals are preferred; the label is what the page says.
CHOICES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8 (with a byte order mark)", "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 (little-endian)", "utf-16-be": "UTF-16 (big-endian)",
    "cp1252": "Western European (Windows-1252)", "cp1251": "Cyrillic (Windows-1251)",
    "cp1250": "Central European (Windows-1250)", "gb18030": "Simplified Chinese (GBK, GB 18030)",
    "cp932": "Japanese (Shift-JIS)", "big5": "Traditional Chinese (Big5)", "cp949": "Korean (EUC-KR)",
    "cp1254": "Turkish (Windows-1254)", "cp1253": "Greek (Windows-1253)", "cp1255": "Hebrew (Windows-1255)",
    "cp1256": "Arabic (Windows-1256)", "cp1257": "Baltic (Windows-1257)", "cp874": "Thai (Windows-874)",
    "koi8_r": "Cyrillic (KOI8-R)", "cp866": "Cyrillic (DOS 866)", "euc_jp": "Japanese (EUC-JP)",
    "mac_roman": "Western European (Macintosh)", "cp850": "Western European (DOS 850)",
}  # fmt: skip
LEGACY = tuple(name for name in CHOICES if not name.startswith("utf"))
# Letters beyond a to z that one language writes together, by the encodings it is written in.
ALPHABETS = {
    "cp1252 mac_roman cp850": "äöüß àâæçéèêëîïôœùûüÿ áéíïñóúü áâãàçéêíóôõúü àèéìíîòóùú åäöé æøåéö áðéíóúýþæö éëïöüèáó "
    "éèüöäç",
    "cp1250": "ąćęłńóśźż áčďéěíňóřšťúůýž áäčďéíĺľňóôŕšťúýž áéíóöőúüű ăâîşţ čćđšž äöüß",
    "cp1254": "çğıöşüâîûİ", "cp1257": "ąčęėįšųūž āčēģīķļņšūž äõöüšž",
    "cp1251 koi8_r cp866": "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "cp1251": "абвгґдеєжзиіїйклмнопрстуфхцчшщьюя абвгдђежзијклљмнњопрстћуфхцчџш абвгдеёжзійклмнопрстуўфхцчшыьэюя",
    "cp1253": "αβγδεζηθικλμνξοπρσςτυφχψωάέήίόύώϊϋ", "cp1255": "אבגדהוזחטיךכלםמןנסעףפץצקרשת",
    "cp1256": "ابتثجحخدذرزسشصضطظعغفقكلمنهويىةءأإآؤئپچژگ",
    "cp874": "".join(map(chr, (*range(0x0E01, 0x0E3B), *range(0x0E3F, 0x0E5C)))),
}  # fmt: skip
CASELESS = {"cp1255", "cp1256", "cp874"}
PUNCTUATION = set("–—‘’“”„…«»°©®™€£¥§·•ºª¿¡№、。・ー（）：，\u00a0\u3000")
FREQUENT = {
    "gb18030": "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任"
    "沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹"
    "孟熊秦江尹薛段雷侯龙史陶黎贺顾毛郝邵万钱严武戴莫孔汤伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂"
    "英华建国文志海红玉兰梅春雪飞鹏辉宇浩欣怡佳子轩涵"
    "北京上市省区县广州深圳天津重庆南东西中的一是在不了有和人这大为来我到出要以时地们生可会年多发后作"
    "里用道行所然家面姓名电话邮箱客户小晓婷俊",
    "big5": "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何林羅鄭梁謝宋唐許韓馮鄧曹彭曾蕭田董袁潘蔣蔡余杜葉程蘇魏呂丁任沈"
    "姚盧姜崔鍾譚陸汪范金石廖賈夏方白江"
    "文明志偉雅婷怡君家豪俊美玲淑芬惠玉秀英華大小台北市臺灣高雄新中國縣區路的一是在不了有和人這為來我"
    "到出要以時地們生可會年多姓名電話客戶",
    "cp949": "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민진지수영현은미경숙"
    "희연준호동철선재혜상원종태규기병용광해대인울시부산군도"
    "읍면리가나다라마바사아자에의를을는로과와합니있없름화번일객훈빈우율",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")


def _letters() -> dict[str, list[frozenset[str]]]:
    found: dict[str, list[frozenset[str]]] = {name: [] for name in LEGACY}
    for names, alphabets in ALPHABETS.items():
        for name in names.split():
            found[name] += [frozenset(a + a.upper()) for a in alphabets.split()]
    return found


def _common(encoding: str, first: int, last: int) -> frozenset[str]:
    pairs = (bytes((lead, trail)) for lead in range(first, last + 1) for trail in range(0x40, 0xFF))
    return frozenset(pair.decode(encoding, "ignore")[:1] for pair in pairs)


_HALF = frozenset(map(chr, range(0xFF66, 0xFFA0)))  # katakana of one byte, which hardly anybody writes any more
_KANA = frozenset(map(chr, range(0x3041, 0x30FF))) | _HALF
_VOWELS = frozenset("аеёиоуыэюяіїє")
_LETTERS = _letters()
_WIDE = {
    "gb18030": _common("gb2312", 0xB0, 0xD7),
    "big5": _common("big5", 0xA4, 0xC6),
    "cp949": _common("euc_kr", 0xB0, 0xC8),
    "cp932": _common("cp932", 0x88, 0x97) | _KANA, "euc_jp": _common("euc_jp", 0xB0, 0xCF) | _KANA,
}  # fmt: skip


def best(sample: bytes) -> str:
    """The legacy encoding in which the words of `sample` (lines that are no UTF-8) make most sense."""
    lines = [line for line in sample.splitlines() if not line.isascii()][:400]
    text = b"\n".join(lines)[:40_000]
    return max(LEGACY, key=lambda name: _score(text, name))  # the first of equals


def _score(text: bytes, encoding: str) -> float:
    decoded = text.decode(encoding, "replace")
    score: float = -4.0 * decoded.count("\ufffd")
    for word in _WORD.findall(decoded):
        if not word.isascii():
            score += _wide(word, encoding) if encoding in _WIDE else _narrow(word, encoding)
    strange = re.sub(r"[\w\x00-\x7f\ufffd]", "", decoded)
    return score - 2 * sum(c not in PUNCTUATION for c in strange)


def _narrow(word: str, encoding: str) -> float:
    """Of an alphabet: written together by one language, in lower case, Capitalised or (less often) UPPER CASE."""
    strange = {c for c in word if not c.isascii()}
    size = sum(not c.isascii() for c in word)
    alone = encoding in CASELESS or min(strange) > "\u0370"
    if not any(strange <= letters for letters in _LETTERS[encoding]) or (alone and size < len(word)):
        return -2.0 * size
    if len(word) == 1:
        return 0.5
    if encoding in CASELESS:
        return (0.78 if encoding == "cp874" else 0.87) * size
    if not (word.islower() or word.istitle() or word.isupper()):
        return -2.0 * size
    likely = 1.0 if word.istitle() else 0.85 if word.islower() else 0.86
    vowels = sum(c in _VOWELS for c in word.lower())
    if min(strange) > "\u0400" and len(word) > 2 and vowels * 4 < len(word):
        likely /= 2  # no Cyrillic word is nearly without vowels
    if min(strange) < "\u0250" and len(word) > 2 and size * 2 > len(word):
        likely /= 2  # Latin words are mostly letters of ASCII
    if strange & set("þðÞÐ"):
        likely /= 2  # Icelandic shares these places with Turkish, which more people write
    return likely * size


def _wide(word: str, encoding: str) -> float:
    """Of thousands of letters: the frequent ones count most; Japanese names are known by their kana or their bytes."""
    common, frequent = _WIDE[encoding], FREQUENT.get(encoding, "")
    score = 0.0
    if any(letter.isascii() for letter in word):
        return -2.0 * len(word)
    for letter in word:
        score += (
            2.2
            if letter in frequent
            else 0.3
            if letter in _HALF
            else 1.4
            if letter in _KANA
            else 1.2
            if letter in common
            else -3.0
        )
    return score


_WIDER = {"iso8859-1": "cp1252", "ascii": "utf-8", "gbk": "gb18030", "gb2312": "gb18030", "shift_jis": "cp932",
          "euc_kr": "cp949", "iso8859-9": "cp1254", "tis-620": "cp874", "iso8859-11": "cp874"}  # fmt: skip


def chosen(name: str) -> str:
    """The encoding that a person means by `name`: a key of `CHOICES`, or another name of it ("latin-1", "GBK").

    Raises:
        BadFile: it is none that files are read in.
    """
    if name in CHOICES:
        return name
    try:
        known = codecs.lookup(name.strip()).name
    except (LookupError, ValueError):
        known = ""
    for key in CHOICES:
        if known and codecs.lookup(key).name == _WIDER.get(known, known):
            return key
    if _WIDER.get(known) in CHOICES:
        return _WIDER[known]
    raise BadFile(f"“{name}” is no encoding that files are read in. Choose one of {', '.join(CHOICES)}.")


def utf8_faults(blocks: list[bytes]) -> tuple[int, int]:
    """How many characters beyond ASCII are UTF-8 in these blocks, and how many bytes are not."""
    decoder, good, bad = codecs.getincrementaldecoder("utf-8")("surrogateescape"), 0, 0
    for block in blocks:
        text = decoder.decode(block)
        wrong = len(re.findall("[\udc80-\udcff]", text))
        bad += wrong
        good += len(re.findall(r"[^\x00-\x7f]", text)) - wrong
    return good, bad
