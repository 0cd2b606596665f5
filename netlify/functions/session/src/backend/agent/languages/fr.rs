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
    form_title: "Contactez-nous",
    form_name: "Votre nom",
    form_email: "Votre adresse e-mail",
    form_message: "Votre message",
    form_attach: "Joindre cette conversation",
    form_send: "Envoyer le message",
    form_sent: "Votre message a été envoyé.",
    form_failed: "Votre message n’a pas pu être envoyé. Veuillez réessayer dans un instant.",
    form_check: "Veuillez remplir tous les champs et vérifier l’adresse e-mail.",
};
