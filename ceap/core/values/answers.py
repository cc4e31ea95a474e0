"""Yes and no, as people and programs write them; the words by which somebody gives or withdraws consent."""

from __future__ import annotations

import unicodedata

from ceap.core.values.text import visible

TRUE = frozenset({"true", "yes", "y", "1", "t", "on"})
FALSE = frozenset({"false", "no", "n", "0", "f", "off"})
# Yes and no in English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Turkish, Indonesian, Swedish,
# Danish, Finnish, Czech, Hungarian, Romanian, Russian, Ukrainian, Greek, Arabic, Hebrew, Hindi, Thai, Vietnamese,
# Chinese, Japanese and Korean, without accents. A word that one language says yes and another no with is left out.
_YES = (
    "wahr ja oui vrai si sim verdadero verdadeiro vero waar tak prawda evet dogru ya iya benar igen kylla ano da да "
    "так ναι نعم כן हाँ हां हा ใช่ co vang có 是 对 はい 예 네 ✓ ✔ ☑"
)
_NO = (
    "nein falsch non faux não nao falso nee onwaar nie falsz hayir yanlis tidak nej nei ei ne nem nu нет ні όχι οχι لا "
    "לא नहीं ไม่ khong không 否 不 いいえ 아니요 아니오 ✗ ✘ ☐"
)
# What mailing tools, shops and people write in a column of consent.
_GIVEN = frozenset(
    {
        "subscribed", "subscribe", "opted in", "opt in", "optin", "opt-in", "opted-in", "active", "confirmed",
        "consented", "granted", "accepted", "accepts marketing", "accept", "agreed", "allowed", "double opt in",
        "single opt in", "abonniert", "angemeldet", "abonne", "inscrit", "suscrito", "inscrito", "iscritto",
        "berlangganan", "setuju", "подписан", "已订阅", "已訂閱", "同意", "구독", "購読中",
    }
)  # fmt: skip
_WITHDRAWN = frozenset(
    {
        "unsubscribed", "unsubscribe", "unsub", "opted out", "opt out", "optout", "opt-out", "opted-out", "cleaned",
        "bounced", "complained", "complaint", "spam", "non-subscribed", "nonsubscribed", "non subscribed",
        "not subscribed", "never subscribed", "removed", "declined", "denied", "refused", "rejected", "revoked",
        "withdrawn", "objected", "suppressed", "blocked", "blacklisted", "do not contact", "do not mail",
        "do not email", "do not disturb", "dnc", "stop", "stopped", "cancelled", "canceled", "inactive", "forbidden",
        "not consented", "no consent", "not opted in", "does not accept marketing", "abgemeldet", "abbestellt",
        "widerrufen", "abgelehnt", "gesperrt", "desabonne", "desinscrit", "refuse", "retire", "cancelado",
        "dado de baja", "baja", "desuscrito", "rechazado", "descadastrado", "cancelou", "recusado", "disiscritto",
        "cancellato", "rifiutato", "revocato", "afgemeld", "uitgeschreven", "geweigerd", "wypisany", "odmowa",
        "cofnieta", "abonelikten cikti", "reddedildi", "berhenti", "berhenti berlangganan", "menolak", "ditolak",
        "batal", "avregistrerad", "nekad", "odhlasen", "odmitnuto", "leiratkozott", "dezabonat", "отписан",
        "отписался", "отказ", "отказался", "відписаний", "відмова", "ملغى", "إلغاء الاشتراك", "رفض", "ยกเลิก",
        "huy", "huy dang ky", "tu choi", "退订", "已退订", "退訂", "取消订阅", "拒绝", "拒否", "配信停止", "解除",
        "구독 취소", "수신거부", "거부",
    }
)  # fmt: skip
UNCLEAR = "is not clearly yes or no; for consent give yes or no, or a word such as subscribed or unsubscribed"


def yes_or_no(text: str) -> bool:
    """Whether `text` says yes, in one of the languages above.

    Raises:
        ValueError: it says neither.
    """
    word = _bare(text)
    if word in TRUE or word in _FOLDED_YES:
        return True
    if word in FALSE or word in _FOLDED_NO:
        return False
    raise ValueError("is not yes or no")


def consents(text: str) -> bool:
    """Whether a cell of a column of consent gives it; words that withdraw it count as no.

    Raises:
        ValueError: it is not clear: "pending", "transactional only", "maybe", anything unknown.
    """
    word = _bare(text)
    if word in _FOLDED_GIVEN:
        return True
    if word in _FOLDED_WITHDRAWN:
        return False
    try:
        return yes_or_no(text)
    except ValueError:
        raise ValueError(UNCLEAR) from None


def _bare(text: str) -> str:
    """Without case, accents, underscores, surrounding quotes and full stop."""
    text = unicodedata.normalize("NFKD", visible(text).casefold())
    text = "".join(c for c in text if unicodedata.category(c) != "Mn" or not c < "\u0370")
    return " ".join(unicodedata.normalize("NFC", text).replace("_", " ").strip(" .!'\"“”").split())


_FOLDED_YES, _FOLDED_NO, _FOLDED_GIVEN, _FOLDED_WITHDRAWN = (
    frozenset(map(_bare, words)) for words in (_YES.split(), _NO.split(), _GIVEN, _WITHDRAWN)
)
