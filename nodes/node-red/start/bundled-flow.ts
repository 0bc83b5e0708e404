import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { writePrivateFile } from '../../manager/accounts/private-file.js';
import type { FlowNews } from '../../manager/shared/flow-news.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import type { BundledFlow } from '../server/settings.js';
import type { BundledFlowName } from './environment.js';
import { flowHash, nodesIn } from './flow-hash.js';
import { broughtBy, lackingParts, partsOf } from './flow-parts.js';
import { type FlowRecord, readFlowRecord, writeFlowRecord } from './flow-record.js';
import { type FlowStanding, standingOf } from './flow-standing.js';
import { loadedFlowFile } from './loaded-flow-file.js';
import RELEASED from './released-flows.json';

/** The flow of a data folder, which was a copy of a bundled one when it was made. */
export interface FlowOfFolder extends BundledFlow {
  /** What Node-RED is going to load, as far as that is known before it has its settings: the file, or the newer one of the pack. */
  fileToBe(): string;
}

type Log = Parameters<BundledFlow['update']>[1];

interface Places {
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

/** The flow that is there, beside the one that the pack brings. */
interface Comparison {
  standing: FlowStanding;
  own: { nodes: Nodes; hash: string };
  bundled: { path: string; nodes: Nodes };
  record: FlowRecord | null;
  /** What would be recorded once the bundled one is there. */
  next: FlowRecord;
  /** Why the file is not to be replaced, in words; null: it may be. */
  blocked: string | null;
}

/** Copies the bundled flow into a data folder that has none yet. Throws as the file system does. */
export function placeFlow(places: Places): FlowOfFolder {
  const { folder, file } = places;
  if (!existsSync(file)) {
    const path = bundledPath(places, places.chosen);
    const text = readFileSync(path, 'utf8');
    writePrivateFile(file, text);
    writeFlowRecord(folder, recordOf(places, places.chosen, nodesIn(text) ?? []));
  }
  let news: FlowNews | null = null;
  return {
    fileToBe() {
      const found = compared(places);
      return found?.standing === 'older' && found.blocked === null ? found.bundled.path : file;
    },
    update(settings, log) {
      const loaded = loadedFlowFile(settings);
      if (loaded === null || resolve(loaded) !== file) return;
      const found = compared(places);
      if (found === null) return;
      news = updated(
        places,
        settings.readOnly ? { ...found, blocked: 'settings.js says readOnly' } : found,
        log,
      );
    },
    news: () => news,
  };
}

/** Null for what has nothing of the bundled flow, and for what is no flow: Node-RED says what is wrong with that. */
function compared(places: Places): Comparison | null {
  const { folder, file, chosen } = places;
  try {
    const nodes = nodesIn(readFileSync(file, 'utf8'));
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
      own: { nodes, hash },
      bundled: { path, nodes: bundled },
      record,
      next,
      blocked: whyBlocked(file),
    };
  } catch {
    return null;
  }
}

/** Does what the comparison calls for, and returns what the flow that runs then lacks. */
function updated(places: Places, found: Comparison, log: Log): FlowNews | null {
  const { file } = places;
  const { version } = found.next;
  switch (found.standing) {
    case 'current':
      remember(places, found);
      return null;
    case 'newer':
      log.info(
        `The flow ${file} came with version ${found.record?.version} of this pack, and stays: this is ${version}.`,
      );
      return null;
    case 'changed':
      return told(places, found, log);
    case 'older':
      try {
        const kept = replace(places, found);
        log.info(
          `The flow ${file} came with an older version of this pack, and nobody had changed it: it has been replaced by that of ${version}. The old one is kept as ${kept}.`,
        );
        return null;
      } catch (error) {
        log.warn(
          `The flow ${file} came with an older version of this pack, and cannot be replaced by that of ${version}: ${messageOf(error)}. It stays as it is.`,
        );
        return told(places, { ...found, record: null }, log);
      }
  }
}

/** Returns the name of the file that the old flow is kept in. Throws as the file system does; then the flow is the old one. */
function replace(places: Places, found: Comparison): string {
  const { file } = places;
  if (found.blocked !== null) throw new Error(found.blocked);
  const old = readFileSync(file, 'utf8');
  const kept = keptName(file, found.next.version, old);
  if (!existsSync(kept)) writePrivateFile(kept, old);
  writePrivateFile(file, readFileSync(found.bundled.path, 'utf8'));
  // Behind it: a start that ends in between leaves a flow that the next one knows.
  remember(places, found);
  return kept;
}

/** A name that is free, or holds the same: of a start that was ended in between, or of another instance. */
function keptName(file: string, version: string, text: string): string {
  for (let count = 1; ; count += 1) {
    const name = `${file}.before-${version}${count === 1 ? '' : `-${count}`}`;
    if (!existsSync(name) || readFileSync(name, 'utf8') === text) return name;
  }
}

/** Notes that the bundled flow is there; a data folder of before there were records gets its first one. */
function remember({ folder }: Places, { record, next, blocked }: Comparison): void {
  if (record?.hash === next.hash || blocked !== null) return;
  try {
    writeFlowRecord(folder, next);
  } catch {
    // Then the next start finds out as this one did.
  }
}

function told({ root, file }: Places, { record, own, bundled, next }: Comparison, log: Log): FlowNews | null {
  // What was there and is no more, a person has taken out.
  const known = new Set(record?.parts ?? []);
  const parts = lackingParts(bundled.nodes, own.nodes).filter(({ key }) => !known.has(key));
  if (parts.length === 0) return null;
  const news = { version: next.version, brought: broughtBy(join(root, 'examples'), parts) };
  log.info(inWords(news, file));
  return news;
}

function inWords({ version, brought }: FlowNews, file: string): string {
  const lines = brought.map(({ example, pages, nodes }) => {
    const names = [...pages.map((name) => `page ${name}`), ...nodes].join(', ');
    const from = example === null ? 'the flow of the pack itself' : `Import > Examples > ${example}`;
    return `${names} (${from})`;
  });
  return `The flow ${basename(file)} has changes of yours and stays. Version ${version} of this pack brings what it lacks: ${lines.join('; ')}.`;
}

function bundledPath({ root }: Places, name: BundledFlowName): string {
  return join(root, `flows/${name}.json`);
}

function recordOf({ root }: Places, flow: BundledFlowName, nodes: Nodes): FlowRecord {
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
