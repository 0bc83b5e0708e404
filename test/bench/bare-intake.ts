import { createServer } from 'node:http';
import { createCommandStore } from '../../nodes/manager/commands/command-store.js';
import { openDatabase } from '../../nodes/manager/database/open-database.js';
import { parseAnswer } from '../../nodes/manager/intake/answer.js';
import { readWebhook } from '../../nodes/manager/intake/emqx-webhook.js';
import { applyPresenceEvents } from '../../nodes/manager/presence/apply-events.js';
import { createPresenceWriter } from '../../nodes/manager/presence/presence-writer.js';

// A bare HTTP server that takes webhooks into the same tables, what the bench compares with: the same statements for all that
// come together (MODE=batched), or one statement and one commit for each webhook (MODE=single).

const { MODE, DATABASE_URL = '', PORT } = process.env;

const ANSWER = `
  update tpe_command set state = 'SUCCEEDED', answer_status = $3, answer_payload = $4::jsonb, answered_at = now(), ended_at = now()
  where request_id = $1 and clientid = $2 and state in ('SENT', 'TIMED_OUT')`;

async function main(): Promise<void> {
  const database = await openDatabase({ kind: 'postgresql', url: DATABASE_URL });
  const onWritten = () => undefined;
  const writer = createPresenceWriter({ database, canAsk: true, onWritten });
  const store = createCommandStore({ database, instance: 'bare', knowsPresence: () => true, onWritten });
  const isSingle = MODE === 'single';

  async function take(text: string): Promise<void> {
    const reading = readWebhook(JSON.parse(text), 'plain');
    if (reading.kind !== 'event') throw new Error('no event');
    const { event } = reading;
    if (event.type !== 'message') {
      if (isSingle) await applyPresenceEvents(database, [event], true);
      else await writer.apply(event);
      return;
    }
    const parsed = parseAnswer(event.payload);
    if (!parsed.ok || event.clientid === null) throw new Error('no answer');
    const { clientid, receivedAt } = event;
    const answer = { clientid, requestId: parsed.requestId, answer: parsed.answer, reason: null, receivedAt };
    if (!isSingle) await store.answer(answer);
    else {
      const { status, payload } = parsed.answer;
      await database.query(ANSWER, [parsed.requestId, clientid, status, JSON.stringify(payload)]);
    }
  }

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
