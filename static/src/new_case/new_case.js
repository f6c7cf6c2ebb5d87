import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

/**
 * A form saves what was begun when it is left. A case that was begun is not filed so: a filing cannot be undone, and it
 * tells the petitioner. Whoever leaves is asked.
 */
export class CaseFormController extends FormController {
    async isBegun() {
        return this.model.root.isNew && (await this.model.root.isDirty());
    }

    /** @returns {Promise<boolean>} false when the user stays */
    askToFile() {
        return new Promise((resolve) => {
            this.dialogService.add(
                ConfirmationDialog,
                {
                    title: _t("This PQRS is not filed yet"),
                    body: _t("Filing it gives it a number, starts its term and tells the petitioner."),
                    confirmLabel: _t("File it"),
                    confirm: async () => resolve(await this.save({ reload: false })),
                    cancelLabel: _t("Leave without filing"),
                    cancel: () => resolve(true),
                    dismiss: () => resolve(false),
                },
                { onClose: () => resolve(false) }
            );
        });
    }

    async beforeLeave(options = {}) {
        if (options.forceLeave || !(await this.isBegun())) {
            return super.beforeLeave(...arguments);
        }
        return this.askToFile();
    }

    beforeVisibilityChange() {
        return this.model.root.isNew ? undefined : super.beforeVisibilityChange();
    }

    async beforeUnload(ev) {
        if (!this.model.root.isNew) {
            return super.beforeUnload(...arguments);
        }
        if (this.model.root.dirty) {
            ev.preventDefault(); // the browser asks
        }
    }

    async create() {
        if (!(await this.isBegun())) {
            return super.create();
        }
        if (await this.askToFile()) {
            await this.model.load({ resId: false });
        }
    }
}

registry.category("views").add("sig_case_form", { ...formView, Controller: CaseFormController });
