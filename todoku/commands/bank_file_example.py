"""The texts that `bank-file --example` writes: who pays, the bank's profile, a payment list, each ready to be put right.

The manual shows the same two settings; a test holds both to it, and makes a verified bank file of them.
"""

from pathlib import Path

from todoku.custody import files
from todoku.ground.step import Refusal

PAYER, BANK, LIST = "支払元.toml", "金融機関.toml", "支払一覧.csv"

PAYER_TEXT = """\
# 支払元の設定。「=」の右側を自分の自治体のものに直します。# から右は説明で、読み飛ばされます。
municipality = "141003"        # 全国地方公共団体コード。検査数字を含む6桁
programme = "kyufu-2026"       # 事業の略称。英小文字・数字・-

[payer]                        # 振込を依頼する口座。金融機関との契約書のとおりに
requester_code = "0000001234"  # 振込依頼人コード。金融機関から知らされた10桁
requester_kana = "ミホンシ　カイケイカンリシャ" # 通帳に出る依頼人名。届け出たカナで
bank = "0138"                  # 支払元の金融機関コード。4桁
branch = "200"                 # 支店コード。3桁
account_kind = 1               # 預金種目。1 普通、2 当座、9 その他
account_number = "7654321"     # 口座番号。前の0も含めて7桁

[books]                        # 書かなくてもかまいません
# fiscal_year = 2026           # 会計年度。書かなければ振込指定日の年度
budget_item = "3-1-1 給付金"   # 科目
payment_order = "第45号"       # 支出命令番号
"""

BANK_TEXT = """\
# 金融機関の設定。指定金融機関との契約書や、総合振込の説明書のとおりに直します。
name = "minato"                # この設定の名前。英小文字・数字・_
base = "standard"              # 書かない項目を、どの設定と同じにするか
eol = "crlf"                   # 行の終わり。crlf 改行あり、none 改行なし
eof = false                    # ファイルの終わりの印（1A）。true 付ける、false 付けない
clearing_house = "0000"        # 手形交換所番号。0000、または spaces 空白
transfer_category = "7"        # 振込指定区分。7、0、または space 空白
new_code = "0"                 # 新規コード。0、1、2
names = "filled"               # 銀行名・支店名のカナ。filled 書く、blank 空白
wo = "オ"                      # 名義の「ヲ」。オ に直す、ヲ のまま
customer_code = "N"            # 顧客コード。N 数字、C 文字
max_records = 50000            # 1つのファイルの件数の上限。超えると複数に分かれます
lead_days = 3                  # 受付は振込指定日の何営業日前までか
cut_off = "12:00"              # その日の何時までか
"""

# A spreadsheet opens it as Japanese by its mark in front; the rows stand for nobody.
LIST_TEXT = """\
\ufeff管理番号,口座名義カナ,銀行コード,支店コード,預金種目,口座番号,ゆうちょ記号,ゆうちょ番号,金額,同一口座の確認
1,ミホン　タロウ,0138,200,普通,0012345,,,100000,
2,ミホン　ハナコ,0001,001,普通,7654321,,,100000,
3,ミホン　ジロウ,,,,,14030,12345671,30000,
"""


class CannotShow(Refusal):
    """The example cannot be written there; nothing was written over."""


def write_example(folder: Path) -> list[Path]:
    """Writes the three files into a folder that is new or empty; raises CannotShow for any other one."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotShow(
            f"{folder} は空のフォルダーではありません。何も書き出していません。",
            remedy="新しいフォルダーの名前を --example で指定してください。",
        )
    texts = {PAYER: PAYER_TEXT, BANK: BANK_TEXT, LIST: LIST_TEXT.replace("\n", "\r\n")}
    for name, text in texts.items():
        files.write_to(folder, name, text.encode())
    return [folder / name for name in texts]
