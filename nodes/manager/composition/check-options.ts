import { randomBytes } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import { connectAsync } from 'mqtt';
import { addressesIn } from '../broker/addresses.js';
import { connectionWords } from '../broker/connection-errors.js';
import { checkEmqxApi } from '../broker/emqx/check.js';
import { checkEvents } from '../broker/emqx/emqx-broker.js';
import { CLIENT_EVENT_FILTERS } from '../broker/mqtt/sys-events.js';
import { readMqttTarget } from '../broker/mqtt/target.js';
import type { BrokerOptions, EmbeddedOptions, EmqxOptions, MqttOptions } from '../broker/options.js';
import { migrationObstacles } from '../database/migrate.js';
import { openDatabase } from '../database/open-database.js';
import type { DatabaseOptions } from '../database/options.js';
import { isUnavailable } from '../database/unavailable.js';
import type { DeviceManagerOptions } from '../device-manager.js';
import { DEFAULT_TOPICS, makeTopics } from '../protocol/topics.js';
import { messageOf, TpeError } from '../shared/tpe-error.js';

type Options = Omit<DeviceManagerOptions, 'log'>;

/** One thing that was looked at, in words. Never a secret. */
export interface Finding {
  part: 'database' | 'broker' | 'topics';
  ok: boolean;
  text: string;
}

const CONNECT_MS = 5000;
const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 1883;

/**
 * Tries what a device manager with these options would need, and changes nothing: is the database there, does it
 * take us, may we create; is the broker there, or its port free; are the topics sound. `running` are the options of
 * the manager that is open now, whose folder and ports are of course taken. Never rejects.
 */
export async function checkOptions(options: Options, running: Options | null): Promise<Finding[]> {
  const checks = [
    finding('database', () => checkDatabase(options.database, running?.database)),
    ...brokerChecks(options, running?.broker).map((check) => finding('broker', check)),
    finding('topics', async () => {
      const topics = makeTopics({ ...DEFAULT_TOPICS, ...options.topics });
      return `Requests go to ${topics.inputTopic('{clientid}')}, answers come on ${topics.outputTopic('{clientid}')}.`;
    }),
  ];
  return Promise.all(checks);
}

/** A check says what works, and throws what does not. */
async function finding(part: Finding['part'], check: () => Promise<string>): Promise<Finding> {
  try {
    return { part, ok: true, text: await check() };
  } catch (error) {
    return { part, ok: false, text: messageOf(error) };
  }
}

function checkDatabase(options: DatabaseOptions, running: DatabaseOptions | undefined): Promise<string> {
  return options.kind === 'embedded' ? checkFolder(options.folder, running) : checkPostgresql(options);
}

async function checkFolder(folder: string, running: DatabaseOptions | undefined): Promise<string> {
  const path = resolve(folder);
  let place = path;
  while (!existsSync(place)) place = dirname(place);
  try {
    if (!statSync(place).isDirectory()) throw new Error('no folder');
    accessSync(place, constants.W_OK);
  } catch {
    throw new Error(
      `${place} is no folder that can be written: give its owner the right to, or choose another one.`,
    );
  }
  if (running?.kind === 'embedded' && resolve(running.folder) === path) {
    return `The embedded database in ${path} is open and in use by this server.`;
  }
  return existsSync(join(path, 'pgdata'))
    ? `There is an embedded database in ${path}; it will be used.`
    : `An embedded database will be made in ${path}.`;
}

interface DatabaseFacts extends Record<string, unknown> {
  user: string;
  name: string;
  ours: boolean;
  tpedm: boolean;
}

const DATABASE_FACTS = `
  select current_user as "user", current_database() as name, to_regclass('tpe_command') is not null as ours,
    to_regclass('clientid_profile') is not null as tpedm`;

async function checkPostgresql(options: DatabaseOptions): Promise<string> {
  const database = await openDatabase(options);
  try {
    const [facts] = await database.query<DatabaseFacts>(DATABASE_FACTS);
    return databaseInWords(facts!, await migrationObstacles(database));
  } catch (error) {
    if (isAnswer(error)) throw new Error(`PostgreSQL answered, but refused: ${messageOf(error)}.`);
    throw new Error(
      `PostgreSQL cannot be reached: ${messageOf(error)}. Is it running, are host and port right?`,
    );
  } finally {
    await database.close();
  }
}

/** Somebody was there, whatever was said. */
function isAnswer(error: unknown): boolean {
  return !isUnavailable(error) || (error instanceof TpeError && error.details.sqlstate !== undefined);
}

function databaseInWords(facts: DatabaseFacts, obstacles: readonly string[]): string {
  const who = `PostgreSQL took "${facts.user}" into the database "${facts.name}"`;
  if (obstacles.length > 0) {
    throw new Error(`${who}, but its tables cannot be made or changed there yet: ${obstacles.join(' ')}`);
  }
  if (facts.ours) return `${who}; its tables are there.`;
  return facts.tpedm
    ? `${who}; the tables of a TPEDM are there and will be adopted with their gateways.`
    : `${who}; the tables will be created.`;
}

