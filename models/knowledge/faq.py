from odoo import api, fields, models

#: answers that are offered at most, so that the form stays in sight
MOST_OFFERED = 3

#: characters of a text that are looked at
MAX_TEXT = 500


class Faq(models.Model):
    """A frequent question, whose answer is offered to who is about to file a petition."""

    _name = "sig.faq"
    _description = "Frequent Question"
    _inherit = ["sig.record.mixin"]
    _order = "name, id"
    _editable_fields = frozenset({"name", "answer", "words", "company_id", "published"})

    name = fields.Char("Question", required=True, translate=True)
    answer = fields.Html(
        required=True,
        translate=True,
        sanitize_style=True,
        strip_style=True,
        help="Anybody reads it: without names or data of clients.",
    )
    words = fields.Char(
        "Other words",
        translate=True,
        help="What else people call it. It is found by these words and by those of the question, and their synonyms.",
    )
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    published = fields.Boolean(help="Offered on the website and in HERA while the subject of a petition is typed.")

    @api.model
    def _get_published(self, company):
        """As superuser: anybody may read them."""
        return self.sudo().search([("company_id", "=", company.id), ("published", "=", True)])

    @api.model
    def _find(self, text, company):
        """Published questions of a company that have words of a text, those with most of them first."""
        Words = self.env["sig.words"].with_company(company)
        meanings = Words._expand(Words._get_lexemes(text[:MAX_TEXT])).values()
        published = self._get_published(company)
        own = published._get_lexemes() if meanings else {}
        counts = {faq: sum(not meaning.isdisjoint(lexemes) for meaning in meanings) for faq, lexemes in own.items()}
        found = sorted(filter(counts.get, counts), key=counts.get, reverse=True)
        return published.browse(faq.id for faq in found[:MOST_OFFERED])

    def _get_lexemes(self):
        """``{question: set of its lexemes}``, in the language of the environment."""
        Words = self.env["sig.words"]
        words = {faq: Words._split(f"{faq.name} {faq.words or ''}") for faq in self}
        stems = Words._stem([word for own in words.values() for word in own])
        return {faq: {stems[word] for word in own if word in stems} for faq, own in words.items()}
