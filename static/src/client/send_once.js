import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

/** A form that is on its way is not sent again by another tap. Without it, the server knows the token. */
export class SendOnce extends Interaction {
    static selector = "form.o_sig_form";
    dynamicContent = { _root: { "t-on-submit": this.onSubmit } };

    onSubmit(ev) {
        if (this.sent) {
            ev.preventDefault();
            return;
        }
        this.sent = true;
        this.waitForTimeout(() => {
            this.sent = false;
        }, 15000);
    }
}

registry.category("public.interactions").add("sig_pqrs.send_once", SendOnce);
