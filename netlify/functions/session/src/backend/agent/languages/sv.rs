//! The agent's own messages to visitors, in Swedish.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Söker på webben …",
    searching_files: "Söker i dokument …",
    using_tool: "Slår upp något …",
    try_again: "Svaret kunde inte slutföras. Försök igen.",
    busy: "För många frågar just nu. Försök igen om en stund.",
    unavailable: "Den här chatten är inte tillgänglig just nu.",
    too_long: "Meddelandet är för långt. Det får ha högst {limit} tecken.",
    full: "Den här konversationen har nått sin största längd. Börja en ny för att fortsätta.",
    unknown: "Den här konversationen kan inte fortsätta. Börja en ny.",
    unsupported: "Den här chatten stöder inte det.",
    cut_off: "Svaret avbröts eftersom det blev för långt.",
    filtered: "Den här frågan kan inte besvaras här.",
    form_title: "Kontakta oss",
    form_name: "Ditt namn",
    form_email: "Din e-postadress",
    form_message: "Ditt meddelande",
    form_attach: "Bifoga den här konversationen",
    form_send: "Skicka meddelande",
    form_sent: "Ditt meddelande har skickats.",
    form_failed: "Ditt meddelande kunde inte skickas. Försök igen om en stund.",
    form_check: "Fyll i alla fält och kontrollera e-postadressen.",
};
