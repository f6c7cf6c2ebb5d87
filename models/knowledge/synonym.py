from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class Synonym(models.Model):
    """Words that mean the same in what petitioners write."""

    _name = "sig.synonym"
    _description = "Words That Mean the Same"
    _inherit = ["sig.shared.mixin"]
    _order = "name, id"

    name = fields.Char(
        "Words", required=True, help="Single words, with commas between them. Plurals and accents make no difference."
    )
    active = fields.Boolean(default=True)
    origin_id = fields.Many2one("sig.synonym")

    @api.constrains("name")
    def _check_name(self):
        for synonym in self:
            words = synonym._get_words()
            if phrase := next((word for word in words if not word.isalpha()), None):
                raise ValidationError(self.env._("“%s” is not a single word.", phrase))
            if short := next((word for word in words if not self.env["sig.words"]._split(word)), None):
                raise ValidationError(self.env._("“%s” is too short to be looked for: three letters at least.", short))
            if len({*self.env["sig.words"]._stem(words).values()}) < 2:
                raise ValidationError(self.env._("Write at least two words that mean the same."))

    def _get_words(self):
        return [word for part in self.name.split(",") if (word := part.strip())]

    @api.model
    @tools.ormcache("company_id")
    def _get_groups(self, company_id):
        """:return: ``[{lexeme: word}]`` of the synonyms of a company."""
        synonyms = self.sudo().search(self._get_domain_of(self.env["res.company"].browse(company_id)))
        lines = [synonym._get_words() for synonym in synonyms]
        stems = self.env["sig.words"]._stem([word for words in lines for word in words])
        return [{stems[word]: word for word in words if word in stems} for words in lines]
