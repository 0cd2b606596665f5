//! The agent's own messages to visitors, in Portuguese, as in Portugal.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "A pesquisar na Web…",
    searching_files: "A pesquisar nos documentos…",
    using_tool: "A consultar informações…",
    try_again: "Não foi possível concluir a resposta. Tente novamente.",
    busy: "Há demasiadas perguntas neste momento. Tente novamente dentro de momentos.",
    unavailable: "Este chat não está disponível de momento.",
    too_long: "Esta mensagem é demasiado longa. Pode ter, no máximo, {limit} carateres.",
    full: "Esta conversa atingiu o tamanho máximo. Comece uma nova para continuar.",
    unknown: "Não é possível continuar esta conversa. Comece uma nova.",
    unsupported: "Este chat não suporta isso.",
    cut_off: "A resposta foi interrompida porque ficou demasiado longa.",
    filtered: "Não é possível responder a esta pergunta aqui.",
    form_title: "Contacte-nos",
    form_name: "O seu nome",
    form_email: "O seu endereço de e-mail",
    form_message: "A sua mensagem",
    form_attach: "Anexar esta conversa",
    form_send: "Enviar mensagem",
    form_sent: "A sua mensagem foi enviada.",
    form_failed: "Não foi possível enviar a sua mensagem. Tente novamente dentro de momentos.",
    form_check: "Preencha todos os campos e verifique o endereço de e-mail.",
};
