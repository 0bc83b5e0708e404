import { cpSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { runFolder } from './run-folder.js';

let template: Promise<string> | undefined;

/** Copies an embedded database with nothing in it to a folder: making one takes seconds, a copy of it does not. */
export async function copyEmptyDatabase(folder: string): Promise<void> {
  template ??= makeTemplate();
  cpSync(await template, folder, { recursive: true });
}

async function makeTemplate(): Promise<string> {
  const folder = newFolder();
  await (await openDatabase({ kind: 'embedded', folder })).close();
  return folder;
}

/** One of this run. */
export function newFolder(): string {
  return mkdtempSync(join(runFolder(), 'pglite-'));
}
