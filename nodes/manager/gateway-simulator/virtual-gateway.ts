import type { Socket } from 'node:net';
import { connect, type MqttClient } from 'mqtt';
import type { ClientTls } from '../broker/client-tls.js';
import { within } from '../shared/timeout.js';
import { messageOf } from '../shared/tpe-error.js';
import { createClock } from './clock.js';
import type { GatewayFaults } from './faults.js';
import { createGatewayApi } from './gateway-api.js';
import type { GatewayIdentity } from './identity.js';
import type { Json } from './resource-templates.js';
import { telemetrySample } from './telemetry.js';
import { type ApiAnswer, apiError, readRequest, styleOf, writeAnswer } from './wire.js';

export interface VirtualGatewayOptions {
  /** The broker, such as `mqtt://127.0.0.1:1883`. A login in it belongs to the manager, not to the gateway, and is ignored. */
  url: string;
  /** The certificates and options for TLS, where the URL is of that kind. */
  tls?: ClientTls;
  identity: GatewayIdentity;
  username: string;
  password: string;
  inputTopic: string;
  outputTopic: string;
  /** How long an answer takes, ms: at least, at most. */
  latencyMs: readonly [number, number];
  /** How long it is away when it reboots, ms. */
  rebootMs: number;
  /** How many times faster than a real gateway it upgrades. */
  timeScale: number;
  /** The pause before it connects again, ms. It varies by a quarter, so that gateways do not all connect at the same time. */
  retryMs: number;
  /** Called when the gateway has connected or disconnected. */
  onChange(): void;
}

export interface VirtualGateway {
  readonly identity: GatewayIdentity;
  /** True when it can receive requests: it is connected, and the broker has acknowledged its subscription. */
  isConnected(): boolean;
  /** Why it could not connect or subscribe; null while there is no fault. */
  fault(): string | null;
  /** Replaces all faults that were set before. */
  setFaults(faults: GatewayFaults): void;
  /** Connects now, and again whenever the connection is lost. */
  connect(): void;
  /** Ends the session with a DISCONNECT, and stays away until connect(). */
  disconnect(): void;
  /** Closes the socket without a DISCONNECT, as a lost link does. The gateway connects again by itself. */
  cut(): void;
  /** Goes away and comes back, as after PUT /system/reboot. */
  reboot(): void;
  /** Publishes a sample of its own tags; does nothing while it is not connected. */
  sendTelemetry(topic: string): void;
  /** Disconnects and drops pending answers and other timers; resolves when the socket is closed. */
  stop(): Promise<void>;
}

const KEEPALIVE_S = 60;
const CONNECT_TIMEOUT_MS = 10_000;
/** The time that an answer has to leave before its request cuts the connection, ms. */
const PARTING_MS = 200;
/** How long stop() waits for a broker that no longer acknowledges, ms. */
const STOP_MS = 1000;

