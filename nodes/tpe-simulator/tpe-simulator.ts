import { setTimeout as delay } from 'node:timers/promises';
import type { Node, NodeAPI, NodeDef, NodeMessage } from 'node-red';
import { addressesIn } from '../manager/broker/addresses.js';
import { type ClientTls, readClientTls } from '../manager/broker/client-tls.js';
import { isSecure } from '../manager/broker/mqtt/url.js';
import type { BrokerOptions, EmqxOptions } from '../manager/broker/options.js';
import type { DeviceManager, DeviceManagerOptions } from '../manager/device-manager.js';
import { type Claim, claimGateways } from '../manager/gateway-simulator/claims.js';
import { enrollVirtualGateways, VIRTUAL_TAG } from '../manager/gateway-simulator/enroll.js';
import { parseFaults } from '../manager/gateway-simulator/fault-schemas.js';
import type { GatewayFaults } from '../manager/gateway-simulator/faults.js';
import {
  DEFAULT_NAMES,
  type GatewayIdentity,
  virtualIdentities,
} from '../manager/gateway-simulator/identity.js';
import {
  type Simulator,
  type SimulatorOptions,
  type SimulatorStatus,
  startSimulator,
} from '../manager/gateway-simulator/simulator.js';
import type { VirtualGateway } from '../manager/gateway-simulator/virtual-gateway.js';
import { DEFAULT_TOPICS, makeTopics, type TopicTemplates } from '../manager/protocol/topics.js';
import { parseTargets, resolveTargets } from '../manager/registry/targets.js';
import { createEnding } from '../manager/shared/ending.js';
import { within } from '../manager/shared/timeout.js';
import { messageOf, TpeError } from '../manager/shared/tpe-error.js';
import { isBlank } from '../node-red/fields/blank.js';
import { type SIMULATOR_FAULTS, WHEN_NONE } from '../node-red/fields/choices.js';
import { createNode } from '../node-red/runtime/create-node.js';
import { onInput } from '../node-red/runtime/input-handler.js';
import { choiceOf, requiredTextOf } from '../node-red/runtime/message-values.js';
import { shortText, statusLine } from '../node-red/runtime/node-status.js';
import { tellFault } from '../node-red/runtime/tell-fault.js';
import { fieldReader } from '../node-red/runtime/typed-fields.js';
import { linkServer } from '../node-red/server/server-link.js';

interface Config extends NodeDef {
  server?: string;
  count?: string;
  /** The beginning of the client ids. Default `virtual`. */
  names?: string;
  /** Shortest and longest time until an answer, ms. */
  latencyFrom?: string;
  latencyTo?: string;
  /** A key of FAULTS; blank for no fault. */
  fault?: string;
  /** Number of gateways with the fault; blank for all. */
  faulty?: string;
  /** Time between two messages of telemetry, s; blank for no telemetry. */
  telemetryEvery?: string;
  /** Topic with `{clientid}`; blank for TELEMETRY_TOPIC. */
  telemetryTopic?: string;
  /** How to handle a filter that no virtual gateway matches: as an error, or with an empty list. */
  whenNone?: string;
}

interface Settings {
  identities: GatewayIdentity[];
  latencyMs: [number, number];
  faults: GatewayFaults;
  faulty: number;
  telemetry: SimulatorOptions['telemetry'];
}

const TELEMETRY_TOPIC = '/tpedm/{clientid}/telemetry';
const DEFAULT_COUNT = 12;
const DEFAULT_LATENCY_MS = [20, 120] as const;
const RETRY_MS = 5000;
const MAX_STOP_MS = 3000;

/** The faults that the form offers. Messages can set any GatewayFaults. */
const FAULTS: Record<(typeof SIMULATOR_FAULTS)[number], GatewayFaults> = {
  silent: { silent: true },
  slow: { slowMs: 5000 },
  brokenJson: { brokenJson: true },
  duplicate: { duplicateAnswers: true },
  wrongId: { wrongRequestId: true },
  wrongClock: { clockOffsetMs: 24 * 3_600_000 },
  retained: { retainedAnswer: true },
  huge: { hugeAnswerBytes: 2_000_000 },
  error: { errorStatus: 500 },
  lost: { lostAnswers: true },
  diskFull: { upgrade: 'disk_full' },
  badPackage: { upgrade: 'bad_package' },
  rollback: { upgrade: 'rollback' },
  hang: { upgrade: 'hang' },
};

