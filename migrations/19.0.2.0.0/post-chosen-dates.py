from odoo import SUPERUSER_ID, api


def migrate(cr, _version):
    """Drafts due on a date that the SIG chose get the business days until it: a suspension stops them too. Cases that
    ended may be taken up again.
    """
    Assignment = api.Environment(cr, SUPERUSER_ID, {})["sig.pqrs.assignment"]
    cr.execute(
        """UPDATE sig_pqrs_assignment part SET internal_days = process.internal_days
             FROM sig_process process, sig_pqrs pqrs
            WHERE process.id = part.process_id AND pqrs.id = part.pqrs_id AND part.internal_days = 0
              AND pqrs.import_source IS NOT NULL AND pqrs.state NOT IN ('received', 'assigned', 'approved')"""
    )
    chosen = [("internal_days", "=", 0), ("state", "!=", "declined"), ("date_due", "!=", False)]
    for draft in Assignment.with_context(active_test=False).search(chosen):
        company = draft.company_id
        start = company._sig_local_date(draft.date_assigned)
        draft.internal_days = Assignment._count_days(company, start, max(start, draft.date_due))
