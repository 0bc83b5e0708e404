import type { ClientTls } from './client-tls.js';

export type BrokerOptions =
  | ({ kind: 'embedded' } & EmbeddedOptions)
  | ({ kind: 'mqtt' } & MqttOptions)
  | ({ kind: 'emqx' } & EmqxOptions);

/** The MQTT broker in this process. */
export interface EmbeddedOptions {
  /** TCP listener; default 127.0.0.1. */
  host?: string;
  /** Default 1883; 0 picks a free one. */
  port?: number;
  /** TLS listener beside it. */
  tls?: { port: number; certFile: string; keyFile: string };
  /** MQTT over WebSocket beside it. */
  webSocket?: { port: number };
}

/** How the payload of a webhook without a mark of its own is to be read. */
export type PayloadReading = (typeof PAYLOAD_READINGS)[number];

export const PAYLOAD_READINGS = ['auto', 'plain', 'base64'] as const;

/** EMQX 4, 5 or 6 with its REST API. */
export interface EmqxOptions {
  /**
   * Of its REST API: `http://emqx:18083` (EMQX 5 and 6), `http://emqx:8081` (EMQX 4). Of the nodes of a cluster several, with
   * commas between: the first that answers is asked.
   */
  apiUrl: string;
  apiKey: string;
  apiSecret: string;
  /** PEM file with the CA of the REST API, where it is not one of the system's. */
  caFile?: string;
  /** More of TLS for the REST API, such as a client certificate. */
  tls?: ClientTls;
  /** Where connects, disconnects and answers come from: webhooks, or the MQTT connection. */
  events: 'webhook' | 'mqtt';
  /** How EMQX 4 was told to write payloads into webhooks, which do not say it themselves; default `auto`. */
  payloads?: PayloadReading;
  /** Commands go by it, and by REST where there is none. Needed where events come from it. */
  mqtt?: MqttOptions;
}

/** A connection to a remote MQTT broker. */
export interface MqttOptions {
  /** mqtt://, mqtts://, ws:// or wss://; several, with commas between, for the nodes of a cluster. */
  url: string;
  username?: string;
  password?: string;
  caFile?: string;
  /** More of TLS, such as a client certificate. */
  tls?: ClientTls;
  clientId?: string;
  /** Shares what comes in with the other managers of this group: each message goes to one of them (`$share/GROUP/`). */
  sharedGroup?: string;
}