const ACTIONS: Record<string, (gateway: VirtualGateway, msg: NodeMessage) => void> = {
  status: () => {},
  faults: (gateway, msg) => gateway.setFaults(parseFaults(msg.faults ?? {})),
  connect: (gateway) => gateway.connect(),
  disconnect: (gateway) => gateway.disconnect(),
  cut: (gateway) => gateway.cut(),
  reboot: (gateway) => gateway.reboot(),
};

export = (RED: NodeAPI) => {
  function TpeSimulator(this: Node, config: Config) {
    createNode(RED, this, config);
    const status = statusLine(this);
    const closing = createEnding();
    const read = fieldReader<'whenNone'>(RED, this, config);
    let simulator: Simulator | null = null;
    let claim: Claim | null = null;
    let running: Promise<void> = Promise.resolve();

    const show = ({ total, connected, fault }: SimulatorStatus) => {
      const counts = RED._('tpe-simulator.status.connected', { connected, total });
      if (connected === total) status.activity({ fill: 'green', shape: 'dot', text: counts });
      else if (fault === null) status.activity({ fill: 'yellow', shape: 'ring', text: counts });
      else status.activity({ fill: 'red', shape: 'ring', text: shortText(fault) });
    };

    const start = async (manager: DeviceManager, options: DeviceManagerOptions) => {
      const settings = settingsOf(config);
      claim?.release();
      claim = claimGateways(manager.registry, settings.identities);
      const { free, elsewhere } = claim;
      if (elsewhere.length > 0) {
        this.warn(
          `${elsewhere.length} of these gateways ("${elsewhere[0]}") belong to another tpe-simulator and are skipped. ` +
            'Set other names here.',
        );
      }
      const { gateways, taken } = await enroll(manager, free, closing.signal);
      for (const clientid of taken) {
        this.warn(
          `"${clientid}" is registered without the tag "${VIRTUAL_TAG}": it is skipped and not simulated.`,
        );
      }
      if (closing.signal.aborted) return;
      const topics = { ...DEFAULT_TOPICS, ...options.topics };
      const isHeard = settings.telemetry === undefined || isTelemetry(topics, settings.telemetry.topic);
      if (!isHeard) {
        this.warn(
          `The server does not receive telemetry on "${settings.telemetry?.topic}", so none is sent: add it to "Telemetry" of the server.`,
        );
      }
      simulator = startSimulator({
        url: urlFor(options.broker),
        tls: tlsFor(options.broker),
        gateways,
        inputTopic: topics.input,
        outputTopic: topics.output,
        latencyMs: settings.latencyMs,
        ...(isHeard && { telemetry: settings.telemetry }),
        onChange: show,
      });
      for (const { identity } of gateways.slice(0, settings.faulty)) {
        simulator.setFaults(identity.clientid, settings.faults);
      }
      show(simulator.status());
    };

    const link = linkServer(RED, this, config, status, (manager, options) => {
      running = start(manager, options).catch((error: unknown) => {
        if (closing.signal.aborted) return;
        status.activity({ fill: 'red', shape: 'ring', text: shortText(messageOf(error)) });
        tellFault(this, 'The virtual gateways could not be started', error);
      });
      return () => {};
    });

    onInput(this, status, async (msg, { send }) => {
      const action = choiceOf(requiredTextOf(msg.action, 'action'), 'action', Object.keys(ACTIONS)) ?? '';
      const manager = await link.manager();
      if (!simulator) throw new TpeError('UNAVAILABLE', 'The virtual gateways have not been started yet.');
      const whenNone = choiceOf(await read('whenNone', msg), 'whenNone', WHEN_NONE) ?? 'error';
      const chosen = await chosenOf(simulator, manager, msg.clientid, whenNone);
      for (const gateway of chosen) ACTIONS[action]!(gateway, msg);
      const { total, connected } = simulator.status();
      show(simulator.status());
      msg.payload = chosen.map((gateway) => ({
        clientid: gateway.identity.clientid,
        connected: gateway.isConnected(),
        fault: gateway.fault(),
      }));
      msg.tpe = { action, total, connected };
      send(msg);
    });

    this.on('close', (_removed: boolean, done: () => void) => {
      closing.abort();
      const stopped = running.then(() => simulator?.stop()).finally(() => claim?.release());
      // A broker that is also closing may never acknowledge the last messages.
      void within(MAX_STOP_MS, stopped, () => undefined).then(
        () => done(),
        () => done(),
      );
    });
  }

  RED.nodes.registerType('tpe-simulator', TpeSimulator);
};

