import { createServer } from 'node:http';
import { createCommandStore } from '../../nodes/manager/commands/store/create-command-store.js';
import { openDeviceManager } from '../../nodes/manager/composition/open-device-manager.js';
import type { Database } from '../../nodes/manager/database/database.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { readWebhook } from '../../nodes/manager/intake/emqx-webhook.js';
import { applyPresenceEvents } from '../../nodes/manager/presence/apply-events.js';
import { createPresenceWriter } from '../../nodes/manager/presence/presence-writer.js';
import { parseAnswer } from '../../nodes/manager/protocol/answer.js';

// A bare HTTP server that takes webhooks into the same tables, what the bench compares with: the same statements for all that
// come together (MODE=batched), one statement and one commit for each webhook (MODE=single), or the whole device manager
// without Node-RED in front of it (MODE=manager).

const {
  MODE,
  DATABASE_URL = '',
  PORT,
  EMQX_API_URL = '',
  EMQX_API_KEY = '',
  EMQX_API_SECRET = '',
} = process.env;

type Take = (text: string) => Promise<unknown>;

const ANSWER = `
  update tpe_command set state = 'SUCCEEDED', answer_status = $3, answer_payload = $4::jsonb, answered_at = now(), ended_at = now()
  where request_id = $1 and clientid = $2 and state in ('SENT', 'TIMED_OUT')`;

async function openManager(): Promise<Take> {
  const manager = await openDeviceManager({
    database: { kind: 'postgresql', url: DATABASE_URL },
    broker: {
      ...{ kind: 'emqx', events: 'webhook' },
      ...{ apiUrl: EMQX_API_URL, apiKey: EMQX_API_KEY, apiSecret: EMQX_API_SECRET },
    },
    instance: 'bare',
    log: { info: () => undefined, warn: (text) => console.error(text) },
  });
  return (text) => manager.takeWebhook(JSON.parse(text));
}

async function openStatements(): Promise<Take> {
  const database = await openDatabase({ kind: 'postgresql', url: DATABASE_URL });
  /** As who does not batch would send it: parsed and planned each time. */
  const plain: Database = {
    ...database,
    queryBatch: (_items, sql, parameters) => database.query(sql, parameters),
  };
  const onWritten = () => undefined;
  const writer = createPresenceWriter({ database, canAsk: true, onWritten });
  const yes = () => true;
  const store = createCommandStore({
    database,
    instance: 'bare',
    knowsPresence: yes,
    canPublish: yes,
    onWritten,
  });
  const isSingle = MODE === 'single';

  return async (text) => {
    const reading = readWebhook(JSON.parse(text), 'plain');
    if (reading.kind !== 'event') throw new Error('no event');
    const { event } = reading;
    if (event.type === 'refused') throw new Error('a refused login');
    if (event.type !== 'message') {
      if (isSingle) await applyPresenceEvents(plain, [event], true);
      else await writer.apply(event);
      return;
    }
    const parsed = parseAnswer(event.payload);
    if (!parsed.ok || event.clientid === null) throw new Error('no answer');
    const { clientid, receivedAt } = event;
    const { requestId, answer } = parsed;
    if (!isSingle) await store.answer({ clientid, requestId, answer, reason: null, faults: [], receivedAt });
    else {
      const { status, payload } = answer;
      await database.query(ANSWER, [requestId, clientid, status, JSON.stringify(payload)]);
    }
  };
}

async function main(): Promise<void> {
  const take = await (MODE === 'manager' ? openManager() : openStatements());
  createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      take(text).then(
        () => response.end('{"status":true}'),
        (error: unknown) => {
          response.statusCode = 500;
          response.end(String(error));
        },
      );
    });
  }).listen(Number(PORT), '127.0.0.1', () => console.log('listening'));
}

void main();
