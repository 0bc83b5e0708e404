import { setTimeout as delay } from 'node:timers/promises';
import type { ClientTls } from '../broker/client-tls.js';
import { createEnding } from '../shared/ending.js';
import type { GatewayFaults } from './faults.js';
import type { GatewayIdentity } from './identity.js';
import { createVirtualGateway, type VirtualGateway } from './virtual-gateway.js';

/** A virtual gateway and the credential that the registry gave it. */
export interface SimulatedGateway {
  identity: GatewayIdentity;
  username: string;
  password: string;
}

export interface SimulatorOptions {
  /** Of any MQTT broker: `mqtt://127.0.0.1:1883`. */
  url: string;
  /** Of the broker, where it is spoken to over TLS. */
  tls?: ClientTls;
  gateways: readonly SimulatedGateway[];
  /** Topic templates with `{clientid}`. */
  inputTopic: string;
  outputTopic: string;
  /** How long an answer takes, ms: from, to; default 20, 120. */
  latencyMs?: readonly [number, number];
  /** How long a reboot takes, ms; default 8000. */
  rebootMs?: number;
  /** How many times faster than a real gateway one upgrades; default 20. */
  timeScale?: number;
  /** The pause before a lost connection is made again, ms; default 3000. */
  retryMs?: number;
  /** Each gateway publishes samples of its own tags: where (with `{clientid}`), and how often, ms. Default: none. */
  telemetry?: { topic: string; everyMs: number };
  /** Called when a gateway came or went. */
  onChange?(status: SimulatorStatus): void;
}

export interface SimulatorStatus {
  total: number;
  /** Connected and subscribed. */
  connected: number;
  /** What the broker said to one that it refused. */
  fault: string | null;
}

export interface Simulator {
  status(): SimulatorStatus;
  /** One by its client id; undefined when there is none. */
  find(clientid: string): VirtualGateway | undefined;
  all(): readonly VirtualGateway[];
  /** Sets the faults of one, or of all. */
  setFaults(clientid: string | 'all', faults: GatewayFaults): void;
  /** Disconnects them all; resolves when their sockets are closed. */
  stop(): Promise<void>;
}

/** What is not set: as quick as people who try things want it. */
export const SIMULATOR_PACE = { rebootMs: 8000, timeScale: 20 };

/** So many connect at once, with a breath between, so that a thousand do not come in one ms. */
const CONNECT_AT_ONCE = 50;
const BREATH_MS = 20;

/** Starts virtual gateways that connect to a broker and answer as real ones do. */
export function startSimulator(options: SimulatorOptions): Simulator {
  const gateways = new Map<string, VirtualGateway>();
  const stopping = createEnding();
  let isTelling = false;

  for (const gateway of options.gateways) gateways.set(gateway.identity.clientid, makeOne(gateway));
  const all = [...gateways.values()];

  function makeOne({ identity, username, password }: SimulatedGateway): VirtualGateway {
    return createVirtualGateway({
      url: options.url,
      tls: options.tls,
      identity,
      username,
      password,
      inputTopic: fill(options.inputTopic, identity.clientid),
      outputTopic: fill(options.outputTopic, identity.clientid),
      latencyMs: options.latencyMs ?? [20, 120],
      rebootMs: options.rebootMs ?? SIMULATOR_PACE.rebootMs,
      timeScale: options.timeScale ?? SIMULATOR_PACE.timeScale,
      retryMs: options.retryMs ?? 3000,
      onChange,
    });
  }

  const status = (): SimulatorStatus => ({
    total: all.length,
    connected: all.filter((gateway) => gateway.isConnected()).length,
    fault: all.map((gateway) => gateway.fault()).find((fault) => fault !== null) ?? null,
  });

  function onChange(): void {
    if (isTelling) return;
    isTelling = true;
    setImmediate(() => {
      isTelling = false;
      if (!stopping.signal.aborted) options.onChange?.(status());
    });
  }

  async function connectAll(): Promise<void> {
    for (let start = 0; start < all.length; start += CONNECT_AT_ONCE) {
      if (stopping.signal.aborted) return;
      for (const gateway of all.slice(start, start + CONNECT_AT_ONCE)) gateway.connect();
      await delay(BREATH_MS);
    }
  }

  const connecting = connectAll();
  const { telemetry } = options;
  const sampling =
    telemetry &&
    setInterval(() => {
      for (const gateway of all) gateway.sendTelemetry(fill(telemetry.topic, gateway.identity.clientid));
    }, telemetry.everyMs);

  return {
    status,
    find: (clientid) => gateways.get(clientid),
    all: () => all,
    setFaults(clientid, faults) {
      const chosen = clientid === 'all' ? all : [gateways.get(clientid)];
      for (const gateway of chosen) gateway?.setFaults(faults);
    },
    async stop() {
      stopping.abort();
      clearInterval(sampling);
      await connecting;
      await Promise.all(all.map((gateway) => gateway.stop()));
    },
  };
}

function fill(template: string, clientid: string): string {
  return template.replace('{clientid}', () => clientid);
}
