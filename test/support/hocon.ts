/** What HOCON text means: objects, arrays and texts; numbers, durations and the like stay texts. */
export type Hocon = string | Hocon[] | HoconObject;
export interface HoconObject {
  [key: string]: Hocon;
}

const UNQUOTED = /[^\s{}[\],=:#"]+/y;

/**
 * Reads as much of HOCON as the files of docker/ use: comments, nested and dotted keys, objects, arrays, quoted and
 * triple-quoted texts. A key that is given twice, and everything else, is an error.
 */
export function parseHocon(text: string): HoconObject {
  let at = 0;

  const fail = (what: string): never => {
    throw new Error(`line ${text.slice(0, at).split('\n').length}: ${what}`);
  };
  const skip = (pattern: RegExp) => {
    pattern.lastIndex = at;
    at += pattern.exec(text)?.[0].length ?? 0;
  };
  const skipBlank = () => skip(/(?:\s|#[^\n]*|\/\/[^\n]*)*/y);
  const take = (token: string): boolean => {
    if (!text.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };

  function quoted(): string {
    if (take('"""')) {
      const end = text.indexOf('"""', at);
      if (end < 0) fail('a text that does not end');
      const content = text.slice(at, end);
      at = end + 3;
      return content;
    }
    const [literal] = /^"(?:[^"\\\n]|\\.)*"/.exec(text.slice(at)) ?? fail('a text that does not end');
    at += literal.length;
    return JSON.parse(literal) as string;
  }

  function word(): string {
    if (text[at] === '"') return quoted();
    UNQUOTED.lastIndex = at;
    const [found] = UNQUOTED.exec(text) ?? fail(`not understood: ${text.slice(at, at + 20)}`);
    at += found.length;
    return found;
  }

  function value(): Hocon {
    skipBlank();
    if (take('{')) return object('}');
    if (!take('[')) return word();
    const items: Hocon[] = [];
    for (skipBlank(); !take(']'); skipBlank()) {
      items.push(value());
      skipBlank();
      take(',');
    }
    return items;
  }

  function object(end: string): HoconObject {
    const result: HoconObject = {};
    for (skipBlank(); end === '' ? at < text.length : !take(end); skipBlank()) {
      const path = text[at] === '"' ? [quoted()] : word().split('.');
      skipBlank();
      if (!take('=') && !take(':') && text[at] !== '{') fail(`no value for ${path.join('.')}`);
      put(result, path, value());
      skip(/[ \t]*/y);
      if (!take(',') && at < text.length && text[at] !== end && !/[\n#]/.test(text[at] ?? ''))
        fail(`more than one value for ${path.join('.')}`);
    }
    return result;
  }

  function put(target: HoconObject, [key = '', ...rest]: string[], given: Hocon): void {
    if (rest.length > 0) {
      target[key] ??= {};
      const inner = target[key];
      if (typeof inner === 'string' || Array.isArray(inner)) return fail(`${key} is no object`);
      return put(inner, rest, given);
    }
    if (key in target) fail(`${key} is given twice`);
    target[key] = given;
  }

  return object('');
}

/** What is at a path of keys, such as `mqtt.max_packet_size` or `authentication.1.query`; it must be there. */
export function hoconAt(root: Hocon, path: string): Hocon {
  return path.split('.').reduce<Hocon>((inner, key) => {
    const found = typeof inner === 'string' ? undefined : (inner as HoconObject)[key];
    if (found === undefined) throw new Error(`there is no ${path}`);
    return found;
  }, root);
}
