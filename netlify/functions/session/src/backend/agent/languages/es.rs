//! The agent's own messages to visitors, in Spanish.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Buscando en la web…",
    searching_files: "Buscando en los documentos…",
    using_tool: "Consultando información…",
    try_again: "No se ha podido completar la respuesta. Inténtelo de nuevo.",
    busy: "Hay demasiadas consultas en este momento. Inténtelo de nuevo en un momento.",
    unavailable: "Este chat no está disponible en este momento.",
    too_long: "Este mensaje es demasiado largo. Puede tener {limit} caracteres como máximo.",
    full: "Esta conversación ha alcanzado su longitud máxima. Empiece una nueva para continuar.",
    unknown: "Esta conversación no puede continuar. Empiece una nueva.",
    unsupported: "Este chat no lo admite.",
    cut_off: "La respuesta se ha cortado porque era demasiado larga.",
    filtered: "Esta pregunta no se puede responder aquí.",
    form_title: "Contacte con nosotros",
    form_name: "Su nombre",
    form_email: "Su correo electrónico",
    form_message: "Su mensaje",
    form_attach: "Adjuntar esta conversación",
    form_send: "Enviar mensaje",
    form_sent: "Su mensaje se ha enviado.",
    form_failed: "No se ha podido enviar su mensaje. Inténtelo de nuevo en un momento.",
    form_check: "Rellene todos los campos y compruebe la dirección de correo electrónico.",
};
