import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { type EditorDefinition, editorFiles, MANIFEST, PACKAGE_ROOT } from './editor-files.js';

type EditorNode = Record<string, unknown>;

export interface FakeEditor {
  /** What every node type of the pack is registered with, after the forms' own code has had its say. */
  definitions: ReadonlyMap<string, EditorDefinition>;
  /** Has the editor take a node in, as it does with flows, imports and the palette. */
  add(node: EditorNode): void;
}

/** Runs the scripts of all forms, and the one that they share, in an editor that only remembers. */
export function fakeEditor(lockedFlows: readonly string[] = []): FakeEditor {
  const definitions = new Map<string, EditorDefinition>();
  const listeners: ((node: EditorNode) => void)[] = [];
  const RED = {
    nodes: {
      registerType: (type: string, definition: EditorDefinition) => definitions.set(type, definition),
    },
    events: {
      on: (event: string, listener: (node: EditorNode) => void) => {
        if (event === 'nodes:add') listeners.push(listener);
      },
    },
    workspaces: { isLocked: (id: string) => lockedFlows.includes(id) },
    settings: {},
    validators: { number: () => () => true, typedInput: () => () => true, regex: () => () => true },
    _: (key: string) => key,
  };
  const element: object = new Proxy(() => element, { get: () => () => element });
  const page = {
    RED,
    $: element,
    document: { head: { appendChild: () => ({}) }, createElement: () => ({}) },
  };
  const shared = readFileSync(join(PACKAGE_ROOT, 'resources/tpedm-editor.js'), 'utf8');
  const forms = Object.keys(MANIFEST['node-red'].nodes).flatMap((type) => {
    const scripts = editorFiles(type).html.matchAll(/<script type="text\/javascript">(.*?)<\/script>/gs);
    return [...scripts].map(([, script]) => `(() => {${script}})();`);
  });
  runInNewContext([shared, ...forms].join('\n'), page);
  return {
    definitions,
    add: (node) => {
      for (const listener of listeners) listener(node);
    },
  };
}