function brokerChecks(options: Options, running: BrokerOptions | undefined): (() => Promise<string>)[] {
  const { broker } = options;
  if (broker.kind === 'mqtt') {
    return [() => checkMqtt(broker, filtersOf(options))];
  }
  if (broker.kind === 'emqx') return emqxChecks(broker, options);
  const { tls, webSocket } = broker;
  return [
    () => checkPort('MQTT', broker, broker.port ?? DEFAULT_PORT, running),
    ...(tls
      ? [() => checkPort('MQTT over TLS', broker, tls.port, running), () => checkCertificate(tls)]
      : []),
    ...(webSocket ? [() => checkPort('MQTT over WebSocket', broker, webSocket.port, running)] : []),
  ];
}

async function checkPort(
  what: string,
  { host = DEFAULT_HOST }: EmbeddedOptions,
  port: number,
  running: BrokerOptions | undefined,
): Promise<string> {
  if (running?.kind === 'embedded' && portsOf(running).includes(port)) {
    return `${what}: port ${port} is open and in use by this server.`;
  }
  const code = await listenOnce(host, port);
  if (code === null) return `${what}: port ${port} on ${host} is free.`;
  throw new Error(`${what}: ${PORT_FAULTS[code]?.(host, port) ?? `port ${port} on ${host}: ${code}.`}`);
}

const PORT_FAULTS: Record<string, (host: string, port: number) => string> = {
  EADDRINUSE: (host, port) =>
    `port ${port} on ${host} is taken by another program: stop it, or choose another port.`,
  EACCES: (_host, port) => `port ${port} needs an administrator's rights: choose one above 1023.`,
  EADDRNOTAVAIL: (host) =>
    `this machine has no address ${host}: use 127.0.0.1, or 0.0.0.0 for all its addresses.`,
  ENOTFOUND: (host) => `the host name ${host} is not known.`,
};

function portsOf(broker: EmbeddedOptions): (number | undefined)[] {
  return [broker.port ?? DEFAULT_PORT, broker.tls?.port, broker.webSocket?.port];
}

/** Null when it can be listened on, else the error's code. */
function listenOnce(host: string, port: number): Promise<string | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(null)));
  });
}

async function checkCertificate({
  certFile,
  keyFile,
}: {
  certFile: string;
  keyFile: string;
}): Promise<string> {
  try {
    createSecureContext({ cert: readFileSync(certFile), key: readFileSync(keyFile) });
  } catch (error) {
    throw new Error(
      `The certificate ${certFile} with the key ${keyFile} cannot be used: ${messageOf(error)}.`,
    );
  }
  return `The certificate ${certFile} and its key fit together.`;
}

function emqxChecks(broker: EmqxOptions, options: Options): (() => Promise<string>)[] {
  const { mqtt, events } = broker;
  const api = async () => {
    checkEvents(broker);
    return await checkEmqxApi(broker);
  };
  if (!mqtt) return [api];
  const filters = events === 'mqtt' ? () => [...filtersOf(options)(), ...CLIENT_EVENT_FILTERS] : () => [];
  return [api, ...mqttChecks(mqtt, filters)];
}

function filtersOf(options: Options): () => string[] {
  return () => makeTopics({ ...DEFAULT_TOPICS, ...options.topics }).filters();
}

/** One for each address. */
function mqttChecks(options: MqttOptions, filters: () => readonly string[]): (() => Promise<string>)[] {
  const addresses = addressesIn(options.url, 'url');
  // A text without any is refused by the check itself.
  return (addresses.length === 0 ? [options.url] : addresses).map(
    (url) => () => checkMqtt({ ...options, url }, filters),
  );
}

/** The login is among the options. */
function withoutLogin(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}

/** Without the group, where there is one: a member of it would take messages away from the others. */
async function checkMqtt(broker: MqttOptions, filtersToTry: () => readonly string[]): Promise<string> {
  // Not the session of the running manager, which must not be taken over.
  const clientId = `tpedm-test-${randomBytes(4).toString('hex')}`;
  const { place, options } = readMqttTarget({ ...broker, clientId });
  const client = await connectAsync(
    withoutLogin(broker.url),
    { ...options, clean: true, connectTimeout: CONNECT_MS },
    false,
  ).catch((error: unknown) => {
    throw new Error(`The broker at ${place} did not let us in: ${connectionWords(error)}.`);
  });
  try {
    const filters = filtersToTry();
    if (filters.length === 0) return `The broker at ${place} took us: commands go by it.`;
    await client.subscribeAsync([...filters], { qos: 1 }).catch((error: unknown) => {
      const topics = filters.join(', ');
      throw new Error(`The broker at ${place} took us, but refused us ${topics}: ${messageOf(error)}.`);
    });
    return `The broker at ${place} took us, and lets us subscribe to ${filters.join(', ')}.`;
  } finally {
    await client.endAsync(true);
  }
}
