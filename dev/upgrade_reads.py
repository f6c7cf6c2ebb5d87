"""Run by dev/upgrade in Odoo's shell, before and after: what each login reads of each model, and whether acts and
approvals hold. It changes nothing. Written for the code of both commits.
"""

import json
import os
from datetime import datetime, timedelta

from odoo.exceptions import AccessError

env = globals()["env"]
#: models of core on which something of ours is told
OTHERS = (
    "ir.attachment",
    "mail.activity",
    "mail.followers",
    "mail.message",
    "rating.rating",
    "res.company",
    "res.partner",
    "res.users",
    "survey.question",
    "survey.survey",
    "survey.user_input",
    "survey.user_input.line",
)
#: calls that are rolled back are many: the reading of a model that is no table of its own is left out
models = sorted(
    name for name in env if (name.startswith("sig.") or name in OTHERS) and env[name]._auto and not env[name]._transient
)


def get_domain(model):
    """All of them; of messages, which core checks one by one for each reader, every hundredth where they are many."""
    if model != "mail.message" or env[model].search_count([]) < 50_000:
        return []
    return [("id", "in", env[model].search([], order="id").filtered(lambda message: not message.id % 100).ids)]


def read_ids(user, model):
    """The ids that a login finds, or the name of the error."""
    records = env[model].with_user(user).with_context(allowed_company_ids=user.company_ids.ids, active_test=False)
    try:
        with env.cr.savepoint():
            return records.search(domains[model], order="id").ids
    except AccessError:
        return "AccessError"


def get_logins():
    ids = env["ir.model.data"].search([("module", "=", "sig_pqrs"), ("model", "=", "res.users")]).mapped("res_id")
    ids += env["res.users"].search(["|", ("login", "like", "otra_"), ("login", "=", "admin")]).ids
    return env["res.users"].browse(sorted(set(ids))).exists() | env.ref("base.public_user")


def is_as_approved(draft):
    if hasattr(draft, "_is_as_approved"):  # since 19.0.1.5.0 there is more than one way to compute it
        return draft._is_as_approved()
    return draft._compute_digest() == draft.response_digest


domains = {model: get_domain(model) for model in models}
cases = env["sig.pqrs"].with_context(active_test=False).search([])
reads = {}
for user in get_logins():
    reads[user.login] = {model: read_ids(user, model) for model in models}
    env.invalidate_all()
faults = env["sig.pqrs.act"]._verify(cases)
# Of what has left, too, for a year: it may come back.
since = datetime.now() - timedelta(days=364)
recent = ["|", ("pqrs_id.date_answered", "=", False), ("pqrs_id.date_answered", ">", since)]
approved = env["sig.pqrs.assignment"].search([("response_digest", "!=", False), *recent])
found = {
    "reads": reads,
    "faults": {str(case.id): repr(fault) for case, fault in faults.items()},
    "approvals": [draft.id for draft in approved if is_as_approved(draft)],
}
env.cr.rollback()
with open(os.environ["SIG_READS"], "w") as file:
    json.dump(found, file)
