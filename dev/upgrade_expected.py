"""What may differ after `dev/upgrade`, each with its reason. Whoever writes a migration names here what it changes.

What differs is told as ``table.column`` (a value), ``table+`` and ``table-`` (rows more or less), ``table`` (gone),
``content of ir_attachment``, ``files of table`` (what a record that refers to files has), ``reads of LOGIN: model``,
``faults of acts`` and ``approvals that hold``.
"""

#: tables of what the code brings with it, or that only machines read
TECHNICAL = (
    "base_cache_signaling_*",
    "bus_*",
    "ir_act_*",
    "ir_actions*",
    "ir_asset",
    "ir_cron_progress",
    "ir_cron_trigger",
    "ir_exports*",
    "ir_logging",
    "ir_model*",
    "ir_module_module*",
    "ir_ui_*",
    "orm_signaling_*",
    "rel_modules_*",
    "report_*",
    "website_page*",
)
TECHNICAL_COLUMNS = ("write_date", "write_uid")

#: ``{table: (its new name, {column: its new name})}``
RENAMED = {
    "sig_pqrs_notice": ("sig_pqrs_communication", {"text": "body"}),
    "sig_pqrs_notice_proof_rel": (
        "sig_pqrs_communication_proof_rel",
        {"sig_pqrs_notice_id": "sig_pqrs_communication_id"},
    ),
}

#: (what, pattern of the change or None for any, why)
EXPECTED = (
    ("ir_rule[+-]", r"survey_type", "rules on core's survey models name core's fields alone"),
    ("rule_group_rel[+-]", None, "the same rules, made again with their groups"),
    ("res_partner.sig_client", None, "a current client is one of a company: `sig_is_client`"),
    ("sig_survey_wave.population_domain", r"sig_is_client", "the same field in the filters of waves"),
    ("ir_attachment[+]", r"res_model=(sig|mail)\.", "linked files and pictures are copied where they count"),
    ("*[+-]", r"^(ir_)?attachment_id=\d+ (sig_|message_)\S+=\d+$", "the copies are linked in their place"),
    ("sig_pqrs*.response", r"/web/image/\d+", "answers that have not left show copies of their pictures"),
    ("sig_pqrs_assignment.response_digest", None, "what held before its pictures were copied holds with the copies"),
    ("sig_pqrs.kept_pending", r"false → true$", "the copies are to be bound by an act"),
    ("mail_template.body_html", r"transfer_(proof|file)_ids", "who reads that mail may not read all the proofs"),
    ("mail_template.body_html", r"law lets us file", "who asks for more time to complete may do so where the law says"),
    ("mail_template.body_html", r"t-if=.{1,4}object\.date_deadline", "a date that there is not is not told"),
    ("sig_response_template.*", None, "texts that told the law wrongly are corrected where they are as shipped"),
    ("sig_pqrs.next_duty*", r"regulator →|2026-", "only incidents in which staff is involved are told to authorities"),
    ("sig_pqrs.term_trace", r'"duties": .*"regulator"', "the same duty, of open cases"),
    ("mail_activity-", r"summary=Avisar (hoy )?a la Supervigilancia", "the same duty: nobody is reminded of it"),
    ("*sig_act_witness*", None, "heads are exported, not mailed: `sig_act_head_export`; the file tells who had them"),
    ("reads of *: sig.act.witness", None, "the same, of `sig.act.head.export`"),
    ("ir_attachment.res_model", r"sig\.act\.witness → sig\.act\.head\.export", "the same"),
    ("files of sig.act.witness", None, "the same"),
    ("ir_attachment.description", r"None → Enviado por correo a", "to whom a file was mailed"),
    ("sig_act_check*", None, "a verification is a run, not a row a case"),
    ("reads of *: sig.act.check", None, "the same"),
    ("ir_rule.domain_force", r"'pqrs_id\.restricted'", "the same: restricted cases are counted in it"),
    ("mail_template.body_html", r"Record of receipt: act", "each mail prints the head of its case, in its frame"),
    ("sig_anonymization_wave_rel", None, "surveys of an anonymisation run are lines of it, as its cases are"),
    ("sig_anonymization_line[+]", None, "the same surveys"),
    ("sig_anonymization.wave_failure", r"column is gone", "the line of the survey says why it failed"),
    ("sig_anonymization.state", r"done → running", "a run of which something failed goes on until it is given up"),
    ("sig_anonymization.*_total", r"column is gone", "counts of a simulation; the acts tell what was erased"),
    ("sig_anonymization.re*", None, "where a request is kept stands in its reason"),
    ("sig_anonymization_line.*", r"pending → skipped|Se desistió", "what is left of a run that was given up is kept"),
    ("sig_person_wizard.request_reference", r"column is gone", "the same, in the dialog that looks a person up"),
    ("ir_rule[+]", r"Text under reserve", "texts that wait for the SIG are a model of this version"),
    ("sig_evidence_pack.*", r"is gone|→ 0$", "packs are not drawn at random: the chatter of those that were tells it"),
    ("sig_evidence_wizard", None, "the same"),
    ("mail_message+", r"Muestra al azar", "the same"),
    ("sig_survey_wave.documents_key", r"column is gone", "documents of a survey are rendered for each batch of mails"),
    ("base_automation.*", None, "overdue cases are escalated by an automation rule on a date"),
    ("base_automation_ir_model_fields_rel-", None, "the same"),
    ("ir_cron.active", r"false → true", "the same: core's job of such rules"),
    ("content of ir_attachment", r"spreadsheet_binary_data", "figures of the dashboard open no list any more"),
    ("files of spreadsheet.dashboard", None, "the same"),
    ("sig_pqrs_notice.state", r"pending → draft$", "what somebody must tell is a draft of a communication"),
    ("sig_pqrs_notice.state", r"failed → returned$", "a letter that the post returned"),
    ("sig_pqrs_notice.state", r"(draft|pending|queued|failed) → void$", "of erased cases: nobody can be told any more"),
    ("sig_pqrs_notice+", None, "attempts to deliver answers, forwardings and mails are communications"),
    ("sig_pqrs_notice_proof_rel+", None, "the proof of the same"),
    ("sig_pqrs.delivery_re*", r"column is gone", "the same: of `delivery_id`"),
    ("sig_pqrs.response_mail_id", r"column is gone", "the same"),
    ("sig_pqrs.transfer_re[fc]*", r"column is gone", "the same: of the forwarding"),
    ("sig_pqrs.transfer_proved", r"column is gone", "the same"),
    ("sig_pqrs_notify_wizard.with_answer", None, "the same, in the dialog that records a delivery"),
    ("ir_attachment.*", r"d99aa0dbd02adc3bbd4882f070853ee17c245c7e|18515 → |__count", "the same"),
)