/** Registers the gateways. Waits and tries again while the database cannot be reached or others register many, until `signal` is aborted. */
async function enroll(
  manager: DeviceManager,
  identities: readonly GatewayIdentity[],
  signal: AbortSignal,
): ReturnType<typeof enrollVirtualGateways> {
  for (;;) {
    try {
      return await enrollVirtualGateways(manager.registry, identities);
    } catch (error) {
      if (!(error instanceof TpeError && ['UNAVAILABLE', 'BUSY'].includes(error.code))) throw error;
      await delay(RETRY_MS, undefined, { signal });
    }
  }
}

/** Reads the fields, which `linkServer` has already checked. */
function settingsOf(config: Config): Settings {
  const number = (value: string | undefined, otherwise: number) =>
    isBlank(value) ? otherwise : Number(value);
  const count = number(config.count, DEFAULT_COUNT);
  const from = number(config.latencyFrom, DEFAULT_LATENCY_MS[0]);
  const to = number(config.latencyTo, Math.max(from, DEFAULT_LATENCY_MS[1]));
  const names = isBlank(config.names) ? DEFAULT_NAMES : String(config.names).trim();
  return {
    identities: virtualIdentities(count, names),
    telemetry: telemetryOf(config),
    latencyMs: [from, Math.max(from, to)],
    faults: isBlank(config.fault) ? {} : FAULTS[config.fault as keyof typeof FAULTS],
    faulty: number(config.faulty, count),
  };
}

function telemetryOf(config: Config): SimulatorOptions['telemetry'] {
  if (isBlank(config.telemetryEvery)) return undefined;
  const topic = isBlank(config.telemetryTopic) ? TELEMETRY_TOPIC : String(config.telemetryTopic).trim();
  return { topic, everyMs: Number(config.telemetryEvery) * 1000 };
}

/** Whether the server takes messages on this topic as telemetry. The embedded broker disconnects gateways that publish elsewhere. */
function isTelemetry(templates: TopicTemplates, topic: string): boolean {
  const found = makeTopics(templates).classify(topic.replace('{clientid}', 'x'));
  return found?.kind === 'telemetry' && (found.clientid ?? 'x') === 'x' && !/[+#]/.test(topic);
}

/** The URL at which a virtual gateway reaches the broker. A broker that listens on all addresses is reached at the loopback address. */
function urlFor(broker: BrokerOptions): string {
  if (broker.kind === 'mqtt') return firstOf(broker.url);
  if (broker.kind === 'emqx') return urlBeside(broker);
  const { host = '127.0.0.1', port = 1883 } = broker;
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `mqtt://${address.includes(':') ? `[${address}]` : address}:${port}`;
}

/** The TLS options of virtual gateways: they use the CA and the client certificate of the manager. */
function tlsFor(broker: BrokerOptions): ClientTls | undefined {
  const mqtt = broker.kind === 'emqx' ? broker.mqtt : broker.kind === 'mqtt' ? broker : undefined;
  return mqtt && isSecure(new URL(firstOf(mqtt.url))) ? readClientTls(mqtt, 'the MQTT broker') : undefined;
}

/** The MQTT URL of the manager, or the standard port on the machine with EMQX's REST API. */
function urlBeside({ mqtt, apiUrl }: EmqxOptions): string {
  return mqtt === undefined ? `mqtt://${new URL(firstOf(apiUrl)).hostname}:1883` : firstOf(mqtt.url);
}

/** The first of several addresses, because all virtual gateways connect to one node of the cluster. */
function firstOf(addresses: string): string {
  return addressesIn(addresses, 'url')[0] ?? addresses;
}

/**
 * The virtual gateways that a message names, or all of them. From the gateways that match a filter, takes only those of this simulator.
 * Rejects with NOT_FOUND if a named gateway is not in this simulator, or if no gateway matches and `whenNone` is `error`.
 */
async function chosenOf(
  simulator: Simulator,
  { registry }: DeviceManager,
  clientid: unknown,
  whenNone: (typeof WHEN_NONE)[number],
): Promise<readonly VirtualGateway[]> {
  if (clientid === undefined || clientid === 'all') return simulator.all();
  const targets = parseTargets(clientid, 'clientid');
  if (targets.kind === 'all') return simulator.all();
  const chosen: VirtualGateway[] = [];
  for await (const each of resolveTargets(registry, targets)) {
    const gateway = simulator.find(each);
    if (gateway) chosen.push(gateway);
    else if (targets.kind !== 'filter') throw noVirtual(`"${each}"`);
  }
  if (chosen.length === 0 && whenNone === 'error') throw noVirtual('that matches');
  return chosen;
}

function noVirtual(which: string): TpeError {
  return new TpeError('NOT_FOUND', `There is no virtual gateway ${which} in this simulator.`, {
    field: 'clientid',
  });
}
