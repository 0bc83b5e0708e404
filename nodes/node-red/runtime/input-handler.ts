import type { Node, NodeMessage, NodeMessageInFlow } from 'node-red';
import { createEnding } from '../../manager/shared/ending.js';
import { asTpeError, messageOf, TpeError } from '../../manager/shared/tpe-error.js';
import { type StatusLine, sharedText } from './node-status.js';

/** What a node can send: one message, or a list with an entry for each output. */
export type Sendable = NodeMessage | (NodeMessage | NodeMessage[] | null)[];

export interface InputTools {
  /** Sends a message. Does nothing once the node is closed. */
  send(message: Sendable): void;
  /** Aborted when the node closes. Start no new work then. */
  signal: AbortSignal;
}

/**
 * Makes `handle` the node's input handler. An error of `handle` leads to one `done(error)`, with a `code` for Catch nodes, and to a red
 * status. An uncaught rejection would end Node-RED. When the node closes, messages that are still handled end with CLOSED, and nothing is
 * sent for them any more.
 */
export function onInput(
  node: Node,
  status: StatusLine,
  handle: (msg: NodeMessageInFlow, tools: InputTools) => Promise<void>,
): void {
  const closing = createEnding();
  const running = new Set<Promise<void>>();

  // Node-RED counts the parameters of both listeners. With three it expects a call of `done`, with two it passes `removed`.
  node.on('input', (msg, send, done) => {
    const run = settle(handle, msg, send, closing.signal).then((error) => {
      running.delete(run);
      if (error && !closing.signal.aborted) status.activity(failed(error));
      finish(node, msg, done, error);
    });
    running.add(run);
  });

  node.on('close', (_removed: boolean, done: () => void) => {
    closing.abort();
    void Promise.all(running).then(() => done());
  });
}

/**
 * Node-RED copies the message for Complete and Catch nodes, and throws for some that it cannot copy, such as one with a property
 * `__proto__`. The error then goes to the Catch nodes with a new message.
 */
function finish(
  node: Node,
  msg: NodeMessageInFlow,
  done: (error?: Error) => void,
  error: TpeError | null,
): void {
  try {
    if (error) done(error);
    else done();
  } catch (fault) {
    const text = `Node-RED cannot pass this message on: ${messageOf(fault)}`;
    node.error(error ?? new TpeError('INVALID_INPUT', text, {}, fault), { _msgid: msg._msgid });
  }
}

async function settle(
  handle: (msg: NodeMessageInFlow, tools: InputTools) => Promise<void>,
  msg: NodeMessageInFlow,
  send: (message: Sendable) => void,
  signal: AbortSignal,
): Promise<TpeError | null> {
  const tools: InputTools = {
    send: (message) => {
      if (!signal.aborted) send(message);
    },
    signal,
  };
  try {
    await untilAborted(handle(msg, tools), signal);
    return null;
  } catch (error) {
    return asTpeError(error);
  }
}

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  let onAbort = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(new TpeError('CLOSED', 'The node was closed while it worked on this message.'));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function failed({ code }: TpeError) {
  return {
    fill: 'red',
    shape: 'ring',
    text: sharedText(code),
  } as const;
}
