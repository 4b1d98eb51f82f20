"""The texts that `letters-parcel --example` writes: the terms of a mailing, a mailing list, a key to try it with.

A test makes a parcel of them as they are and opens it with the key.
"""

from datetime import date, timedelta
from pathlib import Path

import pyrage

from todoku.custody import files
from todoku.ground.step import Refusal

TERMS, LIST, KEY = "差出条件.toml", "宛名一覧.csv", "見本の秘密鍵.txt"
DAYS_AHEAD = 14  # from the example to its day of posting

TERMS_TEXT = """\
# 差出条件。「=」の右側を自分の差出のものに直します。# から右は説明で、読み飛ばされます。
label = "M00001"               # ロットの名。英大文字1字と数字5桁。紙面とファイルの名に入る
title = "見本市 給付金のお知らせ" # 印刷会社に見せる名
encoding = "utf-8-sig"         # 封入計画のCSV。機械に合わせて utf-8-sig か cp932

[letter]                       # 手紙の文言
programme = "見本給付金"
municipality = "見本市"
mayor = "見本市長"
office = "給付金事務局"
office_address = "〒000-0000 見本市中央1丁目1番1号"
phone = "0120-000-000"
hours = "平日 9時〜17時"
title = "{programme}のお知らせ"
paragraphs = [
  "{programme}の受付を始めます。申請の方法は、同封の案内をご覧ください。",
]

[enclose]                      # 封入
envelope = "naga3"             # naga3 長形3号（三つ折り）、kaku2 角形2号（折らない）
reply = true                   # 返信用封筒を入れるか。入れるなら下に [reply_permit]
duplex = false                 # 両面印刷か
leaflets = [{ name = "案内", grams = 5, thickness_mm = 0.2 }] # ほかに入れるもの
tray = 250                     # 1つのトレーの通数
bundle = 100                   # 1つの把束の通数
batch = 2000                   # 1つのPDFの通数
# sheet_grams = 4.0            # 用紙1枚の重さ（g）。量ったもの
# sheet_mm = 0.1               # 用紙1枚の厚さ（mm）

[printer]                      # 印刷会社
name = "見本印刷株式会社"
public_key = "{key}" # age の公開鍵。電話などで照らし合わせる

[posting]                      # 差出
on = {on}                # 差出日。郵便料金はこの日の表で見積もる
post_office = "見本中央局"     # 料金の表示に入る差出局
deferred = true                # true 料金後納、false 料金別納
sorts_by = ["district"]        # 区分して差し出すなら district 郵便区番号ごと、named 差出局の指定ごと
days = 3                       # 送達の余裕を承諾する日数。0、3、7
area_office = false            # 地域区分局に差し出すか

[sender]                       # 封筒に刷る差出人
address_lines = ["見本市中央1丁目1番1号"]
names = ["見本市", "給付金事務局"]
phone = "0120-000-000"
title = "給付金の大切なお知らせです"
lines = ["お早めに開けて、内容をお確かめください。"]

[reply_permit]                 # 料金受取人払の承認書のとおりに
approval_no = "12345"
post_office = "見本中央郵便局"
valid_from = {on}
valid_until = {until}
postal_code = "9808691"        # 返信先の郵便番号（私書箱など）
box_number = "215"             # 私書箱の番号
deferred = true

# [own_prices]                 # 差出局から知らされた料金。知らされたときだけ
# local_yen = [["standard", 50, 0]]  # 郵便区内特別郵便物: 大きさ、gまで、円
# local_districts = ["98086"]  # その郵便区番号
# reply_surcharge_yen = 0      # 料金受取人払の1通の手数料
"""

# A spreadsheet opens it as Japanese by its mark in front; the rows stand for nobody.
LIST_TEXT = """\
\ufeff管理番号,氏名,郵便番号,住所,方書
1,見本 太郎,100-0001,東京都千代田区千代田1-1,
2,見本 花子,060-0041,北海道札幌市中央区大通東1丁目2-3,見本荘101号
3,株式会社見本 御中,100-0005,東京都千代田区丸の内1丁目1番1号,見本ビル5F
"""


class CannotShow(Refusal):
    """The example cannot be written there; nothing was written over."""


def write_example(folder: Path, *, today: date) -> tuple[Path, Path, Path]:
    """Writes terms, list and key into a folder that is new or empty; raises CannotShow for any other one."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotShow(
            f"{folder} は空のフォルダーではありません。何も書き出していません。",
            remedy="新しいフォルダーの名前を --example で指定してください。",
        )
    secret = pyrage.x25519.Identity.generate()
    on = today + timedelta(days=DAYS_AHEAD)
    said = {"{key}": str(secret.to_public()), "{on}": f"{on}", "{until}": f"{on + timedelta(days=365)}"}
    terms = TERMS_TEXT
    for mark, value in said.items():
        terms = terms.replace(mark, value)
    key = f"# 見本の鍵。試すためだけに使う\n# public key: {secret.to_public()}\n{secret}\n"
    texts = {TERMS: terms, LIST: LIST_TEXT.replace("\n", "\r\n"), KEY: key}
    for name, text in texts.items():
        files.write_to(folder, name, text.encode())
    return folder / TERMS, folder / LIST, folder / KEY
