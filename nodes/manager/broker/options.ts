import type { ClientTls } from './client-tls.js';

export type BrokerOptions =
  | ({ kind: 'embedded' } & EmbeddedOptions)
  | ({ kind: 'mqtt' } & MqttOptions)
  | ({ kind: 'emqx' } & EmqxOptions);

/** The MQTT broker in this process. */
export interface EmbeddedOptions {
  /** The address of all listeners; default 127.0.0.1. */
  host?: string;
  /** The port of the TCP listener; default 1883, and 0 picks a free one. */
  port?: number;
  /** A TLS listener in addition to TCP. */
  tls?: { port: number; certFile: string; keyFile: string };
  /** A listener for MQTT over WebSocket in addition to TCP. */
  webSocket?: { port: number };
}

/** How to read the payload in a webhook that does not state its own encoding. */
export type PayloadReading = (typeof PAYLOAD_READINGS)[number];

export const PAYLOAD_READINGS = ['auto', 'plain', 'base64'] as const;

/** EMQX 4, 5 or 6 with its REST API. */
export interface EmqxOptions {
  /**
   * The URL of its REST API: `http://emqx:18083` (EMQX 5 and 6), `http://emqx:8081` (EMQX 4). For a cluster, the URLs of several nodes
   * separated by commas: the manager uses the first that answers.
   */
  apiUrl: string;
  apiKey: string;
  apiSecret: string;
  /** PEM file with the CA of the REST API, if the system does not know that CA. */
  caFile?: string;
  /** More TLS options for the REST API, such as a client certificate. */
  tls?: ClientTls;
  /** How connects, disconnects and answers arrive: by webhooks or by the MQTT connection. */
  events: 'webhook' | 'mqtt';
  /** How EMQX 4 is set to encode payloads in webhooks, which do not state it; default `auto`. */
  payloads?: PayloadReading;
  /** The MQTT connection for commands; without it they go by REST. Required if `events` is `mqtt`. */
  mqtt?: MqttOptions;
}

/** A connection to a remote MQTT broker. */
export interface MqttOptions {
  /** mqtt://, mqtts://, ws:// or wss://; for a cluster, the URLs of several nodes separated by commas. */
  url: string;
  username?: string;
  password?: string;
  caFile?: string;
  /** More TLS options, such as a client certificate. */
  tls?: ClientTls;
  clientId?: string;
  /** The group of managers that share the messages: each message goes to one of them (`$share/GROUP/`). */
  sharedGroup?: string;
}
