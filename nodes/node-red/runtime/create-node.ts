import type { Node, NodeAPI, NodeDef } from 'node-red';
import { printable } from '../../manager/shared/printable.js';
import type { FieldValues } from '../fields/field.js';
import { MIGRATIONS, newestForm } from '../fields/migrations.js';

/**
 * Like `RED.nodes.createNode`, with two additions. All texts that the node logs become printable, because they may quote input from
 * anybody. `config` is converted in place to the newest version of its fields. Fields of a newer version of the pack stay as they are,
 * and `faultOfNode` refuses them.
 */
export function createNode(RED: NodeAPI, node: Node, config: NodeDef, migrations = MIGRATIONS): void {
  const form = newestForm(config.type, { ...config }, migrations);
  if (form !== null) become(config, form);
  node.log = printing(node.log);
  node.warn = printing(node.warn);
  node.error = printing(node.error);
  RED.nodes.createNode(node, config);
}

/** Changes the object in place, because Node-RED keeps properties in it that cannot be listed. */
function become(config: NodeDef, form: FieldValues): void {
  for (const name of Object.keys(config)) if (!(name in form)) Reflect.deleteProperty(config, name);
  Object.assign(config, form);
}

/** A proxy keeps all properties of the function, which other code may have added to watch the log of nodes. */
function printing<Write extends (line: never, ...more: never[]) => unknown>(write: Write): Write {
  return new Proxy(write, {
    apply: (target, node, [line, ...more]: unknown[]) =>
      Reflect.apply(target, node, [printableLine(line), ...more]),
  });
}

/** An error stays an error with all its properties, such as its code. */
function printableLine(line: unknown): unknown {
  if (typeof line === 'string') return printable(line);
  if (!(line instanceof Error)) return line;
  const message = printable(line.message);
  if (message === line.message) return line;
  const stack = (line.stack ?? '').split('\n').map((part) => printable(part));
  // Node-RED passes the own properties of the error to Catch nodes.
  return Object.create(line, {
    ...Object.getOwnPropertyDescriptors(line),
    message: { value: message },
    stack: { value: stack.join('\n') },
  }) as Error;
}
