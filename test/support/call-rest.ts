import { expect } from 'chai';
import type { NodeRedProcess } from './node-red-process.js';
import { documentedAnswer, documentedCall, misfit } from './rest-document.js';

/** Who answers, and the token that lets in. */
export type RestServer = Pick<NodeRedProcess, 'url' | 'token'>;

export interface RestAnswered {
  status: number;
  headers: Headers;
  bytes: Buffer;
  text: string;
}

/** Where the bundled flow serves REST. */
const BASE = '/api';
/** What Node.js itself answers to a request that it cannot read, without a body. */
const OF_NODE = new Set([400, 408, 413, 414, 431]);

/**
 * Calls REST as a script does; `path` begins with `/api`. Every answer has to be one that the OpenAPI document has: its status, its
 * content type, its body. A call that is not in it, such as of a flow's own route, may answer as it likes.
 */
export async function callRest(
  { url, token }: RestServer,
  method: string,
  path: string,
  {
    headers = {},
    ...more
  }: Omit<RequestInit, 'method' | 'headers'> & { headers?: Record<string, string> } = {},
): Promise<RestAnswered> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    ...more,
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const answered = {
    status: response.status,
    headers: response.headers,
    bytes,
    text: bytes.toString('utf8'),
  };
  expectDescribed(method, path, answered);
  return answered;
}

function expectDescribed(method: string, path: string, { status, headers, text }: RestAnswered): void {
  const below = path.split('?', 1)[0]!.slice(BASE.length);
  const call = path.startsWith(`${BASE}/`) ? documentedCall(method, below) : null;
  if (call === null || (text === '' && OF_NODE.has(status))) return;
  const what = `${method} ${path.slice(0, 200)} answered ${status} ${text.slice(0, 1000)}`;
  const answer = documentedAnswer(call, status);
  if (answer === null) return expect.fail(`The document has no such status: ${what}`);
  const type = headers.get('content-type')?.split(';', 1)[0] ?? '';
  expect(Object.keys(answer.content), what).to.include(type);
  const { schema } = answer.content[type]!;
  if (schema !== undefined) expect(misfit(schema, JSON.parse(text)), what).to.equal('');
}
