"""Who may read and change what, before anything is tried; and what of all that happened should not have."""

from odoo.exceptions import AccessError

from .attack_canary import CORE

#: besides who is from outside: they change nothing of ours by RPC, whatever they read
READERS = ("sig_pqrs.group_auditor", "sig_pqrs.group_integration")
#: tables where somebody writes for themselves alone
OWN = (
    "auth_", "discuss_", "ir_attachment_wizard", "mail_followers_mail_message_subtype_rel", "ir_filters", "ir_exports", "ir_embedded_actions", "mail_guest", "mail_push",
    "res_users_apikeys", "res_users_identitycheck", "res_users_settings", "web_editor_", "web_tour", "ir_sequence", "ir_default",
    "mail_canned_response", "mail_message_res_partner_starred_rel", "mail_message_reaction", "mail_message_translation", "mail_link_preview",
)  # fmt: skip
#: fields that name the record on which another hangs
HANGS = {
    "mail.message": ("model", "res_id"), "mail.scheduled.message": ("model", "res_id"), "mail.activity": ("res_model", "res_id"),
    "mail.followers": ("res_model", "res_id"), "ir.attachment": ("res_model", "res_id"), "rating.rating": ("res_model", "res_id"),
}  # fmt: skip
CLIENT_SUBTYPES = ("sig_pqrs.mt_to_client", "sig_pqrs.mt_from_client")
#: what may change of a file without its being another: who fetched it, how it was indexed
FILE_COLUMNS = ("name", "store_fname", "db_datas", "checksum", "mimetype", "url", "type", "res_model", "res_id", "res_field", "public")


class Role:
    """What somebody may read, and change by the rules alone."""

    def __init__(self, env, login, models):
        self.login = login
        user = env.ref("base.public_user") if login == "public" else env["res.users"].search([("login", "=", login)])
        assert user, login
        self.uid, self.partner_id = user.id, user.partner_id.id
        self.only_reads = user.share or any(user.has_group(group) for group in READERS)
        companies = user.company_ids.ids
        self.readable = {}
        for model in models:
            records = env[model].with_user(self.uid).with_context(allowed_company_ids=companies, active_test=False)
            try:
                with env.cr.savepoint():
                    found = records.search([])
                    # core's search of activities leaves out some that their users may read
                    found |= (records.browse(env[model].sudo().search([]).ids) - found)._filtered_access("read")
                    self.readable[model] = set(found.ids)
            except AccessError:
                self.readable[model] = set()
            env.invalidate_all()
        if user.share and login != "public":  # they read their own in HERA, and by no model
            cases = env["sig.pqrs"].sudo().search(env["sig.client.view"]._get_domain(user))
            self.readable["sig.pqrs"] = set(cases.ids)
            self.readable["mail.message"] |= set(cases.message_ids.ids)
            self.readable["ir.attachment"] |= set((cases.attachment_ids | cases.message_ids.attachment_ids).ids)


