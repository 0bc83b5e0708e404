import { storedJson } from './exact-json.js';
import { redactPath } from './redact-path.js';
import { factsOf, isQuestion, isSecretName } from './secret-names.js';
import { REDACTED, redactText } from './secret-text.js';
import { createSentSecrets, type SentSecrets } from './sent-secrets.js';

export { isSecretName, REDACTED };

/** What is known of the secrets in a value, in addition to what their names and their form show. */
export interface Redaction {
  /** Folded names of the fields that a schema marks as secret. */
  names: ReadonlySet<string>;
  /** Secrets that were sent and may come back in any text. */
  values: readonly string[];
}

const NOTHING_KNOWN: Redaction = { names: new Set(), values: [] };
const MAX_DEPTH = 64;
/** Most texts within a value that are read as JSON. */
const MAX_JSON = 200;
const DEEPEST_JSON = 3;
/** Characters of base64 that are looked at in one text, and in all. */
const MAX_BASE64 = 64 * 1024;
const MAX_BASE64_IN_ALL = 512 * 1024;
/** Beginning of a text that may be base64. Others are not looked at. */
const BASE64_BEGINS = /^(?:data:[^,]{0,100},)?[A-Za-z\d+/_=\r\n-]{24}/;
/** A path or a URL with a query, in which escaped values are looked at too. */
const WITH_QUERY = /^(?:https?:\/\/|\/)[^\s?]{0,2048}\?/;
const BASE64_WITHIN = /[A-Za-z\d+/_-]{24}/;
/** The beginning of a private key in DER: PKCS#8, PKCS#1 and SEC 1. */
const DER_KEY =
  /^(?:MII[\w+/]{2,4}BADANBgkqhkiG9w0BAQEF|MII[\w+/]{2,4}IBAAK|MHcCAQEE|MI[GH][\w+/]{1,2}AgEAM|MC4CAQAwBQYDK2V)/;
const BASE64 = /^(?:data:[\w/+.;=-]{0,100},)?[A-Za-z\d+/_-]+={0,2}$/;
/** Shortest secret that is looked for. A shorter one occurs in texts that have nothing to do with it. */
const SHORTEST_VALUE = 4;
const MAX_VALUE_LENGTH = 4096;
const MAX_VALUES = 50;
const MAX_NAMES = 1000;
/**
 * Copies a JSON value so that it may be stored and shown. It replaces everything in a field that is secret by its name or by `known.names`
 * (a whole object or list, a number too), the secrets that a text shows by their form (redactText, also in JSON or base64 within the text),
 * and `known.values`. It also replaces what PostgreSQL's jsonb cannot hold: NUL, half a surrogate pair, too many levels. The work is linear
 * in the size of the value, and bounded if secrets were sent.
 */
export function redact(value: unknown, known: Redaction = NOTHING_KNOWN): unknown {
  const sent = known.values.length === 0 ? null : createSentSecrets(known.values);
  const isThere = sent !== null && mayHave(value, known, sent);
  return redacting(isThere ? known : { ...known, values: [] }, isThere ? sent : null).copy(value, 0);
}

/** Whether any of the sent secrets may be in a value, because one look at the whole is cheaper than one at each text. */
function mayHave(value: unknown, { values }: Redaction, sent: SentSecrets): boolean {
  try {
    const whole = JSON.stringify(value) ?? '';
    // A secret that JSON writes in another way, or that may be in base64, is looked for in every text.
    return (
      BASE64_WITHIN.test(whole) ||
      values.some((one) => JSON.stringify(one).length > one.length + 2) ||
      sent.mayBeIn(whole)
    );
  } catch {
    return true;
  }
}

/** The secrets in a value that are hidden as a whole, by the names of their fields or as base64: texts and numbers, fifty at most. */
export function secretValues(value: unknown, names: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  redacting({ names, values: [] }, null, (hidden) => collect(hidden, found, 0)).copy(value, 0);
  return [...found];
}

