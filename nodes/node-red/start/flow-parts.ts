import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BroughtParts } from '../../manager/shared/flow-news.js';
import { nodesIn } from './flow-hash.js';

type Nodes = readonly Record<string, unknown>[];

/** A part of a flow that is of interest to people: a page of the dashboard, or a node type of this pack. */
export interface FlowPart {
  /** Identifies the part in every flow: `page /fleet`, `node tpe-status`. */
  key: string;
  kind: 'page' | 'node';
  /** The text for people: the name of the page, or the node type. */
  name: string;
}

/** The parts of a flow, each once. */
export function partsOf(nodes: Nodes): FlowPart[] {
  const parts = nodes.flatMap(partOf);
  return [...new Map(parts.map((part) => [part.key, part])).values()];
}

function partOf({ type, path, name }: Record<string, unknown>): FlowPart[] {
  if (type === 'ui-page') return [{ key: `page ${path}`, kind: 'page', name: String(name) }];
  if (typeof type !== 'string' || !/^(?:ui-)?tpe-/.test(type)) return [];
  return [{ key: `node ${type}`, kind: 'node', name: type }];
}

/** The parts of `bundled` that `own` lacks. A page with a changed path is recognised by its id. */
export function lackingParts(bundled: Nodes, own: Nodes): FlowPart[] {
  const has = new Set(partsOf(own).map(({ key }) => key));
  const ids = new Set(own.map(({ id }) => id));
  const moved = partsOf(bundled.filter(({ id, type }) => type === 'ui-page' && ids.has(id)));
  for (const { key } of moved) has.add(key);
  return partsOf(bundled).filter(({ key }) => !has.has(key));
}

/** Finds few examples in the folder `examples` that together bring the parts. The list is empty for no parts. */
export function broughtBy(examples: string, parts: readonly FlowPart[]): BroughtParts[] {
  const brought: BroughtParts[] = [];
  const offers = parts.length === 0 ? [] : offersOf(examples);
  let rest = parts;
  while (rest.length > 0) {
    const best = offers
      .map(({ name, keys }) => ({ name, parts: rest.filter(({ key }) => keys.has(key)) }))
      .reduce((most, each) => (each.parts.length > most.parts.length ? each : most), NOTHING);
    const taken = best.parts.length > 0 ? best.parts : rest;
    brought.push({ example: best.name, pages: named(taken, 'page'), nodes: named(taken, 'node') });
    rest = rest.filter((part) => !taken.includes(part));
  }
  return brought;
}

const NOTHING: { name: string | null; parts: readonly FlowPart[] } = { name: null, parts: [] };

function named(parts: readonly FlowPart[], kind: FlowPart['kind']): string[] {
  return parts.filter((part) => part.kind === kind).map(({ name }) => name);
}

interface Offer {
  name: string;
  keys: ReadonlySet<string>;
}

function offersOf(folder: string): Offer[] {
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => {
    const nodes = nodesIn(readFileSync(join(folder, file), 'utf8')) ?? [];
    return { name: file.replace(/\.json$/, ''), keys: new Set(partsOf(nodes).map(({ key }) => key)) };
  });
}
