import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reasons } from '../../nodes/manager/shared/reason.js';
import { PACKAGE_ROOT } from './editor-files.js';

type Table = Reasons<Readonly<Record<string, string>>>;

const NODES = join(PACKAGE_ROOT, 'nodes');
const COMPILED = join(__dirname, '../../nodes');

/** The files that have a table of reasons, below nodes/. */
function filesWithTables(): string[] {
  return readdirSync(NODES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => /^export const \w+ = defineReasons\(/m.test(readFileSync(join(NODES, file), 'utf8')));
}

/** All tables of reasons, by the file that has them. Whoever makes one need not name it anywhere else. */
export async function reasonTables(): Promise<{ file: string; texts: Readonly<Record<string, string>> }[]> {
  const tables = filesWithTables().map(async (file) => {
    const module = (await import(join(COMPILED, file.replace(/\.ts$/, '.js')))) as Record<string, unknown>;
    return Object.values(module)
      .filter((value): value is Table => typeof value === 'function' && 'texts' in value)
      .map(({ texts }) => ({ file, texts }));
  });
  return (await Promise.all(tables)).flat();
}

/** The codes of tables that no source gives: each use has the code in quotes, and is no key of a table. */
export function unusedCodes(codes: readonly string[]): string[] {
  const sources = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|sql)$/.test(file))
    .map((file) => readFileSync(join(NODES, file), 'utf8'))
    .join('\n');
  return codes.filter((code) => !new RegExp(`['"\`]${code}['"\`](?!:)`).test(sources));
}

/** What people are told in a language, by code. */
export function translationsIn(language: string): Readonly<Record<string, string>> {
  const file = join(NODES, 'api/words', `${language}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
}

/** The languages of the dashboard besides English. */
export const TRANSLATED_INTO = ['de', 'ja', 'zh-TW'];