class Judge:
    def __init__(self, env, canaries, logins):
        self.canaries = canaries
        registry = env.registry
        others = (*CORE, "mail.mail", "mail.followers", "res.partner", "res.company", "survey.survey", "survey.question")
        self.models = sorted(
            name for name, model in registry.items()
            if (name.startswith("sig.") or name in others) and model._auto and not model._abstract and not model._transient
        )  # fmt: skip
        self.ids = {model: set(env[model].with_context(active_test=False).sudo().search([]).ids) for model in self.models}
        self.by_table = {model._table: name for name, model in registry.items() if model._auto and not model._abstract}
        self.transient = {model._table for model in registry.values() if model._transient}
        self.relations = {}
        self.parents = {}
        for name in self.models:
            for field in registry[name]._fields.values():
                if field.type == "many2many" and field.store:
                    self.relations[field.relation] = ((name, field.column1), (field.comodel_name, field.column2))
                elif field.type == "many2one" and field.store and (field.comodel_name.startswith(("sig.", "survey."))):
                    self.parents.setdefault(name, []).append((field.name, field.comodel_name))
        for model in registry.values():  # dialogs keep what they name in tables of their own
            if model._transient:
                self.transient |= {field.relation for field in model._fields.values() if field.type == "many2many" and field.store}
        self.roles = {login: Role(env, login, self.models) for login in logins}
        self.own_partners = set(env["res.company"].search([]).partner_id.ids) | {env.ref("base.partner_root").id}
        self.kept_files = self._get_kept_files(env)

    def _get_kept_files(self, env):
        """Files that were approved, sent or filed, or prove something, by what refers to them."""
        kept = set()
        for name in self.models:
            if not name.startswith("sig."):
                continue
            records = env[name].sudo().with_context(active_test=False).search([])
            if name == "sig.pqrs.assignment":
                records = records.filtered(lambda draft: draft.state == "approved")
            for field in env[name]._fields.values():
                if field.comodel_name == "ir.attachment" and field.store:
                    kept |= set(records.mapped(field.name).ids)
        return kept

    def get_foreign(self, login, model):
        """Ids of a model that somebody may not read, in order."""
        return sorted(self.ids.get(model, set()) - self.roles[login].readable.get(model, set()))

    # -- What was told ----------------------------------------------------------------------------------------------

    def find_told(self, login, text):
        """``{(model, id)}`` of what an answer tells and somebody may not read."""
        role = self.roles[login]
        return {
            (model, id_) for model, id_ in self.canaries.find(text)
            if id_ in self.ids.get(model, ()) and id_ not in role.readable.get(model, ())
        }  # fmt: skip

    # -- What changed -----------------------------------------------------------------------------------------------

    def weigh(self, login, changes):
        """What of the changes that a call made somebody may not change, in words."""
        return sorted({found for change in changes if (found := self._weigh(self.roles[login], change))})

    def _weigh(self, role, change):
        if change.table in self.transient or change.table.startswith(OWN):
            return None
        row = change.new or change.old
        told = f"{change.kind} {change.table} {row.get('id', '')} ({', '.join(change.columns[:6])})"
        for model, id_ in self._get_documents(change.table, {**change.old, **change.new}):
            if id_ in self.ids.get(model, ()) and id_ not in role.readable[model]:
                return f"{told} of {model} {id_}, which is not theirs to read"
        model = self.by_table.get(change.table, "")
        if model == "mail.message" and change.kind == "INSERT":
            author = row.get("author_id")
            if author and author not in {role.partner_id} | self.own_partners and str(row.get("model")).startswith("sig."):
                return f"{told} in the name of another, partner {author}"
        if model == "ir.attachment" and row["id"] in self.kept_files and set(change.columns) & set(FILE_COLUMNS):
            return f"{told}: a file that counts"
        if change.kind == "DELETE" and change.table in self.relations:
            for (_name, column), (comodel, other) in (self.relations[change.table], self.relations[change.table][::-1]):
                if comodel == "ir.attachment" and row.get(other) in self.kept_files:
                    return f"{told}: a file that counts was taken from {column} {row.get(column)}"
        if role.only_reads and (model.startswith("sig.") or change.table in self.relations):
            return f"{told}: they only read"
        return None

    def is_to_client(self, changes):
        """What clients would see, among the changes."""
        return sorted({
            f"{change.kind} {change.table} {change.new['id']} of case {change.new['pqrs_id']}, shown to the client"
            for change in changes if change.table == "sig_pqrs_communication" and change.kind == "INSERT"
        })  # fmt: skip

    def _get_documents(self, table, row):
        """What a row is of."""
        if table in self.relations:
            for model, column in self.relations[table]:
                if model not in ("res.users", "res.partner", "res.company", "ir.attachment") and row.get(column):
                    yield model, row[column]
            return
        if table == "mail_notification":
            return
        model = self.by_table.get(table)
        if model not in self.ids:
            return
        if model in HANGS:
            name, id_ = (row.get(column) for column in HANGS[model])
            if name and id_ and name != "res.partner":  # core's mail gateway is open to users: contacts are no records of ours
                yield name, id_
        if model not in ("res.partner", "res.company"):
            yield model, row["id"]
        for field, comodel in self.parents.get(model, ()):
            if row.get(field):
                yield comodel, row[field]
