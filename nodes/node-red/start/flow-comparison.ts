import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundledFlowName } from './environment.js';
import { flowHash, nodesIn } from './flow-hash.js';
import { partsOf } from './flow-parts.js';
import { type FlowRecord, readFlowRecord } from './flow-record.js';
import { type FlowStanding, standingOf } from './flow-standing.js';
import RELEASED from './released-flows.json';

export interface Places {
  /** The folder of the pack. */
  root: string;
  /** The data folder. */
  folder: string;
  /** The flow file in it. */
  file: string;
  /** Which bundled flow a new data folder gets. */
  chosen: BundledFlowName;
}

type Nodes = readonly Record<string, unknown>[];

/** The flow in the data folder compared with the bundled flow. */
export interface Comparison {
  standing: FlowStanding;
  own: { text: string; nodes: Nodes };
  bundled: { path: string; nodes: Nodes };
  record: FlowRecord | null;
  /** The record to write once the bundled flow is in the data folder. */
  next: FlowRecord;
  /** Why the file must not be replaced, as text for a person; null if it can be replaced. */
  blocked: string | null;
}

/**
 * Compares the current flow with the bundled flow. Returns null if they have no node in common, or if the file is not a valid flow, which
 * Node-RED reports itself.
 */
export function compared(places: Places): Comparison | null {
  const { folder, file, chosen } = places;
  try {
    const text = readFileSync(file, 'utf8');
    const nodes = nodesIn(text);
    if (nodes === null) return null;
    const record = readFlowRecord(folder);
    const hash = flowHash(nodes);
    const name = record?.flow ?? releasedAs(hash) ?? chosen;
    const path = bundledPath(places, name);
    const bundled = nodesIn(readFileSync(path, 'utf8')) ?? [];
    if (!shareNodes(nodes, bundled)) return null;
    const next = recordOf(places, name, bundled);
    const hashes = { own: hash, bundled: next.hash, released: RELEASED[name] };
    return {
      standing: standingOf(hashes, record),
      own: { text, nodes },
      bundled: { path, nodes: bundled },
      record,
      next,
      blocked: whyBlocked(file),
    };
  } catch {
    return null;
  }
}

/** The path of a bundled flow in the folder of the pack. */
export function bundledPath({ root }: Places, name: BundledFlowName): string {
  return join(root, `flows/${name}.json`);
}

/** The record for a data folder with this bundled flow. */
export function recordOf({ root }: Places, flow: BundledFlowName, nodes: Nodes): FlowRecord {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { flow, version, hash: flowHash(nodes), parts: partsOf(nodes).map(({ key }) => key) };
}

function releasedAs(hash: string): BundledFlowName | undefined {
  const names = Object.keys(RELEASED) as BundledFlowName[];
  return names.find((name) => RELEASED[name].includes(hash));
}

function shareNodes(own: Nodes, bundled: Nodes): boolean {
  const ids = new Set(bundled.map(({ id }) => id));
  return own.some(({ id }) => ids.has(id));
}

function whyBlocked(file: string): string | null {
  const stats = lstatSync(file);
  if (stats.isSymbolicLink()) return 'it is a link to a file elsewhere';
  return (stats.mode & 0o200) === 0 ? 'it may only be read' : null;
}
