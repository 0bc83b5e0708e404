import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from './node-red-process.js';

export type FlowNodes = Record<string, unknown>[];

const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), 'utf8');

/** The first flow that was ever bundled, when the dashboard had one page. */
export const FIRST_FLOW = read('test/fixtures/flows/first-device-manager.json');
/** The one that is bundled now. */
export const PRESENT_FLOW = read('flows/device-manager.json');

/** The flow with another name for its first tab, as a person would change it. */
export function changed(text: string): string {
  const nodes = JSON.parse(text) as FlowNodes;
  const tab = nodes.findIndex(({ type }) => type === 'tab');
  return JSON.stringify(nodes.with(tab, { ...nodes[tab], label: 'Mine' }));
}
