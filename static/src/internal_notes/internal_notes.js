import "@mail/core/web/message_model_patch";
import { Composer } from "@mail/core/common/composer";
import "@mail/core/web/composer_patch";
import { Message } from "@mail/core/common/message_model";
import { SuggestionService } from "@mail/core/common/suggestion_service";
import { Thread } from "@mail/core/common/thread_model";
import { patch } from "@web/core/utils/patch";

/**
 * On our records people talk to their colleagues alone (see `internal_notes.py`): there is a note to log and no message
 * to send. To write to a client is a step of the case.
 */
patch(Thread.prototype, {
    get sigIsInternal() {
        return Boolean(this.model?.startsWith("sig."));
    },
});

patch(Message.prototype, {
    canForward(thread) {
        return !thread?.sigIsInternal && super.canForward(thread);
    },
});

patch(Composer.prototype, {
    /** Also that of the inbox, from which one answers in a thread: there core mentions whoever wrote. */
    get postData() {
        const data = super.postData;
        if (!this.thread?.sigIsInternal) {
            return data;
        }
        const mentionedPartners = [...data.mentionedPartners].filter(
            (partner) => partner.main_user_id?.share === false
        );
        return { ...data, isNote: true, mentionedPartners };
    },
});

/** The thread in which is written: from the inbox, that of the message which is answered. */
function getTalk(thread) {
    return thread?.model === "mail.box" ? thread.composer?.replyToMessage?.thread : thread;
}

patch(SuggestionService.prototype, {
    async fetchPartnersRoles(term, thread, { abortSignal } = {}) {
        const talk = getTalk(thread);
        if (!talk?.sigIsInternal) {
            return super.fetchPartnersRoles(...arguments);
        }
        const data = await this.makeOrmCall(
            talk.model,
            "get_note_mentions",
            [talk.id],
            { search: term },
            { abortSignal }
        );
        const found = (data["res.partner"] || []).map((partner) => partner.id);
        talk.sigColleagueIds = new Set([...(talk.sigColleagueIds || []), ...found]);
        this.store.insert(data);
    },

    isSuggestionValid(partner, thread) {
        const talk = getTalk(thread);
        return (
            super.isSuggestionValid(...arguments) &&
            (!talk?.sigIsInternal || Boolean(talk.sigColleagueIds?.has(partner.id)))
        );
    },
});
