import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './node-red-process.js';

export interface FlowNode {
  id: string;
  type: string;
  z?: string;
  g?: string;
  name?: string;
  [field: string]: unknown;
}

/** A file of Import -> Examples. */
export interface Example {
  /** Its two digits. */
  number: string;
  file: string;
  nodes: FlowNode[];
  tab: FlowNode;
  /** What its virtual gateways are called, and how many there are. */
  gateways: { names: string; count: number };
}

const FOLDER = join(PROJECT_ROOT, 'examples');

export const BUNDLED = readFlow(join(PROJECT_ROOT, 'flows/device-manager.json'));

export const EXAMPLES: Example[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .sort()
  .map((file) => {
    const nodes = readFlow(join(FOLDER, file));
    const simulator = nodes.find(({ type }) => type === 'tpe-simulator')!;
    return {
      number: file.slice(0, 2),
      file,
      nodes,
      tab: nodes.find(({ type }) => type === 'tab')!,
      gateways: { names: String(simulator.names), count: Number(simulator.count) },
    };
  });

function readFlow(path: string): FlowNode[] {
  return JSON.parse(readFileSync(path, 'utf8')) as FlowNode[];
}

/** What a person has who imported them one after the other: nodes that are there already stay as they are. */
export function imported(...flows: readonly FlowNode[][]): FlowNode[] {
  const all = new Map<string, FlowNode>();
  for (const node of flows.flat()) if (!all.has(node.id)) all.set(node.id, node);
  return [...all.values()];
}
