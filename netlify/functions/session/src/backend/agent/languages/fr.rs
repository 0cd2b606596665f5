//! The agent's own messages to visitors, in French.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Recherche sur le web…",
    searching_files: "Recherche dans les documents…",
    using_tool: "Recherche d’informations…",
    try_again: "La réponse n’a pas pu être terminée. Veuillez réessayer.",
    busy: "Les demandes sont trop nombreuses en ce moment. Veuillez réessayer dans un instant.",
    unavailable: "Ce chat n’est pas disponible pour le moment.",
    too_long: "Ce message est trop long. Il peut contenir au plus {limit} caractères.",
    full: "Cette conversation a atteint sa longueur maximale. Commencez-en une nouvelle pour continuer.",
    unknown: "Cette conversation ne peut pas être poursuivie. Veuillez en commencer une nouvelle.",
    unsupported: "Ce chat ne le permet pas.",
    cut_off: "La réponse a été interrompue, car elle devenait trop longue.",
    filtered: "Il n’est pas possible de répondre à cette question ici.",
};
