import { connect, type MqttClient } from 'mqtt';
import type { GatewayFaults } from './faults.js';
import type { GatewayIdentity } from './identity.js';
import { createResources } from './resources.js';
import { createUpgradeJobs } from './upgrade-jobs.js';
import { type ApiAnswer, apiError, readRequest, styleOf, writeAnswer } from './wire.js';

export interface VirtualGatewayOptions {
  /** `mqtt://127.0.0.1:1883`. */
  url: string;
  identity: GatewayIdentity;
  /** Its place in the fleet; decides the style of its answers. */
  number: number;
  username: string;
  password: string;
  inputTopic: string;
  outputTopic: string;
  /** How long an answer takes, ms: from, to. */
  latencyMs: readonly [number, number];
  /** How long it is away when it reboots, ms. */
  rebootMs: number;
  /** How many times faster than a real one it upgrades. */
  timeScale: number;
  /** The pause before it connects again, ms, give or take a quarter. */
  retryMs: number;
  onChange(): void;
}

export interface VirtualGateway {
  readonly identity: GatewayIdentity;
  isConnected(): boolean;
  /** Why it is not connected, where the broker said so. */
  fault(): string | null;
  setFaults(faults: GatewayFaults): void;
  connect(): void;
  /** DISCONNECT, and stays away until connect(). */
  disconnect(): void;
  /** The socket dies without a word; it comes back by itself. */
  cut(): void;
  /** Goes away and comes back as after PUT /system/reboot. */
  reboot(): void;
  stop(): Promise<void>;
}

const KEEPALIVE_S = 60;
/** An answer leaves before the connection does. */
const PARTING_MS = 200;

/** One gateway: a real MQTT 3.1.1 client with the API of TPE behind it. */
export function createVirtualGateway(options: VirtualGatewayOptions): VirtualGateway {
  const { identity } = options;
  const style = styleOf(options.number);
  const timers = new Set<NodeJS.Timeout>();
  const resources = createResources(ownResources(identity, options));
  const upgrades = createUpgradeJobs(options.timeScale, away, installed, later);
  let faults: GatewayFaults = {};
  let client: MqttClient | null = null;
  let fault: string | null = null;
  let isWanted = true;

  function later(work: () => void, afterMs: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, afterMs);
    timers.add(timer);
  }

  function open(): void {
    if (!isWanted || client !== null) return;
    const made = connect(options.url, {
      clientId: identity.clientid,
      username: options.username,
      password: options.password,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_S,
      reconnectPeriod: Math.round(options.retryMs * (0.75 + Math.random() / 2)),
      connectTimeout: 10_000,
    });
    client = made;
    made.on('connect', () => {
      fault = null;
      made.subscribe(options.inputTopic, { qos: 1 }, () => options.onChange());
    });
    made.on('message', (_topic, payload) => receive(payload.toString('utf8')));
    made.on('error', (error) => {
      fault = error.message;
    });
    made.on('close', () => options.onChange());
  }

  function leave(isPolite: boolean): void {
    const leaving = client;
    client = null;
    leaving?.end(!isPolite);
    options.onChange();
  }

  /** Gone for a while, as while it reboots or replaces its MQTT application. */
  function away(forMs: number): void {
    leave(false);
    later(open, forMs);
  }

  function reboot(): void {
    const general = resources.read('/device/general') as { data: Record<string, unknown> };
    away(options.rebootMs);
    const lastBootTime = new Date(Date.now() + options.rebootMs).toISOString();
    resources.write('/device/general', { data: { ...general.data, lastBootTime } });
  }

  function installed({
    tpeVersion,
    firmwareVersion,
  }: {
    tpeVersion: string | null;
    firmwareVersion: string | null;
  }): void {
    const general = resources.read('/device/general') as { data: Record<string, unknown> };
    const data = { ...general.data };
    if (tpeVersion !== null)
      data[identity.api === 'tpe' ? 'thingsproVersion' : 'softwareVersion'] = tpeVersion;
    if (firmwareVersion !== null) data.firmwareVersion = firmwareVersion;
    resources.write('/device/general', { data });
    reboot();
  }

  function receive(text: string): void {
    if (faults.silent) return;
    const read = readRequest(text, Date.now() + (faults.clockOffsetMs ?? 0));
    if (!read.ok) return reply(read.answer);
    const { request } = read;
    const answer = faults.errorStatus
      ? apiError(faults.errorStatus, 'told to fail')
      : handle(request.method, request.path, request.requestBody);
    reply(writeAnswer(request.requestId, answer, style, faults));
  }

  function reply(text: string): void {
    const [least, most] = options.latencyMs;
    const send = () =>
      client?.publish(options.outputTopic, text, { qos: 1, retain: faults.retainedAnswer === true });
    later(
      () => {
        send();
        if (faults.duplicateAnswers) send();
      },
      (faults.slowMs ?? 0) + least + Math.random() * (most - least),
    );
  }

  function handle(method: string, fullPath: string, requestBody: unknown): ApiAnswer {
    const path = fullPath.split('?')[0] ?? '';
    const parting = PARTING_MS + (faults.slowMs ?? 0) + options.latencyMs[1];
    if (
      method === 'PUT' &&
      path === '/system/reboot' &&
      (requestBody as { now?: unknown } | null)?.now === true
    ) {
      later(reboot, parting);
      return { status: 200, payload: { data: 'ok' } };
    }
    if (method === 'PUT' && path === '/system/reset-default') {
      // Its MQTT settings are gone with the rest: it does not come back.
      isWanted = false;
      later(() => leave(false), parting);
      return { status: 200, payload: { data: 'ok' } };
    }
    if (method === 'PUT' && /^\/apps\/cloud\/(stop|restart|uninstall)$/.test(path)) {
      if (path.endsWith('restart')) later(() => away(options.rebootMs), parting);
      else {
        isWanted = false;
        later(() => leave(false), parting);
      }
      return { status: 200, payload: { data: 'ok' } };
    }
    if (path === '/upgrades' || path.startsWith('/upgrades/')) {
      return identity.api === 'tpe'
        ? upgrades.handle(method, path, requestBody)
        : apiError(404, 'page not found');
    }
    return resources.handle(method, fullPath, requestBody);
  }

  open();
  return {
    identity,
    isConnected: () => client?.connected === true,
    fault: () => fault,
    setFaults(next) {
      faults = next;
    },
    connect() {
      isWanted = true;
      open();
    },
    disconnect() {
      isWanted = false;
      leave(true);
    },
    cut: () => client?.stream.destroy(),
    reboot,
    async stop() {
      isWanted = false;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      const leaving = client;
      client = null;
      await leaving?.endAsync();
    },
  };
}

