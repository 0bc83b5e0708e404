/** A level of an operation's path: its texts, and the names of the placeholders between them. */
interface Template {
  texts: readonly string[];
  names: readonly string[];
}

const PLACEHOLDER = /\{([^{}]+)\}/;

/** The names of the placeholders of a path or of a level, in their order. */
export function placeholdersOf(path: string): string[] {
  return path.split(PLACEHOLDER).filter((_part, index) => index % 2 === 1);
}

/** Whether a level of an operation's path is text, a placeholder such as `{id}`, or both mixed, such as `{name}.json`. */
export function kindOfLevel(level: string): 'text' | 'placeholder' | 'mixed' {
  if (!level.includes('{')) return 'text';
  const { texts, names } = templateOf(level);
  if (names.length === 0) return 'text';
  return texts.every((text) => text === '') ? 'placeholder' : 'mixed';
}

/**
 * Returns the text for each placeholder of `template` in a level of a path; null where the level does not match the template.
 * Where a value could end in several places, the first one counts.
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
    // Each value has at least one character.
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
