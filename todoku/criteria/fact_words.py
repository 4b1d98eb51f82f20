"""Pure. The facts of an application as the criteria sheet tells them (申請の事実)."""

from todoku.programme.fact_words import APPLICATION_FACTS

VALUE_WORDS = {
    "died": "死亡",
    "moved_out": "転出",
    "household_changed": "世帯の変更",
    "several": "二つ以上",
    "none": "なし",
    "one": "一つ",
    "missing_side": "必要な面が写っていない",
    "unclear": "不鮮明",
    "cut_off": "見切れ",
    "clear": "鮮明",
    "name": "氏名",
    "address": "住所",
    "birth_date": "生年月日",
    "opens": "受付開始日",
    "closes": "期限の日",
}


def in_words(key: str, value: str) -> str:
    """One fact as a reader sees it."""
    return f"{APPLICATION_FACTS.get(key, key)}：{day_in_words(value)}"


def day_in_words(value: str) -> str:
    """closes+3 as 期限の日の3日後; any other value by its word, where it has one."""
    if value.startswith(("closes+", "closes-", "opens+", "opens-")):
        day, sign, days = value.partition("+") if "+" in value else value.partition("-")
        return f"{VALUE_WORDS[day]}の{days}日{'後' if sign == '+' else '前'}"
    return VALUE_WORDS.get(value, value)