/** What one gateway says differently from all others. */
function ownResources(identity: GatewayIdentity, options: VirtualGatewayOptions): Map<string, unknown> {
  const url = new URL(options.url);
  const mqttClient = {
    id: 1,
    enable: true,
    name: 'TPEDM',
    server: url.hostname,
    port: Number(url.port),
    clientId: identity.clientid,
    userName: options.username,
    password: options.password,
    protocolVersion: '3.1.1',
    keepAliveSec: KEEPALIVE_S,
    clearSession: true,
    remoteAPI: {
      enable: true,
      requestSubTopic: options.inputTopic,
      responsePubTopic: options.outputTopic,
      qos: 1,
      retain: false,
    },
  };
  return new Map<string, unknown>([
    ['/device/general', { data: general(identity) }],
    ['/mqtt', { data: [mqttClient] }],
  ]);
}

function general(identity: GatewayIdentity): Record<string, unknown> {
  const used = 1_200_000_000 + identity.clientid.length * 50_000_000;
  const common = {
    description: identity.description,
    hostName: identity.hostName,
    modelName: identity.modelName,
    serialNumber: identity.serialNumber,
    firmwareVersion: identity.firmwareVersion,
    cpu: 'ARMv7 Processor rev 2 (v7l)',
    memorySize: 1_056_120_832,
    lastBootTime: new Date(Date.now() - 86_400_000).toISOString(),
    disk: [
      {
        name: 'System',
        mount: '/',
        device: '/dev/root',
        total: 6_827_344_896,
        free: 6_827_344_896 - used,
        used,
        protect: 838_860_800,
        percent: Math.round((used / 6_827_344_896) * 10_000) / 100,
      },
    ],
  };
  if (identity.api === 'aig-302') return { ...common, softwareVersion: identity.tpeVersion };
  return {
    type: 'general',
    ...common,
    deviceType: 'gateway',
    thingsproVersion: identity.tpeVersion,
    ...(identity.biosVersion === null ? {} : { biosVersion: identity.biosVersion }),
    lastRebootTime: '',
  };
}
