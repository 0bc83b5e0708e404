import { Agent, type ClientRequest, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Body } from './webhook-bodies.js';

/** The HTTP status, or that nothing came back. */
export type Answer = number | 'timeout' | 'refused' | 'closed';

/** Makes one request and answers how it ended, after so long at most, which may be Infinity. Never rejects. */
export type PostWebhook = (body: Body, withinMs: number) => Promise<Answer>;

export interface WebhookPoster {
  post: PostWebhook;
  close(): void;
}

export interface PosterOptions {
  url: string;
  secret: string;
  sockets: number;
  /** What its HTTP client sends besides. */
  headers: Record<string, string>;
  /** How long a request and its answer are on their way, beside what the target takes for it. */
  roundTripMs: number;
}

/** Posts to one URL over connections that stay open, as EMQX's HTTP pools do. */
export function createPoster({ url, secret, sockets, headers, roundTripMs }: PosterOptions): WebhookPoster {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const once = (text: string, withinMs: number) =>
    new Promise<{ answer: Answer; isStaleSocket: boolean }>((resolve) => {
      let isLate = false;
      const call: ClientRequest = request(url, {
        method: 'POST',
        agent,
        headers: {
          ...headers,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(text),
          authorization: `Bearer ${secret}`,
        },
      });
      const giveUp = () => {
        isLate = true;
        call.destroy();
      };
      const patience = Number.isFinite(withinMs) ? setTimeout(giveUp, withinMs) : undefined;
      call.once('response', (response) => {
        response.on('error', () => undefined);
        response.resume();
        response.once('close', () => {
          clearTimeout(patience);
          resolve({ answer: response.statusCode ?? 'closed', isStaleSocket: false });
        });
      });
      call.once('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(patience);
        const failed: Answer = error.code === 'ECONNREFUSED' ? 'refused' : 'closed';
        const isStaleSocket = !isLate && call.reusedSocket && error.code === 'ECONNRESET';
        resolve({ answer: isLate ? 'timeout' : failed, isStaleSocket });
      });
      call.end(text);
    });
  return {
    async post(body, withinMs) {
      const text = JSON.stringify(body);
      if (roundTripMs > 0) await sleep(roundTripMs);
      const first = await once(text, withinMs);
      // The pools try again where an open connection had been closed behind their back.
      return first.isStaleSocket ? (await once(text, withinMs)).answer : first.answer;
    },
    close: () => agent.destroy(),
  };
}
