import type { Node, NodeAPI, NodeDef } from 'node-red';
import { printable } from '../../manager/shared/printable.js';
import type { FieldValues } from '../fields/field.js';
import { MIGRATIONS, newestForm } from '../fields/migrations.js';

/**
 * As `RED.nodes.createNode`, but whatever the node logs is printable, whoever made up the words in it, and `config` has the newest
 * form afterwards, whichever version of the pack stored it. What a newer one stored stays as it is, for `faultOfNode` to refuse.
 */
export function createNode(RED: NodeAPI, node: Node, config: NodeDef, migrations = MIGRATIONS): void {
  const form = newestForm(config.type, { ...config }, migrations);
  if (form !== null) become(config, form);
  node.log = printing(node.log);
  node.warn = printing(node.warn);
  node.error = printing(node.error);
  RED.nodes.createNode(node, config);
}

/** The same object, since Node-RED keeps more in it than can be listed. */
function become(config: NodeDef, form: FieldValues): void {
  for (const name of Object.keys(config)) if (!(name in form)) Reflect.deleteProperty(config, name);
  Object.assign(config, form);
}

/** The same function in all else: who watches the log of nodes finds what it put there. */
function printing<Write extends (line: never, ...more: never[]) => unknown>(write: Write): Write {
  return new Proxy(write, {
    apply: (target, node, [line, ...more]: unknown[]) =>
      Reflect.apply(target, node, [printableLine(line), ...more]),
  });
}

/** An error stays one, with its code and all. */
function printableLine(line: unknown): unknown {
  if (typeof line === 'string') return printable(line);
  if (!(line instanceof Error)) return line;
  const message = printable(line.message);
  if (message === line.message) return line;
  const stack = (line.stack ?? '').split('\n').map((part) => printable(part));
  // Node-RED passes on to Catch nodes what is the error's own.
  return Object.create(line, {
    ...Object.getOwnPropertyDescriptors(line),
    message: { value: message },
    stack: { value: stack.join('\n') },
  }) as Error;
}
