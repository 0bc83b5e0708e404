import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red';
import type { DeviceManager, ManagerHealth } from '../manager/device-manager.js';
import type { Presence } from '../manager/presence/presence.js';
import { DEVICE_QUERY, parseQuery } from '../manager/registry/device-query.js';
import { filterOf, parseReadTargets, parseTargets } from '../manager/registry/targets.js';
import { badField } from '../manager/shared/invalid-input.js';
import { TpeError } from '../manager/shared/tpe-error.js';
import { textIn } from '../node-red/fields/checks.js';
import { DEFAULT_OFFLINE_S, MAX_OFFLINE_S, STATUS_ACTIONS } from '../node-red/fields/choices.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { globMatcher } from '../node-red/runtime/glob.js';
import { onInput } from '../node-red/runtime/input-handler.js';
import {
  choiceOf,
  clientIdIn,
  isObject,
  millisecondsOf,
  requiredTextOf,
} from '../node-red/runtime/message-values.js';
import { statusLine } from '../node-red/runtime/node-status.js';
import { pageQuery, readTexts } from '../node-red/runtime/paging.js';
import { tellFault } from '../node-red/runtime/tell-fault.js';
import { fieldReader, type TypedFields } from '../node-red/runtime/typed-fields.js';
import { linkServer } from '../node-red/server/server-link.js';
import { offlineLonger } from './offline-longer.js';
import { watchOffline } from './offline-watch.js';
import { presenceOf } from './presence-of.js';
import { createToldOffline } from './told-offline.js';

type Config = NodeDef & {
  server?: string;
  /** Pattern of client ids with * and ?, for the changes that the node sends. */
  filter?: string;
  /**
   * `changes` to send changes, `start` to send also the current state of all gateways at the start, `offline` to send only gateways that are
   * offline for longer than `offlineFor`, and when they are back, `none` to only answer messages.
   */
  changes?: string;
} & TypedFields<'action' | 'offlineFor'>;

type Answer = { payload: unknown; topic?: string; facts?: Record<string, unknown> };

export = (RED: NodeAPI) => {
  function TpeStatus(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const isWanted = globMatcher(textIn({ ...config }, 'filter'));
    const changes = textIn({ ...config }, 'changes');
    const read = fieldReader(RED, this, config);
    const offlineMs = async (msg: NodeMessageInFlow) => offlineMsOf(await read('offlineFor', msg));
    const tell = (presence: Presence) => {
      if (isWanted(presence.clientid)) this.send({ topic: presence.clientid, payload: { ...presence } });
    };

    /** Shows the drift of presence until the next comparison with the broker finds none. An unconfirmed presence takes precedence. */
    const showDrift = ({ presence: { corrected, unconfirmed } }: ManagerHealth) => {
      if (unconfirmed === null && corrected === 0) return status.activity(null);
      const text =
        unconfirmed === null
          ? RED._('tpe-status.status.corrected', { count: corrected })
          : RED._('tpe-status.status.unconfirmed');
      status.activity({ fill: 'yellow', shape: 'dot', text });
    };

    const tellChanges = (manager: DeviceManager) => {
      const follower = changes === 'none' ? null : follow(manager, tell, changes === 'start');
      follower?.started.catch((error: unknown) => {
        tellFault(this, 'The current status could not be sent', error);
      });
      return () => follower?.stop();
    };
    const tellOffline = (manager: DeviceManager) =>
      watchOffline({
        manager,
        isWanted,
        // There is no message, whose property could say it.
        forMs: () => offlineMs({ _msgid: '' }),
        told: createToldOffline(this),
        send: tell,
        onFault: (error) => tellFault(this, 'Gateways that are offline could not be told of', error),
      });

    const link = linkServer(RED, this, config, status, (manager) => {
      manager.events.on('health', showDrift);
      const stop = changes === 'offline' ? tellOffline(manager) : tellChanges(manager);
      return () => {
        manager.events.off('health', showDrift);
        stop();
      };
    });

    onInput(this, status, async (msg, { send }) => {
      const action = choiceOf(await read('action', msg), 'action', STATUS_ACTIONS) ?? 'status';
      const manager = await link.manager();
      const answer = await ANSWERS[action](manager, msg, () => offlineMs(msg));
      msg.payload = answer.payload;
      if (answer.topic !== undefined) msg.topic = answer.topic;
      msg.tpe = { action, ...answer.facts };
      status.activity(null);
      send(msg);
    });
  }

  RED.nodes.registerType('tpe-status', TpeStatus);
};

/**
 * Calls `tell` for each change until it is stopped. If `withPresent` is true, also calls it for the current state of every gateway. If a
 * change comes while these states are read, it is sent at once, and the older state of that gateway is left out.
 */
