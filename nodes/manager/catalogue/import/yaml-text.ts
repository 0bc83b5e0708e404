import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from 'yaml';
import { numberOf } from '../../shared/exact-json.js';
import { isSchema as isObject } from '../validation/subschemas.js';
import { type Notes, shown } from './note-list.js';

/** The size of a document with its aliases expanded. It has a bound, since each alias is a copy and copies can contain copies. */
const MAX_VALUES = 2_000_000;
const MAX_CHARACTERS = 50 * 1024 * 1024;
const MERGE = '<<';
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/**
 * Reads a YAML document as the plain data that JSON can hold. Aliases and merge keys are expanded, names of fields stay as they
 * are written, and whole numbers beyond 2^53 become BigInt. `notes` gets unknown tags, and numbers that JSON cannot hold.
 *
 * Throws an Error that says why it cannot be read, such as for a key that occurs twice, for a second document, or for aliases
 * that stand for too much.
 */
export function readYaml(text: string, notes: Notes): unknown {
  // The library's search for repeated keys compares each key with each, so this file does its own.
  const document = parseDocument(text, {
    uniqueKeys: false,
    resolveKnownTags: false,
    schema: 'core',
    intAsBigInt: true,
    logLevel: 'error',
  });
  const [error] = document.errors;
  if (error?.code === 'MULTIPLE_DOCS')
    throw new Error('it has more than one document (after "---"): bring each as a file of its own');
  if (error !== undefined) throw error;
  const tags = new Set<string>();
  for (const warning of document.warnings) {
    const [, tag] = /Unresolved tag: (\S+)/.exec(warning.message) ?? [];
    if (tag !== undefined) tags.add(tag);
  }
  if (tags.size > 0) notes.add('', 'yaml-tags', { names: [...tags].slice(0, 5).join(', ') });
  return createWriter(document, notes).write();
}

function createWriter(document: Document.Parsed, notes: Notes) {
  let values = 0;
  let characters = 0;
  let odd = 0;
  const targets = targetsOf(document);
  /** The targets of the aliases that are being expanded now, to find one that contains itself. */
  const open = new Set<unknown>();

  function value(node: unknown): unknown {
    values += 1;
    if (isScalar(node) && typeof node.value === 'string') characters += node.value.length;
    if (values > MAX_VALUES || characters > MAX_CHARACTERS)
      throw new Error('its aliases stand for more than can be read');
    if (isAlias(node)) return ofAlias(node);
    if (isMap(node)) return fields(node.items);
    if (isSeq(node)) return node.items.map((item) => (isPair(item) ? fields([item]) : value(item)));
    return isScalar(node) ? plain(node) : null;
  }

  function ofAlias(node: Alias): unknown {
    const target = targets.get(node);
    if (target === undefined) throw new Error(`the alias *${node.source.slice(0, 60)} stands for nothing`);
    if (open.has(target)) throw new Error(`the alias *${node.source.slice(0, 60)} stands for itself`);
    open.add(target);
    const written = value(target);
    open.delete(target);
    return written;
  }

  function plain({ value: scalar, source }: Scalar): unknown {
    if (typeof scalar === 'bigint') return wholeNumber(scalar);
    if (typeof scalar !== 'number') return scalar ?? null;
    if (!Number.isFinite(scalar)) {
      odd += 1;
      return null;
    }
    return source !== undefined && JSON_NUMBER.test(source) ? fraction(source) : scalar;
  }

  function fraction(source: string): number | bigint {
    const { value: number, isSame } = numberOf(source);
    if (!isSame) notes.add('', 'number-rounded', { value: shown(source, 60), near: String(number) });
    return number;
  }

  /** Fields of the map itself take precedence over merged ones; of several merged fields with one name, the first counts. */
  function fields(items: readonly Pair[]): Record<string, unknown> {
    const own: [string, unknown][] = [];
    const merged = new Map<string, unknown>();
    const seen = new Set<string>();
    for (const { key, value: given } of items) {
      const name = nameOf(key);
      if (name === MERGE) {
        for (const [field, inner] of mergedFields(value(given)))
          if (!merged.has(field)) merged.set(field, inner);
        continue;
      }
      if (seen.has(name))
        throw new Error(`the key ${JSON.stringify(name.slice(0, 100))} stands twice in one place`);
      seen.add(name);
      own.push([name, value(given)]);
    }
    return Object.fromEntries([...[...merged].filter(([name]) => !seen.has(name)), ...own]);
  }

  function mergedFields(given: unknown): [string, unknown][] {
    const sources = Array.isArray(given) ? given : [given];
    if (!sources.every(isObject)) throw new Error('a merge key ("<<") has something that has no fields');
    return sources.flatMap((source) => Object.entries(source));
  }

  /** The name as it is written, since YAML would read `200`, `0123` or `2026-01-31` as a number or a date. */
  function nameOf(key: unknown): string {
    const node = isAlias(key) ? targets.get(key) : key;
    if (!isScalar(node)) throw new Error('a key is a list or an object');
    const isPlain = node.type === 'PLAIN' && typeof node.source === 'string';
    return isPlain ? (node.source ?? '') : String(node.value);
  }

  return {
    write(): unknown {
      const written = value(document.contents);
      if (odd > 0) notes.add('', 'yaml-numbers', { count: String(odd) });
      return written;
    },
  };
}

/** The parser reads all whole numbers as BigInt. Those that a number holds exactly become one again. */
function wholeNumber(whole: bigint): number | bigint {
  const number = Number(whole);
  return Number.isSafeInteger(number) ? number : whole;
}

/** Finds the target of each alias: the last node before it that has the anchor of this name. */
function targetsOf(document: Document.Parsed): Map<Alias, unknown> {
  const anchors = new Map<string, unknown>();
  const targets = new Map<Alias, unknown>();
  visit(document, {
    Node(_key, node) {
      if (isAlias(node)) targets.set(node, anchors.get(node.source));
      else if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}
