"""Pure. What the record of looks and deeds calls each of them, in the words of who reads it (閲覧・操作記録)."""

DEEDS: dict[str, str] = {
    "office.enter": "事務局の画面", "city.enter": "自治体の画面", "sign_in": "ログイン", "status": "申請状況の照会",
    "case.find": "検索", "case.view": "案件", "case.view_account": "口座番号", "case.view_protected": "支援措置の住所",
    "note.add": "応対記録", "note.view": "応対記録の閲覧", "roll.view": "名簿", "roll.import": "名簿の取込み",
    "roll.export_problems": "名簿の指摘を出力", "case.open": "案件の作成", "print.view": "印刷物", "print.make": "印刷",
    "print.dispatch": "発送", "print.undelivered": "不着の記録", "intake.screen": "点検", "paper.key": "入力",
    "paper.correct": "口座の訂正", "review.view": "審査の一覧", "review.judge": "審査", "document.view": "添付",
    "question.view": "照会", "question.answer": "照会への回答", "decision.view": "決定一覧",
    "decision.propose": "決定一覧の作成", "decision.decide": "支給の決定", "payment.hand_back": "支給から審査へ戻す",
    "batch.view": "振込データ", "batch.make": "振込データの作成", "batch.seal": "振込データの確定",
    "batch.approve_office": "振込データの承認（事務局）", "batch.approve_city": "振込データの承認（出納）",
    "batch.take_file": "振込依頼", "batch.reread": "振込ファイルの保存", "batch.result": "振込結果の取込み",
    "batch.void": "振込データの取消", "batch.order": "科目・支出命令番号の記録", "batch.confirm": "受付番号の記録",
    "batch.inquire": "金融機関への照会", "batch.agree_again": "再持込の同意", "batch.take_again": "再持込",
    "batch.bundle": "検証用の一式の保存", "batch.verify": "振込ファイルの検証", "account.inquire": "口座の照会",
    "query.open": "金融機関からの照会の記録",
    "query.propose": "金融機関への回答の起案", "query.answer": "金融機関への回答", "recall.ask": "組戻しの起案",
    "recall.send": "組戻しの依頼", "gift.view": "デジタルギフト", "gift.take": "ギフトコードの受入れ",
    "gift.deliver": "ギフトコードの引渡し", "gift.revoke": "ギフトコードの停止", "cash.pay": "現金の支給",
    "gift.assign": "ギフトコードの割当", "gift.print": "ギフトの手紙の印刷", "gift.take_print": "ギフトの手紙の保存",
    "gift.ask_revoke": "ギフトコードの失効の申請", "gift.reissue": "ギフトコードの再発行",
    "gift.expire": "ギフトコードの期限切れ", "gift.report": "ギフトの利用状況の取込み",
    "gift.outbox": "ギフトの配信データの作成", "gift.take_outbox": "ギフトの配信データの保存",
    "gift.take_back": "取り消した支払のコードを在庫へ",
    "gift.unclaimed": "未受取のギフトの返却", "gift.settle": "ギフトの残額の整理", "gift.answer": "ギフトの配信結果の取込み",
    "cash.back": "未受領の現金の返却", "cash.receipt": "領収書",
    "cash.day": "現金支給日計",
    "entitlement.order": "支給額の決定の変更", "ledger.view": "帳簿",
    "ledger.appropriate": "予算の配当の記帳", "ledger.settle_back": "返納金の整理",
    "ledger.correct": "帳簿の訂正", "ledger.export": "仕訳の保存", "claim.view": "返還", "claim.open": "返還を請求",
    "claim.notice": "請求・督促", "claim.plan": "分割納付の計画", "claim.receive": "返還金の納付",
    "claim.refund": "過誤納金の還付", "claim.dispute": "申立てにより停止", "claim.resume": "請求を再開",
    "claim.waive": "返還の免除", "claim.write_off": "不納欠損", "claim.cancel": "返還請求の取消し",
    "claim.give_up": "返還の免除など", "hold.view": "保留の閲覧", "hold.open": "支払の保留",
    "hold.quarantine": "明細の隔離", "hold.close": "保留の解消", "hold.find": "決定後の事実の確認",
    "sweep.run": "不変条件の点検", "halt.open": "支払の停止", "halt.release": "停止の解除",
    "payee.view": "代理受領口座", "payee.propose": "代理受領口座の提案・終了", "payee.approve": "代理受領口座の承認",
    "progress.view": "進捗", "progress.close_day": "日締め", "audit.view": "閲覧記録",
    "programme.view": "制度", "programme.open": "制度の開始", "intake.view": "受付",
    "work.view": "処理の記録", "city.feed": "公開用の状況", "staff.enrol": "職員の登録",
    "staff.retire": "職員の登録抹消",
}  # fmt: skip


def deed_words(action: str) -> str:
    """The deed in words; an action that nobody named is shown as it is recorded rather than hidden."""
    return DEEDS.get(action, action)
