"""What the words of a cell name: records and values, by any of their names in any language."""

from ..tools.clean_text import fold


class Names:
    """Finds what a text names. Each list of names is read once.

    :param list languages: codes, the first wins.
    """

    def __init__(self, env, languages):
        self.env = env
        self.languages = languages
        self._known = {}

    def get(self, key, *args):
        """``{folded name: record or value}`` of what a column may hold.

        :param str key: of the column; ``args`` the company of whose rows it is, or the selection field.
        """
        if (key, *args) not in self._known:
            readers = {
                "company": self._get_companies,
                "type": self._get_types,
                "reason": self._get_reasons,
                "processes": self._get_processes,
                "responsible": self._get_users,
            }
            self._known[key, *args] = readers.get(key, self._get_selection)(*args)
        return self._known[key, *args]

    def _name(self, records, fnames):
        """``{folded name: record}`` in every installed language; of two with one name, the first."""
        names = {}
        for lang in self.languages:
            for record in records.with_context(lang=lang):
                for fname in fnames:
                    if record[fname]:
                        names.setdefault(fold(record[fname]), record.with_env(records.env))
        return names

    def _get_companies(self):
        return self._name(self.env.user.company_ids, ["name"])

    def _get_types(self, company):
        return self._search_names("sig.pqrs.type", company, ["name", "code"])

    def _get_reasons(self, company):
        return self._search_names("sig.pqrs.reason", company, ["name"])

    def _get_processes(self, company):
        return self._search_names("sig.process", company, ["name", "code"])

    def _search_names(self, model, company, fnames):
        records = self.env[model].sudo().with_context(active_test=False)
        records = records.search([("company_id", "in", [company.id, False])])
        return self._name(records.sorted(lambda record: not record.active), fnames)

    def _get_users(self, company):
        users = self.env["res.users"].sudo().with_context(active_test=False)
        users = users.search([("share", "=", False), ("company_ids", "in", company.ids)])
        return self._name(users.sorted(lambda user: not user.active), ["name", "login", "email"])

    def _get_selection(self, fname):
        names = {}
        for lang in self.languages:
            env = self.env(context={**self.env.context, "lang": lang})
            for value, label in env["sig.pqrs"]._fields[fname]._description_selection(env):
                names.update({fold(label): value, fold(value): value})
        return names
