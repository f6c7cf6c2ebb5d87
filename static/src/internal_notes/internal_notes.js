import {messageActionsRegistry} from "@mail/core/common/message_actions";
import {SuggestionService, suggestionService} from "@mail/core/common/suggestion_service";
import "@mail/core/web/message_actions_patch";
import {registry} from "@web/core/registry";

/** The record of ours in whose thread is written, where colleagues alone talk: from the inbox, that of the message. */
function getTalk(thread) {
    const talk = thread?.model === "mail.box" ? thread.composer?.replyToMessage?.thread : thread;
    return talk?.model?.startsWith("sig.") ? talk : undefined;
}

/** In a note on a record of ours, colleagues who read it are mentioned, and nobody else (see `get_note_mentions`). */
class NoteSuggestionService extends SuggestionService {
    async fetchPartnersRoles(term, thread, {abortSignal} = {}) {
        const talk = getTalk(thread);
        if (!talk) {
            return super.fetchPartnersRoles(...arguments);
        }
        const data = await this.makeOrmCall(talk.model, "get_note_mentions", [talk.id], {search: term}, {abortSignal});
        const found = (data["res.partner"] || []).map((partner) => partner.id);
        talk.sigColleagueIds = new Set([...(talk.sigColleagueIds || []), ...found]);
        this.store.insert(data);
    }

    isSuggestionValid(partner, thread) {
        const talk = getTalk(thread);
        return super.isSuggestionValid(...arguments) && (!talk || Boolean(talk.sigColleagueIds?.has(partner.id)));
    }
}

registry
    .category("services")
    .add(
        "mail.suggestion",
        {...suggestionService, start: (env, services) => new NoteSuggestionService(env, services)},
        {force: true}
    );

/** They open the composer of mails, to people outside. */
for (const id of ["forward", "reply-all"]) {
    const action = messageActionsRegistry.get(id);
    const condition = (params) => !params.thread?.model?.startsWith("sig.") && action.condition(params);
    messageActionsRegistry.add(id, {...action, condition}, {force: true});
}
