//! The agent's own messages to visitors, in Czech.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Hledám na webu…",
    searching_files: "Hledám v dokumentech…",
    using_tool: "Něco si ověřuji…",
    try_again: "Odpověď se nepodařilo dokončit. Zkuste to znovu.",
    busy: "Právě se ptá příliš mnoho lidí. Zkuste to za chvíli znovu.",
    unavailable: "Tento chat teď není dostupný.",
    too_long: "Tato zpráva je příliš dlouhá. Nejvyšší počet znaků: {limit}.",
    full: "Tato konverzace dosáhla nejvyšší délky. Pokračujte v nové.",
    unknown: "V této konverzaci nelze pokračovat. Začněte prosím novou.",
    unsupported: "To tento chat nepodporuje.",
    cut_off: "Odpověď byla zkrácena, protože byla příliš dlouhá.",
    filtered: "Na tuto otázku zde nelze odpovědět.",
    form_title: "Napište nám",
    form_name: "Vaše jméno",
    form_email: "Vaše e-mailová adresa",
    form_message: "Vaše zpráva",
    form_attach: "Přiložit tuto konverzaci",
    form_send: "Odeslat zprávu",
    form_sent: "Vaše zpráva byla odeslána.",
    form_failed: "Vaši zprávu se nepodařilo odeslat. Zkuste to prosím za chvíli znovu.",
    form_check: "Vyplňte prosím všechna pole a zkontrolujte e-mailovou adresu.",
};
