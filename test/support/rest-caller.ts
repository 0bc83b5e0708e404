import { callRest, type RestServer } from './call-rest.js';
import type { NodeRedProcess } from './node-red-process.js';
import { patience } from './patience.js';

export interface RestReply {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a REST caller sees is read freely in a test
  data: any;
}

/** Who calls the REST paths of a Node-RED, with its token. */
export interface RestCaller {
  call(method: string, path: string, body?: unknown): Promise<RestReply>;
  /** Asks again and again until the reply is as wanted. */
  until(path: string, isWanted: (reply: RestReply) => boolean): Promise<RestReply>;
}

const PATIENCE_MS = patience(120_000);
const PAUSE_MS = 50;

export function restCaller(server: RestServer & Pick<NodeRedProcess, 'log'>): RestCaller {
  async function call(method: string, path: string, body?: unknown): Promise<RestReply> {
    const { status, text } = await callRest(server, method, path, {
      body: body === undefined ? null : JSON.stringify(body),
    });
    const { data } = JSON.parse(text) as { data: unknown };
    return { status, data };
  }
  return {
    call,
    async until(path, isWanted) {
      const deadline = Date.now() + PATIENCE_MS;
      for (;;) {
        const reply = await call('GET', path);
        if (isWanted(reply)) return reply;
        if (Date.now() > deadline)
          throw new Error(`${path} stayed ${JSON.stringify(reply)}\n${server.log()}`);
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    },
  };
}