function redacting(
  { names, values }: Redaction,
  sent: SentSecrets | null,
  onHidden: (value: unknown) => void = () => undefined,
) {
  const withoutSent = (text: string) => sent?.hide(text) ?? text;
  const shownNames = new Map<string, string>();
  let jsonLeft = MAX_JSON;
  let base64Left = MAX_BASE64_IN_ALL;
  let hidden = 0;

  function isSecret(name: string): boolean {
    const { isSecret, folded } = factsOf(name);
    return isSecret || names.has(folded);
  }

  function hide(value: unknown): string {
    hidden += 1;
    onHidden(value);
    return REDACTED;
  }

  function copy(value: unknown, depth: number, json = 0): unknown {
    if (typeof value === 'string') return text(value, json);
    if (typeof value === 'number' || typeof value === 'bigint')
      return values.length > 0 && values.includes(String(value)) ? hide(value) : value;
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= MAX_DEPTH) return `[deeper than ${MAX_DEPTH} levels]`;
    if (Array.isArray(value)) return value.map((element) => copy(element, depth + 1, json));
    return object(value as Record<string, unknown>, depth, json);
  }

  function object(value: Record<string, unknown>, depth: number, json: number): unknown {
    const all = Object.keys(value);
    let isLabelled = false;
    let hasCertificate = false;
    for (const name of all) {
      const facts = factsOf(name);
      const field = value[name];
      isLabelled ||= facts.isLabel && typeof field === 'string' && isSecret(field);
      hasCertificate ||= facts.isCertificate;
    }
    const copied: Record<string, unknown> = {};
    for (const name of all) {
      const field = value[name];
      const isHidden =
        isSecret(name) || (isLabelled && factsOf(name).isLabelled) || (hasCertificate && name === 'key');
      const shown = isHidden && saysSomething(name, field) ? hide(field) : copy(field, depth + 1, json);
      set(copied, shownName(name), shown);
    }
    return copied;
  }

  /** Looks at each name once, because the entries of a list repeat theirs. */
  function shownName(name: string): string {
    const found = shownNames.get(name);
    if (found !== undefined) return found;
    const shown = withoutSent(storable(name));
    if (shownNames.size < MAX_NAMES) shownNames.set(name, shown);
    return shown;
  }

  function text(given: string, json: number): string {
    const whole = storable(given);
    if (whole.length < SHORTEST_VALUE) return whole;
    const inner = json < DEEPEST_JSON ? jsonWithin(whole, json) : null;
    if (inner !== null) return inner;
    if (isSecretInBase64(whole)) return hide(whole);
    const path = WITH_QUERY.test(whole) ? redactPath(whole, names) : whole;
    const shown = redactText(withoutSent(path));
    if (shown !== whole) hidden += 1;
    return shown;
  }

  /** The text without its secrets if it is JSON that has some; null otherwise. */
  function jsonWithin(whole: string, json: number): string | null {
    if (jsonLeft === 0 || !/^\s*[[{"]/.test(whole) || !/[\]}"]\s*$/.test(whole)) return null;
    jsonLeft -= 1;
    const before = hidden;
    try {
      const shown = copy(storedJson(whole), 0, json + 1);
      return hidden === before ? null : JSON.stringify(shown);
    } catch {
      return null;
    }
  }

  function isSecretInBase64(whole: string): boolean {
    if (base64Left <= 0 || !BASE64_BEGINS.test(whole)) return false;
    const compact = whole.slice(0, MAX_BASE64).replaceAll(/\s+/g, '');
    base64Left -= Math.min(whole.length, MAX_BASE64);
    if (!BASE64.test(compact)) return false;
    const bare = compact.replace(/^data:[^,]*,/, '');
    if (DER_KEY.test(bare)) return true;
    const decoded = Buffer.from(bare, 'base64').toString('utf8');
    const before = hidden;
    const shown = jsonWithin(decoded, DEEPEST_JSON - 1) ?? redactText(withoutSent(decoded));
    hidden = before;
    return shown !== decoded;
  }

  return { copy };
}

/** Whether a field has a value to hide. An empty one is no secret, and to show it tells that there is none. */
function saysSomething(name: string, value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false;
  if (typeof value === 'boolean') return !isQuestion(name);
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function collect(value: unknown, found: Set<string>, depth: number): void {
  if (found.size >= MAX_VALUES || depth > MAX_DEPTH) return;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    const text = String(value);
    if (text.length >= SHORTEST_VALUE && text.length <= MAX_VALUE_LENGTH) found.add(text);
  } else if (typeof value === 'object' && value !== null) {
    for (const element of Object.values(value)) collect(element, found, depth + 1);
  }
}

/** `__proto__` is a name like any other. */
function set(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

function storable(text: string): string {
  return (text.includes('\u0000') ? text.replaceAll('\u0000', '\ufffd') : text).toWellFormed();
}
