import { createHash } from 'node:crypto';
import type { Response } from 'express';
import type { LoginWords } from './login-words.js';

// The page loads no script, font or image, so that it works where the dashboard's own assets are refused.
const STYLE = `
:root { color-scheme: light dark; --page: #eef1f4; --card: #fff; --text: #1c2733; --soft: #5a6876; --line: #c3ccd5;
  --accent: #00695c; --on-accent: #fff; --bad: #b3261e; --bad-back: #fceeee; }
@media (prefers-color-scheme: dark) { :root { --page: #11171c; --card: #1b242c; --text: #e4eaf0; --soft: #9dabb8;
  --line: #3b4853; --accent: #4db6a5; --on-accent: #06231f; --bad: #ffb4ab; --bad-back: #3a2022; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem; background: var(--page);
  color: var(--text); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { width: 100%; max-width: 24rem; padding: 2rem; background: var(--card); border-radius: .75rem;
  box-shadow: 0 1px 3px rgb(0 0 0 / .16), 0 8px 24px rgb(0 0 0 / .08); }
h1 { margin: 0; font-size: 1.35rem; line-height: 1.3; }
p { margin: .25rem 0 0; color: var(--soft); }
p[role=alert] { margin-top: 1.25rem; padding: .6rem .8rem; border-radius: .4rem; background: var(--bad-back);
  color: var(--bad); }
form { display: grid; gap: 1rem; margin-top: 1.25rem; }
label { display: grid; gap: .25rem; font-size: .875rem; color: var(--soft); }
input { font: inherit; color: var(--text); background: transparent; padding: .6rem .75rem; border-radius: .4rem;
  border: 1px solid var(--line); width: 100%; }
button { font: inherit; font-weight: 600; padding: .65rem 1rem; border: 0; border-radius: .4rem; cursor: pointer;
  background: var(--accent); color: var(--on-accent); }
.button { display: block; margin-top: 1rem; padding: .65rem 1rem; border: 1px solid var(--line); border-radius: .4rem;
  color: var(--text); font-weight: 600; text-align: center; text-decoration: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

export interface LoginForm {
  /** Message that tells the person what went wrong. */
  fault?: string;
  user?: string;
  /** Another way to sign in: the text and the address of its button. */
  external?: { label: string; href: string } | undefined;
}

/** Answers with the login page, whose form posts to the page's own address. */
export function sendLoginPage(
  response: Response,
  words: LoginWords,
  status: number,
  form: LoginForm = {},
): void {
  const alert = form.fault ? `<p role="alert">${escaped(form.fault)}</p>` : '';
  const user = escaped(form.user ?? '');
  const { external } = form;
  const other = external
    ? `\n<a class="button" href="${escaped(external.href)}">${escaped(words.signInWith(external.label))}</a>`
    : '';
  sendPage(
    response,
    words,
    status,
    words.signIn,
    `<p>${words.intro}</p>${alert}
<form method="post">
<label>${words.user}<input name="user" value="${user}" autocomplete="username" autocapitalize="none" spellcheck="false"
 required maxlength="100"${user === '' ? ' autofocus' : ''}></label>
<label>${words.password}<input name="password" type="password" autocomplete="current-password" required
 maxlength="1000"${user === '' ? '' : ' autofocus'}></label>
<button>${words.signIn}</button>
</form>${other}`,
  );
}

/** Answers with a page that asks whether to sign out, because following a link must not sign anybody out. */
export function sendLogoutPage(response: Response, words: LoginWords, user: string): void {
  sendPage(
    response,
    words,
    200,
    words.signOut,
    `<p>${escaped(words.signedInAs(user))}</p>
<form method="post"><button autofocus>${words.signOut}</button></form>`,
  );
}

function sendPage(
  response: Response,
  words: LoginWords,
  status: number,
  title: string,
  content: string,
): void {
  response
    .status(status)
    .set({
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      // With `no-referrer` browsers would post the form with the origin "null".
      'Referrer-Policy': 'same-origin',
      'Cache-Control': 'no-store',
      Vary: 'Accept-Language',
    })
    .type('html')
    .send(`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} - ${words.title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${words.title}</h1>
${content}
</main>
</body>
</html>
`);
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