/** Creates one gateway: a real MQTT 3.1.1 client with the API of TPE behind it. It does nothing before connect(). */
export function createVirtualGateway(options: VirtualGatewayOptions): VirtualGateway {
  const { identity } = options;
  const style = styleOf(identity.clientid);
  const timers = new Set<NodeJS.Timeout>();
  let faults: GatewayFaults = {};
  let client: MqttClient | null = null;
  let isSubscribed = false;
  let fault: string | null = null;
  let isWanted = false;
  /** The number of the latest absence; only the end of that one brings the gateway back. */
  let absences = 0;

  const clock = createClock(() => faults.clockOffsetMs ?? 0);
  const api = createGatewayApi({
    identity,
    clock,
    mqttClient: mqttClientOf(options),
    timeScale: options.timeScale,
    restartMs: options.rebootMs,
    upgradeFault: () => faults.upgrade,
    effects: { reboot, away, gone, later },
  });

  function later(work: () => void, afterMs: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      work();
    }, afterMs);
    timers.add(timer);
  }

  function open(): void {
    if (!isWanted || client !== null) return;
    const made = connect(withoutLogin(options.url), {
      clientId: identity.clientid,
      username: options.username,
      password: options.password,
      protocolVersion: 4,
      clean: true,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectPeriod: Math.round(options.retryMs * (0.75 + Math.random() / 2)),
      // A real gateway goes on trying, even after the broker refused its login.
      reconnectOnConnackError: true,
      resubscribe: false,
      queueQoSZero: false,
      // Else the library keeps a Buffer for each of 65,536 packet ids, 7 MB.
      writeCache: false,
      ...options.tls,
    });
    client = made;
    made.on('connect', () => {
      // Small packets must not wait for the TCP acknowledgement of earlier ones, which would delay answers.
      (made.stream as Partial<Socket>).setNoDelay?.(true);
      subscribe(made);
    });
    made.on('message', (_topic, payload) => receive(payload.toString('utf8')));
    made.on('error', (error) => lost(made, messageOf(error)));
    made.on('close', () => lost(made, fault));
  }

  function subscribe(made: MqttClient): void {
    made.subscribe(options.inputTopic, { qos: 1 }, (error) => {
      if (made !== client) return;
      isSubscribed = !error && made.connected;
      fault = error && made.connected ? `subscription refused: ${messageOf(error)}` : null;
      options.onChange();
    });
  }

  function lost(made: MqttClient, why: string | null): void {
    if (made !== client) return;
    isSubscribed = false;
    fault = why;
    options.onChange();
  }

  function leave(isPolite: boolean): void {
    const leaving = client;
    client = null;
    isSubscribed = false;
    leaving?.end(!isPolite);
    options.onChange();
  }

  /** Closes the connection for a while, as a gateway does that reboots or replaces its MQTT application. */
  function away(forMs: number, onReturn?: () => void): void {
    leave(false);
    const absence = ++absences;
    later(() => {
      if (absence !== absences) return;
      onReturn?.();
      open();
    }, forMs);
  }

  function gone(): void {
    isWanted = false;
    leave(false);
  }

  function reboot(): void {
    away(options.rebootMs, api.booted);
  }

  function receive(text: string): void {
    if (faults.silent) return;
    const read = readRequest(text, clock.now());
    if (!read.ok) return reply(read.answer);
    const { method, path, requestBody, requestId } = read.request;
    const answer: ApiAnswer = faults.errorStatus
      ? apiError(faults.errorStatus, 'told to fail')
      : api.handle(method, path, requestBody);
    reply(writeAnswer(requestId, answer, style, faults), answer.afterwards);
  }

  function reply(text: string, afterwards?: () => void): void {
    const [least, most] = options.latencyMs;
    later(
      () => {
        const copies = faults.lostAnswers ? 0 : faults.duplicateAnswers ? 2 : 1;
        for (let copy = 0; copy < copies; copy += 1) publish(options.outputTopic, text);
        if (afterwards) later(afterwards, PARTING_MS);
      },
      (faults.slowMs ?? 0) + least + Math.random() * (most - least),
    );
  }

  /** Publishes a message; while the gateway is not connected, the message is lost. */
  function publish(topic: string, text: string): void {
    if (!client?.connected) return;
    client.publish(topic, text, { qos: 1, retain: faults.retainedAnswer === true }, () => undefined);
  }

  return {
    identity,
    isConnected: () => isSubscribed && client?.connected === true,
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
    cut: () => void client?.stream.destroy(),
    reboot,
    sendTelemetry(topic) {
      publish(topic, telemetrySample(identity.clientid, clock.now()));
    },
    async stop() {
      isWanted = false;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      const leaving = client;
      client = null;
      isSubscribed = false;
      if (leaving !== null) await end(leaving);
    },
  };
}

/** Ends the session with a DISCONNECT, or closes the socket if the broker does not let that end in time. */
async function end(client: MqttClient): Promise<void> {
  await within(STOP_MS, client.endAsync(), () => client.endAsync(true));
}

function withoutLogin(text: string): string {
  const url = new URL(text);
  url.username = '';
  url.password = '';
  return url.href;
}

/** The gateway's own MQTT client as `/mqtt` shows it. */
function mqttClientOf(options: VirtualGatewayOptions): Json {
  const url = new URL(options.url);
  const isSecure = url.protocol === 'mqtts:' || url.protocol === 'wss:';
  return {
    id: 1,
    enable: true,
    status: 'connected',
    name: 'TPEDM',
    protocolVersion: '3.1.1',
    server: url.hostname,
    port: url.port === '' ? (isSecure ? 8883 : 1883) : Number(url.port),
    keepAliveSec: KEEPALIVE_S,
    handshakeTimeout: 10,
    retryInterval: Math.ceil(options.retryMs / 1000),
    clearSession: true,
    certificateOverTLS: isSecure,
    clientID: options.identity.clientid,
    userName: options.username,
    password: options.password,
    qos: 1,
    retain: false,
    remoteAPI: {
      enable: true,
      requestSubTopic: options.inputTopic,
      responsePubTopic: options.outputTopic,
      qos: 1,
      retain: false,
    },
  };
}
