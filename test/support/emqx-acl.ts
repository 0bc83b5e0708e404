/** An Erlang term: a text, an atom, a list, or a tuple. */
type Term = string | { atom: string } | Term[] | { tuple: Term[] };

export interface Client {
  clientid: string;
  username: string;
}
export type Action = 'publish' | 'subscribe';
/** Whether a client may publish to a topic, or subscribe a filter. */
export type AccessRules = (client: Client, action: Action, topic: string) => boolean;

/**
 * The rules of an acl.conf, applied as EMQX 5 and 6 do: placeholders are replaced as text and the rule is cut at its
 * slashes afterwards; a filter of a subscription is compared as it is, so that its wildcards are mere words.
 */
export function emqx5Rules(text: string): AccessRules {
  return rulesOf(text, ({ clientid, username }, rule) =>
    rule.replaceAll(`\${clientid}`, clientid).replaceAll(`\${username}`, username).split('/').map(asWildcard),
  );
}

/** The same as EMQX 4.4 does it: the rule is cut first, and a placeholder becomes one word, never a wildcard. */
export function emqx4Rules(text: string): AccessRules {
  return rulesOf(text, ({ clientid, username }, rule) =>
    rule.split('/').map((word) => {
      if (word === '%c') return clientid;
      return word === '%u' ? username : asWildcard(word);
    }),
  );
}

const ANY_LEVEL = Symbol('+');
const ALL_BELOW = Symbol('#');
type Word = string | typeof ANY_LEVEL | typeof ALL_BELOW;

function asWildcard(word: string): Word {
  if (word === '+') return ANY_LEVEL;
  return word === '#' ? ALL_BELOW : word;
}

function rulesOf(text: string, wordsOf: (client: Client, rule: string) => Word[]): AccessRules {
  const rules = parseTerms(text).map(tupleOf);
  return (client, action, topic) => {
    const words = topic.split('/').map(asWildcard);
    for (const [permission, who, what, topics] of rules) {
      const fits =
        matchesWho(client, who!) &&
        (what === undefined || ['all', 'pubsub', action].includes(atomOf(what))) &&
        (topics === undefined ||
          isAll(topics) ||
          listOf(topics).some((rule) => matches(words, wordsOf(client, textOf(rule)))));
      if (fits) return atomOf(permission!) === 'allow';
    }
    throw new Error('no rule fits, and the last one should fit everything');
  };
}

function matches(words: Word[], rule: Word[]): boolean {
  const [word, ...rest] = words;
  const [wanted, ...more] = rule;
  if (wanted === ALL_BELOW) return true;
  if (word === undefined || wanted === undefined) return word === wanted;
  return (wanted === ANY_LEVEL || wanted === word) && matches(rest, more);
}

function matchesWho(client: Client, who: Term): boolean {
  if (isAll(who)) return true;
  const [kind, wanted] = tupleOf(who);
  const value = ['user', 'username'].includes(atomOf(kind!)) ? client.username : client.clientid;
  if (typeof wanted === 'string') return value === wanted;
  return new RegExp(textOf(tupleOf(wanted!)[1]!)).test(value);
}

function isAll(term: Term): boolean {
  return typeof term === 'object' && 'atom' in term && term.atom === 'all';
}

function atomOf(term: Term): string {
  if (typeof term === 'object' && 'atom' in term) return term.atom;
  throw new Error(`no atom: ${JSON.stringify(term)}`);
}

function textOf(term: Term): string {
  if (typeof term === 'string') return term;
  throw new Error(`no text: ${JSON.stringify(term)}`);
}

function listOf(term: Term): Term[] {
  if (Array.isArray(term)) return term;
  throw new Error(`no list: ${JSON.stringify(term)}`);
}

function tupleOf(term: Term): Term[] {
  if (typeof term === 'object' && 'tuple' in term) return term.tuple;
  throw new Error(`no tuple: ${JSON.stringify(term)}`);
}

/** Erlang terms, each ended by a full stop, as `file:consult` reads them. */
function parseTerms(text: string): Term[] {
  const tokens = text.match(/%[^\n]*|"(?:[^"\\]|\\.)*"|[a-z]\w*|'[^']*'|[{}[\],.]|\S/g) ?? [];
  const left = tokens.filter((token) => !token.startsWith('%'));
  const terms: Term[] = [];
  while (left.length > 0) {
    terms.push(term());
    expectToken('.');
  }
  return terms;

  function expectToken(wanted: string): void {
    const token = left.shift();
    if (token !== wanted) throw new Error(`"${wanted}" expected, and there is ${token}`);
  }

  function items(end: string): Term[] {
    const found: Term[] = [];
    while (left[0] !== end) {
      found.push(term());
      if (left[0] !== end) expectToken(',');
    }
    left.shift();
    return found;
  }

  function term(): Term {
    const token = left.shift() ?? '';
    if (token === '{') return { tuple: items('}') };
    if (token === '[') return items(']');
    if (token.startsWith('"')) return JSON.parse(token) as string;
    if (/^[a-z]/.test(token)) return { atom: token };
    throw new Error(`not understood: ${token}`);
  }
}
