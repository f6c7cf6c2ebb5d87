import uuid

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import consteq

from ...tools import file_kind, printed_html

#: what makes a file part of a record, and of nothing else
DETACHED = {"res_field": False, "public": False, "access_token": False, "url": False}


class FilesMixin(models.AbstractModel):
    """A record that owns the files that it links, and the pictures of its texts.

    Core protects a file by the record that it belongs to, not by those that link it: whoever may write on that record
    replaces its content everywhere. So linked files belong to the record: it takes new ones, with the type that their
    content has, and copies of files of other records. `protected_files` refuses to change them.
    """

    _name = "sig.files.mixin"
    _description = "Owned Files"
    _inherit = ["sig.record.mixin"]

    _sig_keeps_files = True
    #: HTML fields whose pictures the record owns
    _picture_fields = ()

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._own_files({name for vals in vals_list for name, value in vals.items() if value})
        return records

    def write(self, vals):
        result = super().write(vals)
        self._own_files(vals)
        return result

    def _get_file_owner(self, _name):
        return self

    def _own_files(self, names):
        """Have the records own the files that fields link, which the user may read; a link to elsewhere is refused."""
        # pylint: disable=super-method-mismatch,missing-return  # skips the guards of the model, which let the link pass
        for name in names:
            field = self._fields.get(name)
            if field is None or not field.store:
                continue
            if field.type == "many2many" and field.comodel_name == "ir.attachment":
                for record in self.sudo():
                    files = record[name]
                    own = record._get_file_owner(name)._take_files(files)
                    if own != files:
                        super(FilesMixin, record).write({name: [Command.set(own.ids)]})
            elif name in self._picture_fields:
                for record, record_sudo in zip(self, self.sudo(), strict=True):
                    text = record_sudo[name]
                    own = record._take_pictures(text)
                    if own != text:
                        super(FilesMixin, record_sudo).write({name: own})

    def _take_files(self, files):
        """Files, as superuser: the record's own, new ones that it takes, copies of others, which the user may read."""
        files = files.sudo()
        own = files.browse()
        for file in files:
            if file.type != "binary":
                raise UserError(self.env._("“%s” is a link: attach the file itself.", file.name))
            if self._owns(file):
                own |= file
            elif self._is_new(file):
                kind = file_kind.inspect(file.name, file._sig_read_start() or b"").mimetype or file.mimetype
                file.write({"res_model": self._name, "res_id": self.id, "mimetype": kind, **DETACHED})
                own |= file
            else:
                own |= file._sig_copy_to(self)
        return own

    def _owns(self, file):
        return (file.res_model, file.res_id) == (self._name, self.id)

    def _is_beside(self, file):
        if self._owns(file):
            return True
        case = self._get_case_of(self._name, self.id)
        return bool(case) and case == self._get_case_of(file.res_model, file.res_id)

    def _is_new(self, file):
        """Whether the user uploaded the file, and it belongs to nothing but a dialog."""
        if file.create_uid != self.env.user or file.res_field:
            return False
        return not file.res_id or (file.res_model in self.env and self.env[file.res_model]._transient)

    def _take_pictures(self, text):
        """HTML whose pictures are files of the record: others are refused, or as superuser removed."""
        return printed_html.replace_pictures(text, self._take_picture) if text else text

    def _take_picture(self, address):
        file, token = self._find_picture(address)
        if file and self._owns(file) and token and consteq(token, file.access_token or ""):
            return address
        if not file or not self._may_show(file, token):
            if self.env.su:
                return ""
            raise UserError(
                self.env._("A picture of the text is not there, or is not yours to use: insert its file. (%s)", address)
            )
        own = self._take_files(file)
        if not own.access_token:
            own.access_token = str(uuid.uuid4())
        return f"/web/image/{own.id}?access_token={own.access_token}"

    def _find_picture(self, address):
        """The file of an address, as superuser, and the token in it; none of an address of anything else."""
        id_, token = printed_html.find_picture(address)
        file = self.env["ir.attachment"].sudo().browse(id_).exists()
        return file.filtered(lambda file: file.type == "binary"), token

    def _may_show(self, file, token):
        if token and consteq(token, file.access_token or ""):
            return True
        return file.public or self._owns(file) or (not self.env.su and file.with_env(self.env).has_access("read"))

    def _get_pictures(self, text):
        addresses = printed_html.get_pictures(text) if text else ()
        return self.env["ir.attachment"].sudo().union(*(self._find_picture(address)[0] for address in addresses))

    def _check_shows_own(self, text):
        """:raises UserError: for a text that shows or links something outside of it, which may change."""
        if foreign := printed_html.find_foreign(text) if text else ():
            refusal = self.env._(
                "%(record)s: the text shows or links what is not part of it: insert the file of a picture, and "
                "attach any other file. (%(address)s)",
                record=self.display_name,
                address=foreign[0],
            )
            raise UserError(refusal)

    def _filter_free_files(self, files):
        """Files, as superuser, of records of the model that no field links or shows and no mail has; none of cases."""
        if self._is_case_or_part(self._name):
            return files.browse()
        records = self.sudo().with_context(active_test=False).browse(set(files.mapped("res_id"))).exists()
        linked = files.browse()
        for name, field in self._fields.items():
            if field.type in ("many2many", "many2one") and field.store and field.comodel_name == "ir.attachment":
                linked |= records[name]
        for name in self._picture_fields:
            linked |= linked.union(*map(self._get_pictures, records.mapped(name)))
        mailed = [("attachment_ids", "in", files.ids), ("message_type", "=", "email_outgoing")]
        linked |= self.env["mail.message"].sudo().search(mailed).attachment_ids
        return (files - linked).filtered(lambda file: not file.res_field)
