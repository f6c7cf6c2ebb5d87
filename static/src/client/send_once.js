import { Interaction } from "@web/public/interaction";
import { registry } from "@web/core/registry";

// After so long, what was sent is taken for lost, and may be sent again.
const PATIENCE = 15000;

/** A form that is on its way is not sent again by another tap. Without it, the server knows the token. */
export class SendOnce extends Interaction {
    static selector = "form.o_sig_form";
    dynamicContent = {
        _root: { "t-on-submit": this.onSubmit },
        _window: { "t-on-pageshow": this.release },
    };

    onSubmit(ev) {
        if (this.sent) {
            ev.preventDefault();
            return;
        }
        this.sent = true;
        this.waitForTimeout(() => this.release(), PATIENCE);
    }

    release() {
        this.sent = false;
    }
}

registry.category("public.interactions").add("sig_pqrs.send_once", SendOnce);
