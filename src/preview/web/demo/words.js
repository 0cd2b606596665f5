/** The demo's own texts, in the languages that most people ask for. Nothing here touches the page. */

/** @typedef {typeof ENGLISH} Words */

const ENGLISH = {
  greeting: "What can I help with today?",
  placeholder: "Message the AI",
  newChat: "New chat",
  history: "Chat history",
  noThreads: "No conversations yet",
  send: "Send",
  stop: "Stop",
  attach: "Add a file",
  add: "Tools and files",
  model: "Model",
  dictate: "Dictate",
  copy: "Copy",
  copied: "Copied",
  good: "Good answer",
  bad: "Bad answer",
  retry: "Try again",
  remove: "Delete",
  rename: "Rename",
  close: "Close",
  failed: "Something went wrong. There is no connection.",
  noFiles: "Files are not sent in the demo.",
  noVoice: "The demo does not listen.",
  demo: "Demo",
  demoNote: "Nobody answers here, and nothing leaves this computer.",
  echo: "You wrote: “$”",
  answer: "This is a demo. Your workflow or your own server will answer here.",
  earlier: "The messages of the thread $ will be here.",
};

/** @type {Record<string, Partial<Words>>} */
const OTHERS = {
  de: {
    greeting: "Womit kann ich heute helfen?", placeholder: "Nachricht an die KI", newChat: "Neuer Chat", history: "Chatverlauf",
    noThreads: "Noch keine Unterhaltungen", send: "Senden", stop: "Anhalten", attach: "Datei hinzufügen", add: "Werkzeuge und Dateien",
    model: "Modell", dictate: "Diktieren", copy: "Kopieren", copied: "Kopiert", good: "Gute Antwort", bad: "Schlechte Antwort",
    retry: "Noch einmal", remove: "Löschen", rename: "Umbenennen", close: "Schließen", failed: "Etwas ist schiefgegangen. Es gibt keine Verbindung.",
    noFiles: "In der Demo werden keine Dateien gesendet.", noVoice: "Die Demo hört nicht zu.",
    demoNote: "Hier antwortet niemand, und nichts verlässt diesen Rechner.", echo: "Sie schrieben: „$“",
    answer: "Das ist eine Demo. Hier antwortet später Ihr Workflow oder Ihr eigener Server.", earlier: "Hier stehen später die Nachrichten des Threads $.",
  },
  fr: {
    greeting: "Comment puis-je vous aider aujourd’hui ?", placeholder: "Écrire à l’IA", newChat: "Nouvelle discussion", history: "Historique",
    noThreads: "Aucune conversation", send: "Envoyer", stop: "Arrêter", attach: "Ajouter un fichier", add: "Outils et fichiers",
    model: "Modèle", dictate: "Dicter", copy: "Copier", copied: "Copié", good: "Bonne réponse", bad: "Mauvaise réponse",
    retry: "Réessayer", remove: "Supprimer", rename: "Renommer", close: "Fermer", failed: "Une erreur s’est produite. Il n’y a pas de connexion.",
    noFiles: "La démo n’envoie pas de fichiers.", noVoice: "La démo n’écoute pas.", demo: "Démo",
    demoNote: "Personne ne répond ici, et rien ne quitte cet ordinateur.", echo: "Vous avez écrit : « $ »",
    answer: "Ceci est une démo. Votre workflow ou votre propre serveur répondra ici.", earlier: "Ici se trouvent les messages du fil $.",
  },
  es: {
    greeting: "¿En qué puedo ayudarte hoy?", placeholder: "Escribe a la IA", newChat: "Nuevo chat", history: "Historial",
    noThreads: "Aún no hay conversaciones", send: "Enviar", stop: "Detener", attach: "Añadir un archivo", add: "Herramientas y archivos",
    model: "Modelo", dictate: "Dictar", copy: "Copiar", copied: "Copiado", good: "Buena respuesta", bad: "Mala respuesta",
    retry: "Reintentar", remove: "Eliminar", rename: "Cambiar nombre", close: "Cerrar", failed: "Algo salió mal. No hay conexión.",
    noFiles: "La demo no envía archivos.", noVoice: "La demo no escucha.",
    demoNote: "Aquí no responde nadie y nada sale de este equipo.", echo: "Has escrito: «$»",
    answer: "Esto es una demo. Aquí aparece lo que responda tu flujo de trabajo o tu propio servidor.", earlier: "Aquí están los mensajes del hilo $.",
  },
  pt: {
    greeting: "Como posso ajudar hoje?", placeholder: "Escreva para a IA", newChat: "Nova conversa", history: "Histórico",
    noThreads: "Ainda não há conversas", send: "Enviar", stop: "Parar", attach: "Adicionar ficheiro", add: "Ferramentas e ficheiros",
    model: "Modelo", dictate: "Ditar", copy: "Copiar", copied: "Copiado", good: "Boa resposta", bad: "Má resposta",
    retry: "Tentar de novo", remove: "Eliminar", rename: "Mudar o nome", close: "Fechar", failed: "Algo correu mal. Não há ligação.",
    noFiles: "A demo não envia ficheiros.", noVoice: "A demo não ouve.",
    demoNote: "Aqui ninguém responde e nada sai deste computador.", echo: "Escreveu: “$”",
    answer: "Isto é uma demo. Aqui aparece o que o seu workflow ou servidor responder.", earlier: "Aqui estão as mensagens do tópico $.",
  },
  it: {
    greeting: "Come posso aiutarti oggi?", placeholder: "Scrivi all’IA", newChat: "Nuova chat", history: "Cronologia",
    noThreads: "Ancora nessuna conversazione", send: "Invia", stop: "Ferma", attach: "Aggiungi un file", add: "Strumenti e file",
    model: "Modello", dictate: "Detta", copy: "Copia", copied: "Copiato", good: "Buona risposta", bad: "Cattiva risposta",
    retry: "Riprova", remove: "Elimina", rename: "Rinomina", close: "Chiudi", failed: "Qualcosa è andato storto. Non c’è connessione.",
    noFiles: "La demo non invia file.", noVoice: "La demo non ascolta.",
    demoNote: "Qui non risponde nessuno e nulla lascia questo computer.", echo: "Hai scritto: «$»",
    answer: "Questa è una demo. Qui compare la risposta del tuo workflow o del tuo server.", earlier: "Qui ci sono i messaggi della conversazione $.",
  },
  nl: {
    greeting: "Waarmee kan ik vandaag helpen?", placeholder: "Bericht aan de AI", newChat: "Nieuwe chat", history: "Geschiedenis",
    noThreads: "Nog geen gesprekken", send: "Versturen", stop: "Stoppen", attach: "Bestand toevoegen", add: "Hulpmiddelen en bestanden",
    model: "Model", dictate: "Dicteren", copy: "Kopiëren", copied: "Gekopieerd", good: "Goed antwoord", bad: "Slecht antwoord",
    retry: "Opnieuw", remove: "Verwijderen", rename: "Hernoemen", close: "Sluiten", failed: "Er ging iets mis. Er is geen verbinding.",
    noFiles: "De demo verstuurt geen bestanden.", noVoice: "De demo luistert niet.",
    demoNote: "Hier antwoordt niemand, en niets verlaat deze computer.", echo: "U schreef: “$”",
    answer: "Dit is een demo. Hier staat wat uw workflow of uw eigen server antwoordt.", earlier: "Hier staan de berichten van het gesprek $.",
  },
  ja: {
    greeting: "今日はどのようなご用件ですか？", placeholder: "AI にメッセージを送る", newChat: "新しいチャット", history: "履歴",
    noThreads: "会話はまだありません", send: "送信", stop: "停止", attach: "ファイルを追加", add: "ツールとファイル",
    model: "モデル", dictate: "音声入力", copy: "コピー", copied: "コピーしました", good: "良い回答", bad: "良くない回答",
    retry: "もう一度", remove: "削除", rename: "名前を変更", close: "閉じる", failed: "問題が発生しました。接続がありません。",
    noFiles: "デモではファイルは送信されません。", noVoice: "デモでは音声を聞き取りません。", demo: "デモ",
    demoNote: "ここでは誰も回答せず、何も外部に送信されません。", echo: "入力内容：「$」",
    answer: "これはデモです。ここにワークフローまたはご自身のサーバーの回答が表示されます。", earlier: "ここにスレッド $ のメッセージが表示されます。",
  },
  zh: {
    greeting: "今天我能帮您做什么？", placeholder: "给 AI 发消息", newChat: "新聊天", history: "聊天记录",
    noThreads: "还没有对话", send: "发送", stop: "停止", attach: "添加文件", add: "工具和文件",
    model: "模型", dictate: "听写", copy: "复制", copied: "已复制", good: "回答得好", bad: "回答得不好",
    retry: "重试", remove: "删除", rename: "重命名", close: "关闭", failed: "出了点问题，没有连接。",
    noFiles: "演示中不会发送文件。", noVoice: "演示不会收听。", demo: "演示",
    demoNote: "这里没有人回答，任何内容都不会离开这台电脑。", echo: "您写道：“$”",
    answer: "这是演示。这里将显示您的工作流或您自己的服务器的回答。", earlier: "这里是会话 $ 的消息。",
  },
  ar: {
    greeting: "كيف يمكنني مساعدتك اليوم؟", placeholder: "اكتب إلى الذكاء الاصطناعي", newChat: "محادثة جديدة", history: "سجل المحادثات",
    noThreads: "لا توجد محادثات بعد", send: "إرسال", stop: "إيقاف", attach: "إضافة ملف", add: "الأدوات والملفات",
    model: "النموذج", dictate: "إملاء", copy: "نسخ", copied: "تم النسخ", good: "إجابة جيدة", bad: "إجابة سيئة",
    retry: "حاول مجددًا", remove: "حذف", rename: "إعادة تسمية", close: "إغلاق", failed: "حدث خطأ ما. لا يوجد اتصال.",
    noFiles: "لا تُرسل الملفات في العرض التجريبي.", noVoice: "العرض التجريبي لا يستمع.", demo: "عرض تجريبي",
    demoNote: "لا أحد يجيب هنا، ولا شيء يغادر هذا الحاسوب.", echo: "كتبت: «$»",
    answer: "هذا عرض تجريبي. هنا تظهر إجابة سير عملك أو خادمك.", earlier: "هنا تظهر رسائل المحادثة $.",
  },
};

/** Languages of ChatKit that are written from right to left. */
const RIGHT_TO_LEFT = new Set(["ar", "ur"]);

/** @param {string} locale `pt-BR` @returns {Words} English for a language that is not here. */
export function wordsOf(locale) {
  return { ...ENGLISH, ...OTHERS[languageOf(locale)] };
}

/** @param {string} locale @returns {"rtl" | "ltr"} */
export function directionOf(locale) {
  return RIGHT_TO_LEFT.has(languageOf(locale)) ? "rtl" : "ltr";
}

/** Language that our texts are in. @param {string} locale */
export function spoken(locale) {
  const language = languageOf(locale);
  return language in OTHERS ? language : "en";
}

/** @param {string} locale */
const languageOf = (locale) => locale.split("-")[0].toLowerCase();
