"""Pure. The names of the sample town: our own short frequency lists, expanded once into tables to draw from.

Goes in: nothing. Comes out: tuples of (kanji, kana) in which a frequent name stands often, so that one random
index draws by frequency. No name here belongs to a person; weights only imitate how common a name is.
"""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """A name part as written (表記) and read (カナ, full-width katakana)."""

    text: str
    kana: str


def _expand(source: str) -> tuple[Name, ...]:
    """Turn "佐藤/サトウ/15" entries into a table that holds each name as often as its weight."""
    table: list[Name] = []
    for entry in source.split():
        text, kana, weight = entry.split("/")
        table.extend([Name(text, kana)] * int(weight))
    return tuple(table)


def _era(source: str) -> tuple[Name, ...]:
    """Turn given names in falling order of popularity into a table (the first third weighs 3, the last 1)."""
    entries = [Name(*entry.split("/")) for entry in source.split()]
    return tuple(name for at, name in enumerate(entries) for _ in range(3 - (3 * at) // len(entries)))


SURNAMES = _expand("""
佐藤/サトウ/30 鈴木/スズキ/29 高橋/タカハシ/22 田中/タナカ/21 渡辺/ワタナベ/17 伊藤/イトウ/17
山本/ヤマモト/16 中村/ナカムラ/16 小林/コバヤシ/16 加藤/カトウ/14 吉田/ヨシダ/13 山田/ヤマダ/13
佐々木/ササキ/11 山口/ヤマグチ/10 松本/マツモト/10 井上/イノウエ/10 木村/キムラ/9 林/ハヤシ/9
斎藤/サイトウ/8 清水/シミズ/9 山崎/ヤマザキ/7 阿部/アベ/8 森/モリ/8 池田/イケダ/8 橋本/ハシモト/8
山下/ヤマシタ/7 石川/イシカワ/7 中島/ナカジマ/7 前田/マエダ/7 藤田/フジタ/6 後藤/ゴトウ/6 小川/オガワ/6
岡田/オカダ/6 村上/ムラカミ/6 長谷川/ハセガワ/6 近藤/コンドウ/6 石井/イシイ/6 遠藤/エンドウ/5
青木/アオキ/5 坂本/サカモト/5 斉藤/サイトウ/5 福田/フクダ/5 太田/オオタ/5 西村/ニシムラ/5 藤井/フジイ/5
藤原/フジワラ/5 岡本/オカモト/5 三浦/ミウラ/5 金子/カネコ/5 中野/ナカノ/4 中川/ナカガワ/4 原田/ハラダ/4
松田/マツダ/4 竹内/タケウチ/4 小野/オノ/4 田村/タムラ/4 中山/ナカヤマ/4 和田/ワダ/4 石田/イシダ/4
森田/モリタ/4 上田/ウエダ/4 原/ハラ/4 内田/ウチダ/4 柴田/シバタ/4 酒井/サカイ/4 宮崎/ミヤザキ/4
横山/ヨコヤマ/4 高木/タカギ/4 安藤/アンドウ/4 宮本/ミヤモト/4 大野/オオノ/4 小島/コジマ/3
谷口/タニグチ/3 工藤/クドウ/3 今井/イマイ/3 高田/タカダ/3 増田/マスダ/3 丸山/マルヤマ/3 杉山/スギヤマ/3
村田/ムラタ/3 大塚/オオツカ/3 新井/アライ/3 小山/オヤマ/3 小山/コヤマ/2 平野/ヒラノ/3 藤本/フジモト/3
河野/コウノ/2 河野/カワノ/1 上野/ウエノ/3 野口/ノグチ/3 武田/タケダ/3 松井/マツイ/3 千葉/チバ/3
菅原/スガワラ/3 岩崎/イワサキ/3 久保/クボ/3 木下/キノシタ/3 佐野/サノ/3 野村/ノムラ/3 松尾/マツオ/3
菊地/キクチ/3 市川/イチカワ/3 杉本/スギモト/3 古川/フルカワ/3 大西/オオニシ/3 島田/シマダ/3
水野/ミズノ/3 桜井/サクライ/2 高野/タカノ/2 渡部/ワタナベ/2 渡部/ワタベ/1 吉川/ヨシカワ/2
山内/ヤマウチ/2 西田/ニシダ/2 飯田/イイダ/2 菊池/キクチ/2 西川/ニシカワ/2 小松/コマツ/2 北村/キタムラ/2
安田/ヤスダ/2 五十嵐/イガラシ/2 川口/カワグチ/2 平田/ヒラタ/2 関/セキ/2 中田/ナカタ/2 久保田/クボタ/2
服部/ハットリ/2 東/ヒガシ/1 東/アズマ/1 岩田/イワタ/2 土屋/ツチヤ/2 川崎/カワサキ/2 福島/フクシマ/2
本田/ホンダ/2 辻/ツジ/2 樋口/ヒグチ/2 秋山/アキヤマ/2 田口/タグチ/2 永井/ナガイ/2 山中/ヤマナカ/2
中西/ナカニシ/2 吉村/ヨシムラ/2 川上/カワカミ/2 大橋/オオハシ/2 石原/イシハラ/2 松岡/マツオカ/2
浜田/ハマダ/2 馬場/ババ/2 森本/モリモト/2 矢野/ヤノ/2 浅野/アサノ/2 松下/マツシタ/2 星野/ホシノ/2
大久保/オオクボ/2 吉岡/ヨシオカ/2 小池/コイケ/2 野田/ノダ/2 荒木/アラキ/2 熊谷/クマガイ/2
松浦/マツウラ/2 大谷/オオタニ/2 内藤/ナイトウ/2 黒田/クロダ/2 尾崎/オザキ/2 川村/カワムラ/2
永田/ナガタ/1 望月/モチヅキ/2 松村/マツムラ/1 田辺/タナベ/1 菅野/カンノ/1 菅野/スガノ/1 荒井/アライ/1
堀/ホリ/1 三宅/ミヤケ/1 小西/コニシ/1 桑原/クワバラ/1 南/ミナミ/1 篠原/シノハラ/1 児玉/コダマ/1
鎌田/カマタ/1 乾/イヌイ/1 長/チョウ/1 一ノ瀬/イチノセ/1 勅使河原/テシガワラ/1
""")

# Surnames with characters that CP932 carries and plain Shift_JIS does not (NEC and IBM extensions).
EXTENDED_SURNAMES = _expand("""
髙橋/タカハシ/5 髙木/タカギ/2 髙田/タカダ/2 髙野/タカノ/1 山﨑/ヤマザキ/5 宮﨑/ミヤザキ/3
岩﨑/イワサキ/2 尾﨑/オザキ/1 德永/トクナガ/2 德田/トクダ/2 德山/トクヤマ/1 濵田/ハマダ/3
濵口/ハマグチ/1 渡邉/ワタナベ/4 渡邊/ワタナベ/3 田邉/タナベ/2 川邉/カワベ/1 廣瀨/ヒロセ/2 瀨戸/セト/1
栁澤/ヤナギサワ/1 栁田/ヤナギダ/1 桒原/クワバラ/1 齋藤/サイトウ/3 齊藤/サイトウ/3 黑木/クロキ/1
神\ufa11/カンザキ/1 大\ufa10/オオツカ/1 増渕/マスブチ/1 草彅/クサナギ/1 鄧/トウ/1
""")

# 外字: a vendor's own characters, CP932 F040.. = U+E000..; no font but the vendor's can draw them.
PRIVATE_SURNAMES = _expand("""
渡\ue000/ワタナベ/3 \ue001田/ヨシダ/2 \ue002藤/サイトウ/2 橋\ue003/ハシモト/1 \ue010木/タカギ/1
島\ue004/シマザキ/1
""")

MEN_OLD = _era("""
博/ヒロシ 茂/シゲル 勇/イサム 清/キヨシ 実/ミノル 進/ススム 正/タダシ 勝/マサル 隆/タカシ 昭/アキラ
弘/ヒロシ 和夫/カズオ 幸雄/ユキオ 正雄/マサオ 一郎/イチロウ 健一/ケンイチ 誠/マコト 修/オサム 豊/ユタカ
稔/ミノル 武/タケシ 三郎/サブロウ 義雄/ヨシオ 昇/ノボル 忠/タダシ 明/アキラ 哲夫/テツオ 敏夫/トシオ
信夫/ノブオ 光男/ミツオ 安男/ヤスオ 重雄/シゲオ 栄一/エイイチ 孝/タカシ 利夫/トシオ 耕造/コウゾウ
源次郎/ゲンジロウ 熊吉/クマキチ 薫/カヲル 丈太郎/ジョウタロウ
""")
WOMEN_OLD = _era("""
和子/カズコ 幸子/サチコ 節子/セツコ 洋子/ヨウコ 恵子/ケイコ 京子/キョウコ 美代子/ミヨコ 文子/フミコ
久子/ヒサコ 順子/ジュンコ 悦子/エツコ 弘子/ヒロコ 良子/ヨシコ 信子/ノブコ 富子/トミコ 千代子/チヨコ
敏子/トシコ 律子/リツコ 昭子/アキコ 光子/ミツコ 静子/シズコ 君子/キミコ ハル/ハル キヨ/キヨ ヨシ/ヨシ
トメ/トメ ミツ/ミツ 勝子/カツコ 孝子/タカコ 房子/フサコ 豊子/トヨコ 初枝/ハツエ 芳江/ヨシエ 八重/ヤエ
志づ/シヅ ちゑ/チヱ さかゑ/サカヱ 多美/タミ 絹代/キヌヨ
""")
MEN_MIDDLE = _era("""
誠/マコト 大輔/ダイスケ 健太/ケンタ 翔/ショウ 剛/ツヨシ 直樹/ナオキ 哲也/テツヤ 学/マナブ 達也/タツヤ
拓也/タクヤ 健/ケン 浩二/コウジ 雄一/ユウイチ 英樹/ヒデキ 洋平/ヨウヘイ 亮/リョウ 祐介/ユウスケ
慎也/シンヤ 俊介/シュンスケ 淳/ジュン 智也/トモヤ 裕太/ユウタ 和也/カズヤ 龍一/リュウイチ 貴之/タカユキ
康平/コウヘイ 信一郎/シンイチロウ 隆志/タカシ 純一/ジュンイチ 圭介/ケイスケ 優/ユウ 浩/ヒロシ
真一/シンイチ 聡/サトシ 孝太郎/コウタロウ 潤/ジュン 丈/ジョー
""")
WOMEN_MIDDLE = _era("""
由美子/ユミコ 真由美/マユミ 明美/アケミ 智子/トモコ 陽子/ヨウコ 美穂/ミホ 裕子/ユウコ 香織/カオリ
恵/メグミ 愛/アイ 久美子/クミコ 直美/ナオミ 麻衣/マイ 彩/アヤ 優子/ユウコ 美香/ミカ 千尋/チヒロ 綾/アヤ
祐子/ユウコ 亜希子/アキコ 理恵/リエ 由香/ユカ 奈緒/ナオ 純子/ジュンコ 聡子/サトコ 友美/トモミ 早紀/サキ
恵美/エミ 瞳/ヒトミ 舞/マイ 典子/ノリコ 礼子/レイコ 由紀/ユキ 梓/アズサ 美月/ミヅキ 万里/マリ
洋子/ヨーコ 祥子/ショウコ 玲/レイ 絵里奈/エリナ
""")
MEN_NEW = _era("""
蓮/レン 陽翔/ハルト 蒼/アオイ 湊/ミナト 樹/イツキ 悠真/ユウマ 大翔/ヒロト 律/リツ 朝陽/アサヒ 新/アラタ
颯太/ソウタ 大和/ヤマト 翔太/ショウタ 陸/リク 陽太/ヨウタ 海斗/カイト 悠斗/ユウト 結翔/ユイト
伊織/イオリ 碧/アオ 奏太/ソウタ 暖/ダン 健人/ケント 航/ワタル 蒼空/ソラ 悠人/ユウト 晴/ハル 拓海/タクミ
琉生/ルイ 瑛太/エイタ 煌/コウ 慧/ケイ 怜音/レオン 仁/ジン 心/シン 凜太郎/リンタロウ 獅童/シドウ
理央/リオ 快晴/カイセイ
""")
WOMEN_NEW = _era("""
陽葵/ヒマリ 結菜/ユイナ 葵/アオイ 凛/リン 紬/ツムギ 咲良/サクラ 結愛/ユア 莉子/リコ 美咲/ミサキ
芽依/メイ 澪/ミオ 心春/コハル 琴音/コトネ 楓/カエデ 詩/ウタ 陽菜/ヒナ さくら/サクラ 花/ハナ 結衣/ユイ
彩乃/アヤノ 茉莉/マリ 優奈/ユウナ 美羽/ミウ 心結/ミユ 杏/アン 奈々/ナナ 愛莉/アイリ 柚葉/ユズハ
千晴/チハル 凪/ナギ 風花/フウカ 乃愛/ノア ひかり/ヒカリ 小春/コハル 紗良/サラ 美桜/ミオ 七海/ナナミ
あかり/アカリ 玲奈/レイナ
""")

# Readings with ヴ and with a long vowel mark; the bank's character set has neither of them as written.
VU_NAMES = tuple(
    Name(*e.split("/")) for e in "愛美/イヴ 勝利/ヴィクトル 衣舞/イヴ 聖愛/ヴィア 翠/ヴェルデ".split()
)
LONG_VOWEL_NAMES = tuple(
    Name(*e.split("/"))
    for e in "莉愛/リーナ 洋子/ヨーコ 礼/レーナ 瑛里/エリー 譲治/ジョージ 健/ケーン".split()
)

# 外国人住民: written in Latin letters, with a kana reading that the municipality recorded.
LATIN_NAMES = tuple(
    Name(*e.split("/"))
    for e in """
SMITH_JOHN/スミス_ジョン JOHNSON_EMILY_ROSE/ジョンソン_エミリー_ローズ
NGUYEN_VAN_MINH/グエン_ヴァン_ミン TRAN_THI_HOA/チャン_ティ_ホア LE_QUOC_VIET/レー_クオック_ヴィエット
REYES_MARIA_CRISTINA/レイエス_マリア_クリスティーナ SANTOS_JUAN_MIGUEL/サントス_フアン_ミゲル
SHARMA_RAVI/シャルマ_ラヴィ GURUNG_BISHNU/グルン_ビシュヌ THAPA_SUNITA/タパ_スニタ
DEVRIES_HENDRIK/デヴリース_ヘンドリック BROWN_DAVID_LEE/ブラウン_デーヴィッド_リー
IVANOVA_SVETLANA/イヴァノヴァ_スヴェトラーナ MULLER_ANNA/ミュラー_アンナ KHAN_IMRAN/カーン_イムラン
SILVA_DE_OLIVEIRA_MARIA_APARECIDA/シルヴァ_デ_オリヴェイラ_マリア_アパレシーダ
FERNANDEZ_DE_LA_CRUZ_MARIA_GUADALUPE/フェルナンデス_デ_ラ_クルス_マリア_グアダルーペ
GONZALEZ_RODRIGUEZ_CARLOS_ALBERTO/ゴンサレス_ロドリゲス_カルロス_アルベルト
""".replace("_", "　").split("\n")
    if e
    for e in e.split(" ")
    if e
)

SINGLE_NAMES = tuple(
    Name(*e.split("/"))
    for e in """
SUHARTO/スハルト AUNG/アウン KYAW/チョー DEWI/デウィ THIDA/ティダー SURYANI/スリヤニ BUDI/ブディ
MEENA/ミーナ
""".split()
)

# A registered name beside the 通称名 that the person uses every day (and may hold an account under).
ALIASED_NAMES = tuple(
    (Name(*own.split("/")), Name(*alias.split("/")))
    for own, alias in (
        pair.replace("_", "　").split("=")
        for pair in """
金_哲洙/キム_チョルス=金田_哲也/カネダ_テツヤ 朴_美京/パク_ミギョン=新井_美京/アライ_ミキョウ
李_英姫/イ_ヨンヒ=平山_英子/ヒラヤマ_エイコ 崔_正浩/チェ_ジョンホ=山本_正浩/ヤマモト_マサヒロ
鄭_明淑/チョン_ミョンスク=東_明子/アズマ_アキコ 王_建国/オウ_ケンコク=王田_健/オウダ_ケン
陳_麗華/チン_レイカ=高木_麗/タカギ_レイ SOUZA_ANA_PAULA/ソウザ_アナ_パウラ=山田_アナ/ヤマダ_アナ
""".split()
    )
)

CHINESE_NAMES = tuple(
    Name(*e.replace("_", "　").split("/"))
    for e in """
王_偉/ワン_ウェイ 李_娜/リー_ナー 張_敏/チャン_ミン 劉_洋/リュウ_ヤン 陳_静/チェン_ジン
楊_帆/ヤン_ファン 黄_麗/ファン_リー 趙_磊/ジャオ_レイ 周_杰/ジョウ_ジエ 呉_玲/ウー_リン
徐_強/シュー_チアン 孫_悦/スン_ユエ
""".split()
)


def given_names(sex: int, birth_year: int) -> tuple[Name, ...]:
    """Return the table of given names for a sex (1 man, 2 woman) and a year of birth."""
    if birth_year < 1958:
        return MEN_OLD if sex == 1 else WOMEN_OLD
    if birth_year < 1996:
        return MEN_MIDDLE if sex == 1 else WOMEN_MIDDLE
    return MEN_NEW if sex == 1 else WOMEN_NEW


def full_width(text: str) -> str:
    """Write Latin letters and digits as wide characters, as registers do: "SMITH" → "ＳＭＩＴＨ"."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
