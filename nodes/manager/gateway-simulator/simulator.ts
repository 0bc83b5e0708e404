import { setTimeout as delay } from 'node:timers/promises';
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
  /** Called when a gateway came or went. */
  onChange?(status: SimulatorStatus): void;
}

export interface SimulatorStatus {
  total: number;
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
  stop(): Promise<void>;
}

/** So many connect at once, with a breath between, so that a thousand do not come in one ms. */
const CONNECT_AT_ONCE = 50;
const BREATH_MS = 20;

/** Starts virtual gateways that connect to a broker and answer as real ones do. */
export function startSimulator(options: SimulatorOptions): Simulator {
  const gateways = new Map<string, VirtualGateway>();
  let stopped = false;
  let isTelling = false;

  const status = (): SimulatorStatus => {
    const all = [...gateways.values()];
    return {
      total: options.gateways.length,
      connected: all.filter((gateway) => gateway.isConnected()).length,
      fault: all.map((gateway) => gateway.fault()).find((fault) => fault !== null) ?? null,
    };
  };

  function onChange(): void {
    if (isTelling || stopped) return;
    isTelling = true;
    setImmediate(() => {
      isTelling = false;
      if (!stopped) options.onChange?.(status());
    });
  }

  async function startAll(): Promise<void> {
    for (const [index, gateway] of options.gateways.entries()) {
      if (stopped) return;
      gateways.set(gateway.identity.clientid, startOne(gateway, index + 1));
      if (index % CONNECT_AT_ONCE === CONNECT_AT_ONCE - 1) await delay(BREATH_MS);
    }
  }

  function startOne({ identity, username, password }: SimulatedGateway, number: number): VirtualGateway {
    return createVirtualGateway({
      url: options.url,
      identity,
      number,
      username,
      password,
      inputTopic: options.inputTopic.replace('{clientid}', identity.clientid),
      outputTopic: options.outputTopic.replace('{clientid}', identity.clientid),
      latencyMs: options.latencyMs ?? [20, 120],
      rebootMs: options.rebootMs ?? 8000,
      timeScale: options.timeScale ?? 20,
      retryMs: options.retryMs ?? 3000,
      onChange,
    });
  }

  const started = startAll();
  return {
    status,
    find: (clientid) => gateways.get(clientid),
    all: () => [...gateways.values()],
    setFaults(clientid, faults) {
      const chosen = clientid === 'all' ? [...gateways.values()] : [gateways.get(clientid)];
      for (const gateway of chosen) gateway?.setFaults(faults);
    },
    async stop() {
      stopped = true;
      await started;
      await Promise.all([...gateways.values()].map((gateway) => gateway.stop()));
    },
  };
}
