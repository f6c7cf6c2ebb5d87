import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";
import { _t } from "@web/core/l10n/translation";

const MB = 1024 * 1024;

// How long a captcha may take to let a form go. What it did not check is looked at by a person.
const CAPTCHA_PATIENCE = 8000;

/** What a browser can do better than the server, which checks it again: files too large. */
export class FilingForm extends Interaction {
    static selector = ".sig_pqrs_form";
    dynamicContent = {
        "#pqrs_attachments": { "t-on-change": this.checkFiles },
    };

    start() {
        this.waitForTimeout(() => this.leaveCaptcha(), CAPTCHA_PATIENCE);
    }

    /** Turnstile holds the form until its server answers: where that is out of reach, nobody could file. */
    leaveCaptcha() {
        for (const button of this.el.querySelectorAll(".cf_form_disabled")) {
            button.classList.remove("disabled", "cf_form_disabled");
        }
        for (const input of this.el.querySelectorAll(".turnstile_captcha_valid")) {
            input.required = false;
        }
    }

    checkFiles() {
        const input = this.el.querySelector("#pqrs_attachments");
        const { maxFiles, maxFileMb, maxTotalMb } = this.el.dataset;
        const files = [...input.files];
        const large = files.find((file) => file.size > maxFileMb * MB);
        const total = files.reduce((sum, file) => sum + file.size, 0);
        let message = "";
        if (files.length > maxFiles) {
            message = _t("At most %s files. Send the others with a message later.", maxFiles);
        } else if (large) {
            message = _t("“%(name)s” is too large: at most %(limit)s MB.", { name: large.name, limit: maxFileMb });
        } else if (total > maxTotalMb * MB) {
            message = _t("All files together may have at most %s MB.", maxTotalMb);
        }
        input.setCustomValidity(message);
        input.classList.toggle("is-invalid", Boolean(message));
        this.el.querySelector("#pqrs_attachments_error").textContent = message;
    }
}

registry.category("public.interactions").add("sig_pqrs.filing_form", FilingForm);
