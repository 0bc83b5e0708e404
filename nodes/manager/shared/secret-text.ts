/** The text in place of a secret. */
export const REDACTED = '[redacted]';

/** A text without any of these has nothing that the patterns below find; most texts have none. */
const HINT =
  /-----BEGIN|:\/\/|<(?:key|tls|secret|pkcs|auth)|pass|pwd|secret|token|psk|key|[?&;_.-]sig|\bpin\b|puk|bearer|basic|eyJ|tpedm_|community|Private-Lines/i;

// A pattern whose end is missing matches to the end of the text, so that no pattern scans a text again and again.
const PRIVATE_KEY =
  /-----BEGIN (?:[A-Z\d ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN [\w -]{1,40})-----[\s\S]*?(?:-----END [^-]{1,80}-----|$)/g;
const PUTTY_KEY = /Private-Lines:[\s\S]*$/;
/** Blocks within an OpenVPN profile. */
const INLINE =
  /<(key|tls-auth|tls-crypt|tls-crypt-v2|secret|pkcs12|auth-user-pass|auth-token)>[\s\S]*?(?:<\/\1>|$)/gi;
const LOGIN = /(:\/\/)([^\s/?#@:"'<>]{0,256}):([^\s/?#"'<>]{1,1024})@/g;
const TOKEN_LOGIN = /(:\/\/)[^\s/?#@:"'<>]{16,256}@/g;
/** A text that may contain a JWT. It is taken as a whole, because a search from each of its places would take quadratic time. */
const DOTTED = /(?<![\w.-])[\w.-]{19,}/g;
const JWT_BEGINS = /\beyJ[\w-]{10}/;
const SHORTEST_CLAIMS = 5;
const AUTHORIZATION = /\b(bearer|basic)( +)(?=[^\s"',;]{0,64}[\d=+/_.])[^\s"',;]{8,}/gi;
/** A token that was generated here. Our own names, as of metrics, have neither digits nor capitals so far. */
const OWN_TOKEN = /\btpedm_(?=[\w-]{0,31}[A-Z\d])[\w-]{32}(?![\w-])/g;
const PAIR =
  /((?:pass(?:word|wd|phrase|code)?|pwd|secret|token|psk|(?:private|symmetric|shared|access|account|api|auth|encryption|master)[_ -]?key|community|\bpin(?:[_ -]?code)?|\bpuk|[?&;](?:[\w.-]{0,60}[_.-])?sig(?:nature)?(?![a-z]))\w{0,20}(\\*)["']?[ \t]{0,4}[=:][ \t]{0,4})(?:"(?:[^"\\]|\\[\s\S]?)*(?:"|$)|'[^']*(?:'|$)|(\\+)"[\s\S]*?(?:\3"|$)|[^\s,;&"'<>}\]]+)/gi;

/** A quick check: false for a text in which redactText finds nothing. */
export function mayHaveSecret(text: string): boolean {
  return text.length >= 4 && HINT.test(text);
}

/**
 * Replaces the secrets that can be recognized by their form: private keys, the secrets of an OpenVPN profile, logins in URLs, connection
 * strings, tokens, and `password=...` and the like. Takes linear time.
 */
export function redactText(text: string): string {
  if (!mayHaveSecret(text)) return text;
  return text
    .replace(PRIVATE_KEY, REDACTED)
    .replace(PUTTY_KEY, `Private-Lines: ${REDACTED}`)
    .replace(INLINE, (_all, tag: string) => `<${tag}>${REDACTED}</${tag}>`)
    .replace(LOGIN, `$1$2:${REDACTED}@`)
    .replace(TOKEN_LOGIN, `$1${REDACTED}@`)
    .replace(DOTTED, withoutJwts)
    .replace(OWN_TOKEN, REDACTED)
    .replace(AUTHORIZATION, `$1$2${REDACTED}`)
    .replace(PAIR, (all, name: string) => (all.endsWith(REDACTED.slice(0, -1)) ? all : `${name}${REDACTED}`));
}

/** Replaces each JWT among the parts between dots: where it begins, its claims and its signature. */
function withoutJwts(dotted: string): string {
  if (!dotted.includes('eyJ')) return dotted;
  const parts = dotted.split('.');
  const shown: string[] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? '';
    const begin = (parts[at + 1]?.length ?? 0) < SHORTEST_CLAIMS ? -1 : part.search(JWT_BEGINS);
    shown.push(begin < 0 ? part : `${part.slice(0, begin)}${REDACTED}`);
    if (begin >= 0) at += 2;
  }
  return shown.join('.');
}
