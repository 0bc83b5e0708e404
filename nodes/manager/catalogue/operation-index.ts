import type { Operation } from './operation.js';
import { kindOfLevel, valuesIn } from './validation/path-template.js';
import { withoutCase } from './without-case.js';

/** A node of the search tree, for the beginning of a path. */
interface Level {
  literal: Map<string, Level>;
  /** The next levels that have text beside a placeholder, by their template. */
  mixed: Map<string, Level>;
  placeholder: Level | null;
  byMethod: Map<string, Operation[]>;
}

/**
 * Creates a function that finds the operations for a method and a concrete path. Literal levels take precedence over those with
 * text beside a placeholder, and these over a placeholder alone. Several operations share a path and method where TPEDM has one
 * for each kind of body; they keep their order.
 */
export function indexOperations(
  operations: readonly Operation[],
): (method: string, path: string) => readonly Operation[] {
  const root = emptyLevel();
  for (const operation of operations) {
    const level = pathLevels(operation.path).reduce(stepInto, root);
    const same = level.byMethod.get(operation.method);
    if (same) same.push(operation);
    else level.byMethod.set(operation.method, [operation]);
  }
  return (method, path) => find(root, pathLevels(path), 0, method.toUpperCase());
}

/**
 * Creates a function that finds all operations, of any method, to which levels in lower case may belong. A placeholder of an
 * operation matches any level, and a given level that itself is a placeholder matches all levels for which it could stand.
 */
export function indexReadings(
  operations: readonly Operation[],
): (levels: readonly string[]) => readonly Operation[] {
  const root = emptyLevel();
  for (const operation of operations) {
    const levels = pathLevels(withoutCase(operation.path));
    const { byMethod } = levels.reduce(stepInto, root);
    byMethod.set(operation.method, [...(byMethod.get(operation.method) ?? []), operation]);
  }
  return (levels) => {
    let reached = [root];
    for (const name of levels) {
      const next: Level[] = [];
      for (const level of reached) addNextLevels(level, name, next);
      if (next.length === 0) return [];
      reached = next;
    }
    const found: Operation[] = [];
    for (const { byMethod } of reached) for (const same of byMethod.values()) found.push(...same);
    return found;
  };
}

function addNextLevels({ literal, mixed, placeholder }: Level, name: string, next: Level[]): void {
  const same = literal.get(name);
  const kind = kindOfLevel(name);
  if (kind === 'placeholder' || name.startsWith('{')) next.push(...literal.values(), ...mixed.values());
  else if (kind === 'mixed') {
    for (const [text, level] of literal) if (valuesIn(name, text) !== null) next.push(level);
    next.push(...mixed.values());
  } else {
    if (same !== undefined) next.push(same);
    for (const [template, level] of mixed) if (valuesIn(template, name) !== null) next.push(level);
  }
  if (placeholder !== null) next.push(placeholder);
}

function emptyLevel(): Level {
  return { literal: new Map(), mixed: new Map(), placeholder: null, byMethod: new Map() };
}

function pathLevels(path: string): string[] {
  return (path.split('?')[0] ?? '').split('/').filter((level) => level !== '');
}

function stepInto(level: Level, name: string): Level {
  const kind = kindOfLevel(name);
  if (kind === 'placeholder') {
    level.placeholder ??= emptyLevel();
    return level.placeholder;
  }
  const levels = kind === 'mixed' ? level.mixed : level.literal;
  const next = levels.get(name) ?? emptyLevel();
  levels.set(name, next);
  return next;
}

function find(level: Level, names: readonly string[], at: number, method: string): readonly Operation[] {
  const name = names[at];
  if (name === undefined) return level.byMethod.get(method) ?? [];
  const literal = level.literal.get(name);
  const found = literal ? find(literal, names, at + 1, method) : [];
  if (found.length > 0) return found;
  for (const [template, next] of level.mixed) {
    const fits = valuesIn(template, name) !== null;
    const below = fits ? find(next, names, at + 1, method) : [];
    if (below.length > 0) return below;
  }
  return level.placeholder === null ? [] : find(level.placeholder, names, at + 1, method);
}
