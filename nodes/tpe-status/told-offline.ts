import type { Node } from 'node-red';
import { isPlainObject } from '../manager/shared/validate.js';

const KEY = 'toldOffline';
/** Many gateways that come back at once are written together. */
const WRITE_AFTER_MS = 1000;

/** The gateways that a node has told of as offline, and not yet as back. */
export interface ToldOffline {
  has(clientid: string): boolean;
  add(clientid: string): void;
  /** Returns whether it was told of. */
  remove(clientid: string): boolean;
  /** Takes those from before the node was deployed; resolves with their client ids. */
  remembered(): Promise<string[]>;
  close(): void;
}

/**
 * Creates the list of what a node has told. The context of the node has it, so that a deploy neither repeats a message nor forgets that a
 * gateway is back; a restart neither, where Node-RED keeps contexts in files.
 */
export function createToldOffline(node: Node): ToldOffline {
  const told = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  function write(): void {
    clearTimeout(timer);
    timer = undefined;
    node.context().set(KEY, Object.fromEntries([...told].map((clientid) => [clientid, true])), (error) => {
      if (error) node.warn(`The gateways that this node has told of could not be kept: ${error.message}`);
    });
  }

  function keep(): void {
    timer ??= setTimeout(write, WRITE_AFTER_MS);
  }

  return {
    has: (clientid) => told.has(clientid),
    add(clientid) {
      told.add(clientid);
      keep();
    },
    remove(clientid) {
      const wasTold = told.delete(clientid);
      if (wasTold) keep();
      return wasTold;
    },
    remembered: () =>
      new Promise((resolve) => {
        node.context().get(KEY, (_error: Error | null, value: unknown) => {
          const found = Object.keys(isPlainObject(value) ? value : {});
          for (const clientid of found) told.add(clientid);
          resolve(found);
        });
      }),
    close() {
      if (timer !== undefined) write();
    },
  };
}
