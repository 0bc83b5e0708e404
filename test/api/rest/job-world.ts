import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Caller } from '../../../nodes/api/caller.js';
import type { DatabaseOptions } from '../../../nodes/manager/database/options.js';
import type { Job, JobState } from '../../../nodes/manager/jobs/job.js';
import type { Role } from '../../../nodes/manager/shared/role.js';
import { openRest, restRoute } from '../../../nodes/node-red/http/rest-route.js';
import { callRest } from '../../support/call-rest.js';
import { nextEvent, openTestManager, type TestManager } from '../../support/manager.js';
import { patience } from '../../support/patience.js';

/** The API token of the installation, which no person has. */
export const API_TOKEN: Caller = {
  ...{
    id: null,
    name: 'API token',
    role: 'administrator',
    address: null,
    door: 'dashboard',
    requestedBy: 'REST',
  },
  ...{ hasLogin: true, isSignedIn: true, ownPassword: null },
};

/** A person with a personal token of this role. */
export function personWith(role: Role, id = '7'): Caller {
  return {
    ...API_TOKEN,
    id,
    name: `ada ${id}`,
    role,
    requestedBy: `REST: ada ${id}`,
    token: { id: '3', name: 'night' },
  };
}

export interface Replied {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a REST caller sees is read freely in a test
  data: any;
  next?: string;
  text: string;
  type: string | null;
}

/** A manager whose REST is served, and a caller who can be anybody. Every answer has to be one that the OpenAPI document has. */
export interface JobWorld extends TestManager {
  as(caller: Caller): void;
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Replied>;
  /** Resolves when the job is in one of these states. */
  when(id: string, ...states: JobState[]): Promise<Job>;
  close(): Promise<void>;
}

const BASE = '/api';

export async function openJobWorld(database: DatabaseOptions): Promise<JobWorld> {
  const test = await openTestManager(database, { commandTimeoutMs: patience(20_000) });
  let caller = API_TOKEN;
  const server = createServer((request, response) =>
    restRoute(request, response, () => response.writeHead(404).end()),
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const closeRest = openRest(BASE, {
    callerOf: () => caller,
    manager: async () => test.manager,
    onFault: (error) => expect.fail(String(error)),
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...test,
    as(other) {
      caller = other;
    },
    async call(method, path, body, headers = {}) {
      const {
        status,
        text,
        headers: given,
      } = await callRest({ url, token: 'x' }, method, BASE + path, {
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const type = given.get('content-type');
      const { data, next } = type?.startsWith('application/json') ? JSON.parse(text) : { data: text };
      return { status, data, next, text, type };
    },
    async when(id, ...states) {
      for (;;) {
        const changed = nextEvent(test.manager, 'job', ({ job }) => job.id === id);
        const job = await test.manager.jobs.get(id);
        if (job !== null && states.includes(job.state)) return job;
        await changed;
      }
    },
    async close() {
      closeRest?.();
      server.close();
      server.closeAllConnections();
      await test.manager.close();
    },
  };
}
