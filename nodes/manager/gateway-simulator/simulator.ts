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
  /** The address of any MQTT broker, such as `mqtt://127.0.0.1:1883`. */
  url: string;
  /** The certificates and options for TLS, where the URL is of that kind. */
  tls?: ClientTls;
  gateways: readonly SimulatedGateway[];
  /** Topic templates with `{clientid}`. */
  inputTopic: string;
  outputTopic: string;
  /** How long an answer takes, ms: at least, at most; default 20, 120. */
  latencyMs?: readonly [number, number];
  /** How long a reboot takes, ms; default 8000. */
  rebootMs?: number;
  /** How many times faster than a real gateway they upgrade; default 20. */
  timeScale?: number;
  /** The pause before a gateway connects again after it lost its connection, ms; default 3000. */
  retryMs?: number;
  /**
   * The topic (with `{clientid}`) and the interval (ms) at which each gateway publishes samples of its own tags. Default: none.
   */
  telemetry?: { topic: string; everyMs: number };
  /** Called when gateways have connected or disconnected; once for several that change together. */
  onChange?(status: SimulatorStatus): void;
}

export interface SimulatorStatus {
  total: number;
  /** How many are connected and have their subscription. */
  connected: number;
  /** Why one of them could not connect or subscribe; null if none has a fault. */
  fault: string | null;
}

export interface Simulator {
  status(): SimulatorStatus;
  /** The gateway with this client id; undefined when there is none. */
  find(clientid: string): VirtualGateway | undefined;
  all(): readonly VirtualGateway[];
  /** Replaces the faults of one gateway, or of all. Does nothing for an unknown client id. */
  setFaults(clientid: string | 'all', faults: GatewayFaults): void;
  /** Disconnects all gateways; resolves when their sockets are closed. */
  stop(): Promise<void>;
}

/** The defaults: fast enough for people who try things out. */
export const SIMULATOR_PACE = { rebootMs: 8000, timeScale: 20 };

/** How many gateways connect at once: of a thousand that reach the broker together, most wait too long for its answer, and try again. */
const CONNECT_AT_ONCE = 50;
/** How long one of them keeps the others waiting at most, ms. */
const CONNECT_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 20;

/**
 * Starts virtual gateways that connect to a broker and answer as real ones do. Returns at once; they connect some at a time.
 */
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
    const begun = new Map<VirtualGateway, number>();
    for (const gateway of all) {
      while (begun.size >= CONNECT_AT_ONCE && !stopping.signal.aborted) {
        await delay(LOOK_EVERY_MS);
        forgetDone(begun);
      }
      if (stopping.signal.aborted) return;
      begun.set(gateway, performance.now());
      gateway.connect();
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

/** Forgets gateways that have connected, could not, or take too long. */
function forgetDone(begun: Map<VirtualGateway, number>): void {
  const longAgo = performance.now() - CONNECT_WITHIN_MS;
  for (const [gateway, at] of begun) {
    if (gateway.isConnected() || gateway.fault() !== null || at < longAgo) begun.delete(gateway);
  }
}

function fill(template: string, clientid: string): string {
  return template.replace('{clientid}', () => clientid);
}
