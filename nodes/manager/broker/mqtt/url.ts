import { CONTROL_CHARACTERS } from '../../shared/text.js';
import { TpeError } from '../../shared/tpe-error.js';

/** The protocols that the URL of a broker may have, each with its default port. */
export const MQTT_PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883, 'ws:': 80, 'wss:': 443 };

export const MQTT_URL_FORMS =
  'mqtt://host:1883, mqtts://host:8883, ws://host:8083/mqtt or wss://host:8084/mqtt';

/** Parses the URL of an MQTT broker. Throws INVALID_INPUT for anything else. */
export function readMqttUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  // Without the slashes a browser and Node.js would read different hosts from the URL.
  const isWritten = /^\w+:\/\/[^/]/.test(text.trim());
  if (url !== null && isWritten && url.hostname !== '' && Object.hasOwn(MQTT_PORTS, url.protocol)) return url;
  throw new TpeError('INVALID_INPUT', `The URL of the MQTT broker must look like ${MQTT_URL_FORMS}.`, {
    field: 'url',
  });
}

/** True if the URL asks for TLS. */
export function isSecure({ protocol }: Pick<URL, 'protocol'>): boolean {
  return protocol === 'mqtts:' || protocol === 'wss:';
}

/** True if the text can stand as the group in `$share/GROUP/filter` (MQTT 5, section 4.8.2). */
export function isSharedGroup(group: string): boolean {
  return /^[^/+#\s]{1,100}$/.test(group) && !CONTROL_CHARACTERS.test(group);
}
