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

/** The flow of a data folder, which was a copy of a bundled one when it was made. */
export interface FlowOfFolder extends BundledFlow {
  /** What Node-RED is going to load, as far as that is known before it has its settings: the file, or the newer one of the pack. */
  fileToBe(): string;
}

type Log = Parameters<BundledFlow['update']>[1];

/** Copies the bundled flow into a data folder that has none yet. Throws as the file system does. */
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
      // A node that is switched on in the palette comes here again, while flows run.
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

/** Does what the comparison calls for, and returns what the flow that runs then lacks. */
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
    log.warn(
      `The flow ${file} came with an older version of this pack, and cannot be replaced by that of ${version}: ${messageOf(error)}. It stays as it is.`,
    );
    return told(places, { ...found, record: null }, log);
  }
}

/** Returns the name of the file that the old flow is kept in. Throws as the file system does; then the flow is the old one. */
function replace(places: Places, found: Comparison): string {
  const { file } = places;
  if (found.blocked !== null) throw new Error(found.blocked);
  // As it was compared: another instance may have replaced it since.
  const { text } = found.own;
  const kept = keptName(file, found.next.version, text);
  if (!existsSync(kept)) writePrivateFile(kept, text);
  // Another Node-RED on the same volume may have deployed a moment ago.
  if (readFileSync(file, 'utf8') !== text) throw new Error('it was changed in this moment');
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

/** Null where nothing is missing. */
function told({ root, file }: Places, { record, own, bundled, next }: Comparison, log: Log): FlowNews | null {
  // What was there and is no more, a person has taken out.
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
