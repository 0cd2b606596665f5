//! The key of the site's domain, and OpenAI's list of domains.

use super::finding::Notes;
use super::visit::Probing;

const LIST: &str = "https://platform.openai.com/settings/organization/security/domain-allowlist";

/// Says what is known from here: OpenAI answers questions about the list only to ChatKit, in a browser.
pub(super) fn probe(probing: &Probing, notes: &Notes) {
    let target = &probing.visit.target;
    if target.is_local {
        notes.fine(
            "domain",
            "on this machine, ChatKit needs no entry in OpenAI's list",
        );
        return;
    }
    for widget in &target.widgets {
        if let Some(key) = &widget.placeholder {
            notes.wrong(
                "domain key",
                format!(
                    "`{key}` of `{}` is not one that OpenAI has issued, so ChatKit stays blank: write the key of {} from \
                     {LIST} into `domain_key`",
                    widget.name, target.host
                ),
            );
        }
    }
    let page = target.at(&target.first_page());
    notes.not_tried(
        "domain",
        format!(
            "only a browser learns whether OpenAI accepts {}: open {page}, and if the chat stays blank, see {LIST}",
            target.host
        ),
    );
}
