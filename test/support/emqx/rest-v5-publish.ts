import { type Message, makeMessage } from './message.js';
import {
  badRequest,
  fault,
  isBase64,
  isObject,
  json,
  type RestAnswer,
  type RestHost,
} from './rest-server.js';
import { isTopicName } from './topics.js';

const MAX_PACKET_LENGTH = 1024 * 1024;

const PUBLISH_FIELDS = new Set([
  'topic',
  'payload',
  'qos',
  'retain',
  'payload_encoding',
  'properties',
  'clientid',
]);

/** What the schema has against one message, as EMQX prints it; null for nothing. */
function schemaFault(given: unknown, isLate: boolean): string | null {
  const told = (fields: object) => JSON.stringify({ ...fields, kind: 'validation_error' });
  const wrong = (path: string, value: unknown, type: string) =>
    told({ value, reason: { expected_type: type }, path: `root.${path}` });
  if (!isObject(given)) return told({ reason: 'bad_value_for_struct', path: 'root' });
  for (const field of ['topic', 'payload']) {
    if (given[field] === undefined) return told({ reason: 'required_field', path: `root.${field}` });
    if (typeof given[field] !== 'string') return wrong(field, given[field], 'binary()');
  }
  const { qos = 0, retain = false, payload_encoding: encoding = 'plain', properties = {} } = given;
  if (qos !== 0 && qos !== 1 && qos !== 2) {
    return isLate
      ? told({ value: qos, reason: 'Unable to parse string', path: 'root.qos' })
      : wrong('qos', qos, 'qos()');
  }
  if (typeof retain !== 'boolean') return wrong('retain', retain, 'boolean()');
  if (encoding !== 'plain' && encoding !== 'base64')
    return wrong('payload_encoding', encoding, 'plain | base64');
  if (!isObject(properties)) return wrong('properties', properties, 'struct()');
  const unknown = Object.keys(given).filter((field) => !PUBLISH_FIELDS.has(field));
  if (unknown.length === 0) return null;
  const unmatched = isLate ? { unmatched: unmatchedFields(given) } : {};
  return told({ ...unmatched, unknown: unknown.join(','), reason: 'unknown_fields', path: 'root' });
}

/** Which fields of the schema were not given, as 5.8 prints them: the first two. */
function unmatchedFields(given: Record<string, unknown>): string {
  const missing = [...PUBLISH_FIELDS].filter((field) => given[field] === undefined).sort();
  return missing.length > 2 ? `${missing.slice(0, 2).join(',')},...` : missing.join(',');
}

/** The message, or the answer that refuses it. */
function readMessage(given: Record<string, unknown>): Message | RestAnswer {
  const { topic, payload, qos, retain, payload_encoding: encoding } = given;
  const text = String(payload);
  if (encoding === 'base64' && !isBase64(text)) {
    return json(400, { message: `{decode_base64_payload_failed,<<"${text}">>}`, reason_code: 131 });
  }
  if (!isTopicName(String(topic))) return json(400, { message: 'topic_name_invalid', reason_code: 144 });
  const bytes = Buffer.from(text, encoding === 'base64' ? 'base64' : 'utf8');
  if (bytes.length > MAX_PACKET_LENGTH) return json(400, { message: 'packet_too_large', reason_code: 151 });
  return makeMessage({
    topic: String(topic),
    payload: bytes,
    qos: qos === 1 || qos === 2 ? qos : 0,
    retain: retain === true,
    from: { clientid: 'http_api', username: null, peerhost: null, peername: null },
    isFromRest: true,
  });
}

function isAnswer(given: Message | RestAnswer): given is RestAnswer {
  return 'status' in given;
}

async function hand({ engine }: RestHost, message: Message): Promise<{ status: number; body: object }> {
  const receivers = await engine.publish(message);
  if (receivers > 0) return { status: 200, body: { id: message.id } };
  return { status: 202, body: { message: 'no_matching_subscribers', reason_code: 16 } };
}

/** POST /publish: 202 where nobody is there for it, which is no fault. */
export async function publish(host: RestHost, body: unknown): Promise<RestAnswer> {
  const wrong = schemaFault(body, host.engine.dialect.isLate);
  if (wrong !== null || !isObject(body)) return badRequest(wrong ?? '');
  const message = readMessage(body);
  if (isAnswer(message)) return message;
  const done = await hand(host, message);
  return json(done.status, done.body);
}

/** All are looked at before the first goes out: one that is wrong stops them all. */
export async function publishBulk(host: RestHost, body: unknown): Promise<RestAnswer> {
  const { isLate } = host.engine.dialect;
  if (!Array.isArray(body) && !isLate)
    return badRequest('{"reason":"not_array","path":"root","kind":"validation_error"}');
  const given = Array.isArray(body) ? body : [];
  const wrong = given.map((message) => schemaFault(message, isLate)).find((found) => found !== null);
  if (wrong) return badRequest(wrong);
  // A slip of the pen in the source makes a crash of it; 5.8 takes an object for a list of nothing.
  if (given.length === 0)
    return fault(500, 'INTERNAL_ERROR', 'error, {case_clause,{errror,<<"empty_batch">>}}');
  const messages: Message[] = [];
  for (const one of given.filter(isObject)) {
    const message = readMessage(one);
    if (isAnswer(message)) return message;
    messages.push(message);
  }
  const results: { status: number; body: object }[] = [];
  for (const message of messages) results.push(await hand(host, message));
  const isAllTaken = results.every(({ status: code }) => code === 200);
  return json(
    isAllTaken ? 200 : 202,
    results.map(({ body: result }) => result),
  );
}
