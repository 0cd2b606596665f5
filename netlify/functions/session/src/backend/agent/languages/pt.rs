//! The agent's own messages to visitors, in Portuguese, as in Brazil.

use crate::backend::agent::words::Words;

pub(super) const WORDS: Words = Words {
    searching_web: "Pesquisando na web…",
    searching_files: "Pesquisando nos documentos…",
    using_tool: "Consultando informações…",
    try_again: "Não foi possível concluir a resposta. Tente novamente.",
    busy: "Há perguntas demais neste momento. Tente novamente em instantes.",
    unavailable: "Este chat não está disponível no momento.",
    too_long: "Esta mensagem é longa demais. Ela pode ter no máximo {limit} caracteres.",
    full: "Esta conversa atingiu o tamanho máximo. Comece uma nova para continuar.",
    unknown: "Não é possível continuar esta conversa. Comece uma nova.",
    unsupported: "Este chat não oferece suporte a isso.",
    cut_off: "A resposta foi interrompida porque ficou longa demais.",
    filtered: "Não é possível responder a esta pergunta aqui.",
    form_title: "Fale conosco",
    form_name: "Seu nome",
    form_email: "Seu e-mail",
    form_message: "Sua mensagem",
    form_attach: "Anexar esta conversa",
    form_send: "Enviar mensagem",
    form_sent: "Sua mensagem foi enviada.",
    form_failed: "Não foi possível enviar sua mensagem. Tente novamente em instantes.",
    form_check: "Preencha todos os campos e confira o endereço de e-mail.",
};
