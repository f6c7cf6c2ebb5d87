import { patch } from "@web/core/utils/patch";
import { SurveyForm } from "@survey/interactions/survey_form";

patch(SurveyForm.prototype, {
    /**
     * Our questionnaires are sent by one click: what is missing shows in its place, and nothing is asked twice.
     *
     * @override
     */
    onSubmit(ev) {
        if (ev.currentTarget.value === "finish" && this.el.classList.contains("o_sig_survey")) {
            ev.preventDefault();
            this.submitForm({ isFinish: true });
            return;
        }
        super.onSubmit(ev);
    },
});
