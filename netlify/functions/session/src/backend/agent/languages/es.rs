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
};
