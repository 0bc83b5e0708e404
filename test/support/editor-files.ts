import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';

/** The folder of package.json, above wherever this was compiled to. */
export const PACKAGE_ROOT = rootAbove(__dirname);

function rootAbove(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  if (dirname(folder) === folder) throw new Error('no package.json above the compiled tests');
  return rootAbove(dirname(folder));
}

interface Manifest {
  'node-red': { version: string; nodes: Record<string, string>; plugins: Record<string, string> };
  files: string[];
}
export const MANIFEST = JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')) as Manifest;

/** What the editor is told of a node. */
export interface EditorDefinition {
  category: string;
  color?: string;
  icon?: string;
  inputs?: number;
  outputs?: number;
  defaults: Record<string, { value?: unknown; type?: string; required?: boolean }>;
  credentials?: Record<string, { type: string }>;
  label(this: Record<string, unknown>): string;
  outputLabels?(this: Record<string, unknown>, index: number): string;
}

/** All of one registered node that the editor gets. */
export interface EditorFiles {
  type: string;
  /** The registered file, which is in dist. */
  script: string;
  html: string;
  texts: Record<string, unknown>;
  help: string;
  sources: string;
}

export function editorFiles(type: string): EditorFiles {
  const script = join(PACKAGE_ROOT, MANIFEST['node-red'].nodes[type] ?? '');
  const folder = dirname(script);
  const locale = join(folder, 'locales/en-US', type);
  return {
    type,
    script,
    html: readFileSync(join(folder, `${type}.html`), 'utf8'),
    texts: JSON.parse(readFileSync(`${locale}.json`, 'utf8')) as Record<string, unknown>,
    help: readFileSync(`${locale}.html`, 'utf8'),
    sources: readdirSync(folder)
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(join(folder, file), 'utf8'))
      .join('\n'),
  };
}

/** Runs the editor script as the editor would; gives what it registers, by type. */
export function definitionsIn(html: string): Map<string, EditorDefinition> {
  const found = new Map<string, EditorDefinition>();
  const RED = {
    nodes: { registerType: (type: string, definition: EditorDefinition) => found.set(type, definition) },
    validators: { number: () => () => true, typedInput: () => () => true, regex: () => () => true },
    _: (key: string) => key,
  };
  // What is checked of the fields is the model's, and tried in a browser.
  const tpedm = { checked: (_type: string, definition: EditorDefinition) => definition };
  for (const [, script] of html.matchAll(/<script type="text\/javascript">(.*?)<\/script>/gs)) {
    runInNewContext(script ?? '', { RED, tpedm });
  }
  return found;
}

/** The ids of the form's fields: `node-input-name` gives `name`. */
export function fieldsIn(html: string): string[] {
  return [...html.matchAll(/id="node-(?:config-)?input-(\w+)"/g)].map(([, field]) => field ?? '');
}

/** Keys of our own texts that a form, an editor script or a runtime uses; one that ends in a dot is a beginning. */
export function usedKeys(type: string, ...sources: string[]): string[] {
  const key = `${type}\\.\\w+\\.[\\w.]*`;
  const inForm = new RegExp(`data-i18n="(?:\\[\\w+\\])?(${key})"`, 'g');
  const inScript = new RegExp(`['"\`:](${key})['"\`]`, 'g');
  const all = sources.join('\n');
  return [...new Set([...all.matchAll(inForm), ...all.matchAll(inScript)].map(([, found]) => found ?? ''))];
}

/** Keys that a catalogue has, in full. */
export function keysOf(texts: unknown, above = ''): string[] {
  if (typeof texts !== 'object' || texts === null) return [above.slice(0, -1)];
  return Object.entries(texts).flatMap(([key, value]) => keysOf(value, `${above}${key}.`));
}

/** Which of the used keys the catalogue lacks, and which of its keys nobody uses. */
export function compareKeys(used: string[], present: string[]): { missing: string[]; unused: string[] } {
  const isUsed = (key: string) =>
    used.some((each) => each === key || (each.endsWith('.') && key.startsWith(each)));
  const isThere = (key: string) =>
    present.some((each) => each === key || (key.endsWith('.') && each.startsWith(key)));
  return { missing: used.filter((key) => !isThere(key)), unused: present.filter((key) => !isUsed(key)) };
}

/** Keys of tpe-command's texts that the forms' own code uses, in full; one that ends in a dot is a beginning. */
export function wordsOfForms(): string[] {
  const code = formsCode();
  const keys = [
    ...code.matchAll(/words\(\s*[`']([\w.]+)/g),
    ...code.matchAll(/\? '(error\.\w+)' : '(error\.\w+)'/g),
    ...code.matchAll(/\? `(\w+\.)\$\{\w+\}` : `(\w+\.)\$\{\w+\}`/g),
  ];
  const ofButtons = code.matchAll(/'(own\.\w+)'/g);
  return [...keys, ...ofButtons].flatMap(([, ...found]) =>
    found.filter(Boolean).map((key) => `tpe-command.${key}`),
  );
}

/** The same of tpe-server's texts. */
export function serverWordsOfForms(): string[] {
  const calls = [...formsCode().matchAll(/serverWords\(([^)]*)\)/g)];
  return calls.flatMap(([, given = '']) =>
    [...given.matchAll(/[`'](\w+\.[\w.]*)/g)].map(([, key]) => `tpe-server.${key}`),
  );
}

function formsCode(): string {
  const folder = join(PACKAGE_ROOT, 'nodes/node-red/editor-client');
  return readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}
