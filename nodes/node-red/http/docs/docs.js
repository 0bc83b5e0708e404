// Runs in the page that shows the REST calls. The token stays in this closure: it is stored nowhere, and is gone when the page closes.
(() => {
  const WORDS = {
    en: {
      title: 'REST API',
      intro: 'Enter an API token to see the calls and to try them. It is forgotten when you close this page.',
      token: 'API token',
      show: 'Show the calls',
      unreachable: 'The server cannot be reached. Try again.',
    },
    de: {
      title: 'REST-API',
      intro:
        'Geben Sie ein API-Token ein, um die Aufrufe zu sehen und auszuprobieren. Es wird vergessen, sobald Sie diese Seite schließen.',
      token: 'API-Token',
      show: 'Aufrufe anzeigen',
      unreachable: 'Der Server ist nicht erreichbar. Versuchen Sie es erneut.',
    },
    ja: {
      title: 'REST API',
      intro:
        'API トークンを入力すると、呼び出しの一覧を表示して試すことができます。トークンはこのページを閉じると消去されます。',
      token: 'API トークン',
      show: '呼び出しを表示',
      unreachable: 'サーバーに接続できません。もう一度お試しください。',
    },
    'zh-TW': {
      title: 'REST API',
      intro: '輸入 API 權杖以檢視並試用各項呼叫。關閉此頁面後即不再保留權杖。',
      token: 'API 權杖',
      show: '顯示呼叫',
      unreachable: '無法連線至伺服器。請再試一次。',
    },
  };

  const isTraditional = (tag) => /^zh-(tw|hk|mo|hant)/i.test(tag);
  const named = (tag) => (isTraditional(tag) ? 'zh-TW' : tag.slice(0, 2).toLowerCase());
  const language = navigator.languages.map(named).find((tag) => Object.hasOwn(WORDS, tag)) ?? 'en';
  const words = WORDS[language];

  const form = document.querySelector('#ask');
  const input = form.querySelector('input');
  const alert = form.querySelector('[role="alert"]');

  document.documentElement.lang = language;
  document.title = words.title;
  for (const element of form.querySelectorAll('[data-word]'))
    element.textContent = words[element.dataset.word];

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    alert.textContent = '';
    const token = input.value.trim();
    read(token).then(
      (answer) => {
        if (answer.status === false) alert.textContent = answer.data.message;
        else show(answer, token);
      },
      () => {
        alert.textContent = words.unreachable;
      },
    );
  });

  async function read(token) {
    const answer = await fetch(new URL('../openapi.json', location.href), {
      headers: { authorization: `Bearer ${token}` },
      cache: 'no-store',
      credentials: 'omit',
    });
    return await answer.json();
  }

  function show(openApi, token) {
    form.remove();
    // The document names its server relative to itself, but the viewer resolves that against this page.
    const server = new URL('..', location.href).href.replace(/\/$/, '');
    const ui = window.SwaggerUIBundle({
      domNode: document.querySelector('#calls'),
      spec: { ...openApi, servers: [{ url: server }] },
      // The viewer would ask another server to check the document otherwise.
      validatorUrl: null,
      persistAuthorization: false,
      displayRequestDuration: true,
      docExpansion: 'list',
      defaultModelsExpandDepth: 0,
      onComplete: () => ui.preauthorizeApiKey('bearer', token),
    });
  }
})();
