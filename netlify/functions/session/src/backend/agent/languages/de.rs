//! The agent's own messages to visitors, in German.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Suche im Web …",
    searching_files: "Suche in Dokumenten …",
    using_tool: "Schlage etwas nach …",
    try_again: "Die Antwort konnte nicht abgeschlossen werden. Bitte versuchen Sie es noch einmal.",
    busy: "Im Moment gibt es zu viele Fragen. Bitte versuchen Sie es gleich noch einmal.",
    unavailable: "Dieser Chat ist im Moment nicht verfügbar.",
    too_long: "Diese Nachricht ist zu lang. Sie darf höchstens {limit} Zeichen haben.",
    full: "Diese Unterhaltung hat ihre größte Länge erreicht. Beginnen Sie eine neue, um fortzufahren.",
    unknown: "Diese Unterhaltung kann nicht fortgesetzt werden. Bitte beginnen Sie eine neue.",
    unsupported: "Das unterstützt dieser Chat nicht.",
    cut_off: "Die Antwort wurde abgebrochen, weil sie zu lang wurde.",
    filtered: "Diese Frage kann hier nicht beantwortet werden.",
    form_title: "Schreiben Sie uns",
    form_name: "Ihr Name",
    form_email: "Ihre E-Mail-Adresse",
    form_message: "Ihre Nachricht",
    form_attach: "Diese Unterhaltung mitsenden",
    form_send: "Nachricht senden",
    form_sent: "Ihre Nachricht wurde gesendet.",
    form_failed: "Ihre Nachricht konnte nicht gesendet werden. Bitte versuchen Sie es gleich noch einmal.",
    form_check: "Bitte füllen Sie alle Felder aus und prüfen Sie die E-Mail-Adresse.",
};
