/** A level of an operation's path: its texts, and between each two of them a placeholder's name. */
interface Template {
  texts: readonly string[];
  names: readonly string[];
}

const PLACEHOLDER = /\{([^{}]+)\}/;

/** The names of the placeholders of a path, or of a level, in their order. */
export function placeholdersOf(path: string): string[] {
  return path.split(PLACEHOLDER).filter((_part, index) => index % 2 === 1);
}

/** Whether a level of an operation's path is one placeholder, or has some beside its own text: `{id}`, `{name}.json`. */
export function kindOfLevel(level: string): 'text' | 'placeholder' | 'mixed' {
  if (!level.includes('{')) return 'text';
  const { texts, names } = templateOf(level);
  if (names.length === 0) return 'text';
  return texts.every((text) => text === '') ? 'placeholder' : 'mixed';
}

/**
 * The text of each placeholder of `template` in a level of a path; null where the level is none of its kind. Where texts within
 * could end in several places, the first one counts.
 */
export function valuesIn(template: string, level: string): Map<string, string> | null {
  const { texts, names } = templateOf(template);
  if (names.length === 0) return level === template ? new Map() : null;
  const [first = ''] = texts;
  const last = texts.at(-1) ?? '';
  if (!level.startsWith(first) || !level.endsWith(last)) return null;
  const values = new Map<string, string>();
  const end = level.length - last.length;
  let place = first.length;
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    // Each value has a character at least.
    const to = isLast ? end : level.indexOf(texts[index + 1] ?? '', place + 1);
    if (to <= place || to > end) return null;
    values.set(name, level.slice(place, to));
    place = to + (isLast ? 0 : (texts[index + 1] ?? '').length);
  }
  return values;
}

function templateOf(level: string): Template {
  const parts = level.split(PLACEHOLDER);
  return {
    texts: parts.filter((_part, index) => index % 2 === 0),
    names: parts.filter((_part, index) => index % 2 === 1),
  };
}
