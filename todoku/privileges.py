"""Pure. What each database role may do, table by table; applied after every migration by ground/databases.py.

Three roles: the owner (migrations), the office (both staff doors, the worker, commands) and the public door. What is
not named here is not granted. Money, history and audit rows can be added but neither deleted nor rewritten.
"""

# Office: rows are added and read, nothing else. A correction is another row.
APPEND_ONLY = (
    "auditevent", "handover", "caseevent", "approval", "sendrecord", "bankreport", "result",
    "dailyreport", "entry", "document", "accountversion", "proofversion", "dispatch", "databasemark",
    "pastscreening", "pastfinding",
    "fixedmembers", "ledgerentry", "batchfile", "confirmation", "bankinquiry", "handedagain", "sweeprun", "cashpayment",
    "instalment", "claimpayment", "claimnotice", "entitlementorder", "giftremainder", "incidentnote",
    "sheetmove", "pageact", "readback", "proofapproval", "stockmove", "reissue", "letterrequest", "keycorrection",
    "rulinguse", "succession", "acceptance", "handbackbox", "envelopecorrection", "boxmove", "criteriasignature",
    "samplerate", "traininganswer", "queuepass", "fastverdict",
    "casecomment", "shiftnote", "contacttry", "lateopening", "payoutopening", "followingcase", "unmatcheddocument",
)  # fmt: skip
# Office: rows are added and changed, never deleted.
KEEP = (
    "longwork", "organisation", "staff", "grant", "parcel", "municipality", "programme", "version", "rollimport",
    "person", "recipient", "member", "reachedat", "knownaccount", "case", "casestage", "doorkey", "printrun", "letter",
    "undelivered", "submission", "contactnote", "screening", "task", "verdict", "question", "ruling",
    "versioncandidate", "deputy", "proposal",
    "decisionlist", "decision", "batch", "transfer", "hold", "halt", "sharedpayee", "accountinquiry",
    "inquiredaccount", "bankquery", "recall", "unmatchedreturn", "giftlist", "giftcode", "claim",
    "correction", "paymentreversal", "waitingsplit", "giftmessage", "incident", "carry", "pickup", "bag", "envelope", "container",
    "sheet", "difference", "unplacedpaper", "valuable", "scanlot", "scanfile", "scanpage", "printer", "printerparcel",
    "rescreening", "replypermit", "stock", "pulledpiece", "addresschange", "registerinquiry", "keytask", "handback",
    "contact", "queuechoice", "sampledcase", "trainingtry", "seededlook",
    "declineword", "objection", "factimport", "taxfact", "allowancefact", "earlierfact", "carefact", "laterchange",
    "representative", "termschange", "lateproposal", "payeeproposal",
)  # fmt: skip
# Office: working rows that may go again.
WORKING = (
    "move", "failedlookup", "stagedperson", "rollproblem", "rolldifference", "notdue", "officesession",
    "municipalitysession", "residentsession", "stagedfact", "factproblem", "matchcandidate",
)  # fmt: skip

OFFICE: dict[str, str] = {
    **{f"todoku_{table}": "select, insert" for table in APPEND_ONLY},
    **{f"todoku_{table}": "select, insert, update" for table in KEEP},
    **{f"todoku_{table}": "select, insert, update, delete" for table in WORKING},
    # An amount stays as it was; an order may put another in its place.
    "todoku_entitlement": "select, insert, update (superseded_by_order)",
    # What new terms find instead takes its place; the row goes into the past findings first, or a trigger refuses.
    "todoku_finding": "select, insert, delete",
    # A payment on a claim stays as it was keyed; two persons may take it back.
    "todoku_claimpayment": "select, insert, update (reversed_at)",
    # What was typed stays as typed; it may be taken back within its minute.
    "todoku_keying": "select, insert, update (undone_at)",
    # What was typed without a letter stays as typed, and what a person said of it; a match is taken back in its minute.
    "todoku_unmatchedapplication": "select, insert, update (state, looked_up_at, claimed_id, claimed_at)",
    "todoku_rollmatch": "select, insert, update (undone_at, settled_at, submission_id)",
    "todoku_postedletter": "select",  # a view: what left on which day
    "django_migrations": "select",
    "django_content_type": "select",
    "auth_permission": "select",
    "auth_group": "select",
    "auth_group_permissions": "select",
    **{
        f"procrastinate_{table}": "select, insert, update, delete"
        for table in ("jobs", "events", "periodic_defers", "workers")
    },
}

# The public door: it adds an application and reads what is public; a case only through two functions that ask for the
# keyed digest of number and birth date (and of the letter's key).
PUBLIC: dict[str, str] = {
    "todoku_residentsession": "select, insert, update, delete",
    "todoku_failedlookup": "select, insert, update",
    "todoku_programme": "select",
    "todoku_version": "select",
    "todoku_municipality": "select (code, name, mayor_title, band)",
    "todoku_submission": "insert, select (id, idempotency_key, body_sha256, receipt_number, registered_at)",
    "todoku_accountversion": "insert, select (id)",
    "todoku_proofversion": "insert, select (id)",
    "todoku_document": "insert, select (id)",
    "todoku_declineword": "insert, select (id, idempotency_key, told_at)",
    "todoku_unmatchedapplication": "insert, select (id, idempotency_key, body_sha256, receipt_number, registered_at)",
    "todoku_unmatcheddocument": "insert, select (id)",
    "todoku_auditevent": "insert, select (id)",
    "django_migrations": "select",
}
PUBLIC_FUNCTIONS = ("resident_status(text)", "resident_facts(text, text)")
