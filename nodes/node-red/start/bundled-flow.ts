import { existsSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { writePrivateFile } from '../../manager/accounts/private-file.js';
import type { FlowNews } from '../../manager/shared/flow-news.js';
import { messageOf } from '../../manager/shared/tpe-error.js';
import type { BundledFlow } from '../server/settings.js';
import { bundledPath, type Comparison, compared, type Places, recordOf } from './flow-comparison.js';
import { nodesIn } from './flow-hash.js';
import { broughtBy, lackingParts } from './flow-parts.js';
import { writeFlowRecord } from './flow-record.js';
import { loadedFlowFile } from './loaded-flow-file.js';

/** The flow in a data folder. It began as a copy of a bundled flow. */
export interface FlowOfFolder extends BundledFlow {
  /** The file whose flow Node-RED will run, as far as it is known before `update`: the one in the data folder or the newer bundled one. */
  fileToBe(): string;
}

type Log = Parameters<BundledFlow['update']>[1];

/** Copies the bundled flow into a data folder that has no flow yet, and returns the flow. Throws the errors of the file system. */
export function placeFlow(places: Places): FlowOfFolder {
  const { file } = places;
  if (!existsSync(file)) copyBundled(places);
  let isSettled = false;
  let news: FlowNews | null = null;
  return {
    fileToBe() {
      const found = compared(places);
      return found?.standing === 'older' && found.blocked === null ? found.bundled.path : file;
    },
    update(settings, log) {
      // If a person enables the node in the palette, this runs again while flows run.
      if (isSettled) return;
      isSettled = true;
      const loaded = loadedFlowFile(settings);
      if (loaded === null || resolve(loaded) !== file) return;
      const found = compared(places);
      if (found === null) return;
      const blocked = settings.readOnly ? 'settings.js says readOnly' : found.blocked;
      try {
        news = updated(places, { ...found, blocked }, log);
      } catch (error) {
        log.warn(`What is new in the flow of this pack cannot be told: ${messageOf(error)}.`);
      }
    },
    news: () => news,
  };
}

function copyBundled(places: Places): void {
  const text = readFileSync(bundledPath(places, places.chosen), 'utf8');
  writePrivateFile(places.file, text);
  writeFlowRecord(places.folder, recordOf(places, places.chosen, nodesIn(text) ?? []));
}

/** Replaces or keeps the flow, and returns what the running flow then lacks of the bundled one. */
function updated(places: Places, found: Comparison, log: Log): FlowNews | null {
  const { version } = found.next;
  switch (found.standing) {
    case 'current':
      remember(places, found);
      return null;
    case 'newer':
      log.info(
        `The flow ${places.file} came with version ${found.record?.version} of this pack, and stays: this is ${version}.`,
      );
      return null;
    case 'changed':
      return told(places, found, log);
    case 'older':
      return replaced(places, found, log);
  }
}

function replaced(places: Places, found: Comparison, log: Log): FlowNews | null {
  const { file } = places;
  const { version } = found.next;
  try {
    const kept = replace(places, found);
    log.info(
      `The flow ${file} came with an older version of this pack, and nobody had changed it: it has been replaced by that of ${version}. The old one is kept as ${kept}.`,
    );
    return null;
  } catch (error) {
    const now = compared(places);
    // Another Node-RED on the same volume was faster.
    if (now !== null && now.standing !== 'older')
      return updated(places, { ...now, blocked: found.blocked }, log);
    log.warn(
      `The flow ${file} came with an older version of this pack, and cannot be replaced by that of ${version}: ${messageOf(error)}. It stays as it is.`,
    );
    return told(places, { ...found, record: null }, log);
  }
}

/** Replaces the flow and returns the file with the copy of the old one. Throws errors of the file system; the old flow then stays. */
function replace(places: Places, found: Comparison): string {
  const { file } = places;
  if (found.blocked !== null) throw new Error(found.blocked);
  // Keep the text that was compared, because another instance may have replaced the file since.
  const { text } = found.own;
  const kept = keptName(file, found.next.version, text);
  if (!existsSync(kept)) writePrivateFile(kept, text);
  // Another Node-RED on the same volume may have deployed meanwhile.
  if (readFileSync(file, 'utf8') !== text) throw new Error('it was changed in this moment');
  writePrivateFile(file, readFileSync(found.bundled.path, 'utf8'));
  // Write the record last. If the process ends before, the next start still recognises the flow.
  remember(places, found);
  return kept;
}

/** Finds a free name, or a file with the same text, which an interrupted start or another instance has left. */
function keptName(file: string, version: string, text: string): string {
  for (let count = 1; ; count += 1) {
    const name = `${file}.before-${version}${count === 1 ? '' : `-${count}`}`;
    if (!existsSync(name) || readFileSync(name, 'utf8') === text) return name;
  }
}

/** Writes the record of the bundled flow. A data folder from before there were records gets its first one. */
function remember({ folder }: Places, { record, next, blocked }: Comparison): void {
  if (record?.hash === next.hash || blocked !== null) return;
  try {
    writeFlowRecord(folder, next);
  } catch {
    // Without a record, the next start compares the flows again.
  }
}

/** Logs and returns what the flow lacks of the bundled one; null if it lacks nothing. */
function told({ root, file }: Places, { record, own, bundled, next }: Comparison, log: Log): FlowNews | null {
  // Parts of an earlier bundled flow that are missing now have been removed by a person.
  const known = new Set(record?.parts ?? []);
  const parts = lackingParts(bundled.nodes, own.nodes).filter(({ key }) => !known.has(key));
  if (parts.length === 0) return null;
  const news = { version: next.version, brought: broughtBy(join(root, 'examples'), parts) };
  log.info(translateReason(news, file));
  return news;
}

function translateReason({ version, brought }: FlowNews, file: string): string {
  const lines = brought.map(({ example, pages, nodes }) => {
    const names = [...pages.map((name) => `page ${name}`), ...nodes].join(', ');
    const from = example === null ? 'the flow of the pack itself' : `Import > Examples > ${example}`;
    return `${names} (${from})`;
  });
  return `Version ${version} of this pack brings what your flow, ${basename(file)}, lacks; it stays as it is. New are ${lines.join('; ')}.`;
}
