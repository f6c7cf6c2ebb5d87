import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {FormCompiler} from "@web/views/form/form_compiler";
import {FormController} from "@web/views/form/form_controller";
import {formView} from "@web/views/form/form_view";

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
                    confirm: async () => resolve(await this.save({reload: false})),
                    cancelLabel: _t("Leave without filing"),
                    cancel: () => resolve(true),
                    dismiss: () => resolve(false),
                },
                {onClose: () => resolve(false)}
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
            await this.model.load({resId: false});
        }
    }
}

/**
 * The chatter, which saves what it writes on, comes with the filing.
 *
 * Opens a form on the page that the record calls for: ``autofocus`` of a page is a condition on the record here. Where
 * somebody comes back, the page that they had open is open again.
 */
export class CaseFormCompiler extends FormCompiler {
    compile() {
        const compiled = super.compile(...arguments);
        for (const chatter of compiled.querySelectorAll(".o-mail-Form-chatter")) {
            const condition = chatter.getAttribute("t-if") || "true";
            chatter.setAttribute("t-if", `__comp__.props.record.resId and ${condition}`);
        }
        return compiled;
    }

    compileNotebook(el) {
        const conditions = [...el.children].map((page) => page.getAttribute("autofocus"));
        const notebook = super.compileNotebook(...arguments);
        const kept = notebook.getAttribute("defaultPage");
        const wanted = [...notebook.children]
            .map((slot, index) => [slot.getAttribute("t-set-slot"), conditions[index]])
            .filter(([, condition]) => condition)
            .map(
                ([id, condition]) =>
                    `__comp__.evaluateBooleanExpr(${JSON.stringify(condition)}, __comp__.props.record.evalContextWithVirtualIds) ? "${id}" : `
            );
        if (wanted.length) {
            notebook.setAttribute("defaultPage", `${kept} || (${wanted.join("")} undefined)`);
        }
        return notebook;
    }
}

registry
    .category("views")
    .add("sig_case_form", {...formView, Controller: CaseFormController, Compiler: CaseFormCompiler});
