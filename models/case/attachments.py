def get_new(attachments):
    """Files that are part of nothing yet, or only of a dialog of ours to which the user uploaded them."""

    def is_new(attachment):
        model = attachment.res_model or ""
        return not attachment.res_id or (
            attachment.create_uid == attachment.env.user
            and model.startswith("sig.pqrs.")
            and model in attachment.env
            and attachment.env[model]._transient
        )

    return attachments.filtered(is_new)


def adopt(record, attachments):
    """Give new files to a record, so that who may read it may read them; those of other records stay theirs."""
    if new := get_new(attachments.sudo()):
        new.write({"res_model": record._name, "res_id": record.id})


def adopt_all(records):
    """Give to each record the new files among its ``attachment_ids``."""
    for record in records:
        adopt(record, record.sudo().attachment_ids)
