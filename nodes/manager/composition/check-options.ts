import { embeddedChecks } from '../broker/embedded/check.js';
import { emqxChecks } from '../broker/emqx/check.js';
import { checkMqtt } from '../broker/mqtt/check.js';
import type { BrokerOptions } from '../broker/options.js';
import { checkDatabase } from '../database/check.js';
import type { DeviceManagerOptions } from '../device-manager.js';
import { DEFAULT_TOPICS, makeTopics } from '../protocol/topics.js';
import { messageOf } from '../shared/tpe-error.js';

type Options = Omit<DeviceManagerOptions, 'log'>;

/** The result of one check, in words for a person and without secrets. */
export interface Finding {
  part: 'database' | 'broker' | 'topics';
  ok: boolean;
  text: string;
}

/**
 * Tries what a device manager with these options would need, and changes nothing: whether the database answers, accepts the login and
 * allows tables to be created; whether the broker answers or its port is free; whether the topics are valid. `running` are the options of
 * the manager that is open now, since its own folder and ports are in use. Never rejects.
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

/** Runs a check, which returns what works and throws what does not. */
async function finding(part: Finding['part'], check: () => Promise<string>): Promise<Finding> {
  try {
    return { part, ok: true, text: await check() };
  } catch (error) {
    return { part, ok: false, text: messageOf(error) };
  }
}

function brokerChecks(options: Options, running: BrokerOptions | undefined): (() => Promise<string>)[] {
  const { broker } = options;
  const filters = () => makeTopics({ ...DEFAULT_TOPICS, ...options.topics }).filters();
  if (broker.kind === 'mqtt') return [() => checkMqtt(broker, filters)];
  if (broker.kind === 'emqx') return emqxChecks(broker, filters);
  return embeddedChecks(broker, running);
}