function follow(
  manager: DeviceManager,
  tell: (presence: Presence) => void,
  withPresent: boolean,
): { started: Promise<void>; stop: () => void } {
  let stopped = false;
  const changed = new Set<string>();
  let reading = withPresent;
  const onChange = (presence: Presence) => {
    if (reading) changed.add(presence.clientid);
    tell(presence);
  };

  const tellPresent = async () => {
    // Wait for the rest of the deploy, because the nodes that are wired to this one may not exist yet.
    await new Promise(setImmediate);
    for await (const device of manager.registry.each({})) {
      if (stopped) return;
      if (!changed.has(device.clientid)) tell(presenceOf(device));
    }
  };

  manager.events.on('presence', onChange);
  const started = withPresent
    ? tellPresent().finally(() => {
        reading = false;
        changed.clear();
      })
    : Promise.resolve();
  return {
    started,
    stop: () => {
      stopped = true;
      manager.events.off('presence', onChange);
    },
  };
}

const ANSWERS: Record<
  (typeof STATUS_ACTIONS)[number],
  (manager: DeviceManager, msg: NodeMessageInFlow, offlineMs: () => Promise<number>) => Promise<Answer>
> = {
  async status(manager, msg) {
    const clientid = clientidIn(msg);
    if (clientid !== undefined) return stateOfOne(manager, clientid);
    if (Array.isArray(msg.payload) && !isPage(msg)) return statesOf(manager, msg.payload);
    const query = parseQuery(readTexts(msg, DEVICE_QUERY, pageQuery(msg.payload, msg.tpe, 'cursor')));
    const page = await manager.registry.list(query);
    return { payload: page.devices.map(presenceOf), facts: { next: page.next, query } };
  },
  async offline(manager, msg, offlineMs) {
    const asked = isObject(msg.payload) || Array.isArray(msg.payload) ? msg.payload : undefined;
    const query = parseQuery(readTexts(msg, DEVICE_QUERY, pageQuery(asked, msg.tpe, 'cursor')));
    const { found, next } = await offlineLonger(manager, query, await offlineMs());
    return { payload: found.map(presenceOf), facts: { next, query } };
  },
  async connection(manager, msg) {
    const clientid = requiredTextOf(clientidIn(msg), 'clientid');
    const client = await manager.broker.getClient(clientid);
    if (client) return { payload: client, topic: clientid };
    throw new TpeError('NOT_FOUND', `The broker has no client "${clientid}".`);
  },
  async counts(manager, msg) {
    const filter = filterOf(parseReadTargets(msg.payload, 'payload'));
    return { payload: await manager.registry.counts(filter) };
  },
  async health(manager) {
    return { payload: manager.health() };
  },
};

async function stateOfOne(manager: DeviceManager, clientid: string): Promise<Answer> {
  const device = await manager.registry.get(clientid);
  if (!device) throw new TpeError('NOT_FOUND', `There is no gateway with the client id "${clientid}".`);
  return { payload: presenceOf(device), topic: clientid };
}

/** Whether the message is a page of this node that was sent back to get the next page. */
function isPage({ payload, tpe }: NodeMessageInFlow): boolean {
  return (payload as unknown[]).some(isObject) && isObject(tpe) && typeof tpe.next === 'string';
}

/** The states in the order of the request. `unknown` lists the client ids that are not registered. */
async function statesOf(manager: DeviceManager, asked: unknown[]): Promise<Answer> {
  const { clientids = [] } = filterOf(parseTargets(asked, 'payload'));
  const found = new Map<string, Presence>();
  for await (const device of manager.registry.each({ clientids })) {
    found.set(device.clientid, presenceOf(device));
  }
  return {
    payload: clientids.flatMap((clientid) => found.get(clientid) ?? []),
    facts: { unknown: clientids.filter((clientid) => !found.has(clientid)) },
  };
}

/** The client id of a message about one gateway: from msg.clientid, from a payload that is text, or from msg.topic. */
function clientidIn(msg: NodeMessageInFlow): string | undefined {
  const named = clientIdIn(msg.clientid, 'clientid');
  if (named !== undefined) return named;
  const { payload } = msg;
  // A number does not count as a client id, because an inject node sends the time as payload.
  if (typeof payload === 'string' && payload !== '') return payload;
  if (isObject(payload) || Array.isArray(payload)) return undefined;
  return clientIdIn(msg.topic, 'topic');
}

/** Reads how long a gateway must be offline, ms. Throws INVALID_INPUT. */
function offlineMsOf(value: unknown): number {
  const ms = millisecondsOf(value, 'offlineFor') ?? DEFAULT_OFFLINE_S * 1000;
  if (ms >= 1000 && ms <= MAX_OFFLINE_S * 1000) return ms;
  throw badField('offlineFor', `1 to ${MAX_OFFLINE_S} seconds`);
}
